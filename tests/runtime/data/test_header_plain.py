"""Headers judged at once, without pydicom, say what the long way says of them, or are left to it."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from runtime.data.catalogue import Skipped
from runtime.data.facts import Facts
from runtime.data.judge import judge, judge_at_once
from tests.builders.dicom import dicom, enhanced, gradient

HEADER_BYTES = 1200  # of the files below; behind them lie pixels
REAL = ("dicom_zoo", "attacks", "dicom_series")


def both(path: Path) -> tuple[Facts | Skipped | None, Facts | Skipped]:
    """What the short way and the long way say of a file."""
    return judge_at_once(str(path.parent), path.name), judge(path.parent, path.name)


def nested(depth: int) -> Sequence:
    """Sequences within sequences."""
    inner = Dataset()
    inner.CodeValue = "1"
    inner.PatientID = "NOT THE PATIENT"
    if depth:
        inner.RequestAttributesSequence = nested(depth - 1)
    other = Dataset()
    other.CodeValue = "2"
    return Sequence([inner, other])


def undefined(path: Path, depth: int = 2, **options: object) -> Path:
    """A file with a sequence of undefined length, as many archives write them."""
    dicom(path, gradient(), position=(1, 2, 3), RequestAttributesSequence=nested(depth), **options)
    dataset = dcmread(path)
    _open_ends(dataset)
    dataset.save_as(path)
    return path


def _open_ends(dataset: Dataset) -> None:
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for number, item in enumerate(element.value):
                item.is_undefined_length_sequence_item = number % 2 == 0
                _open_ends(item)


KINDS: dict[str, Callable[[Path], Path]] = {
    "plain": lambda path: dicom(path, gradient(), position=(1, 2, 3), slope=2, intercept="-1024"),
    "implicit": lambda path: undefined(path, syntax=ImplicitVRLittleEndian, slope="1.5"),
    "nested": undefined,
    "noted": lambda path: dicom(
        path,
        gradient(),
        photometric="MONOCHROME1",
        ImageType=["DERIVED", "SECONDARY", "LOCALIZER"],
        BurnedInAnnotation="YES",
        WindowWidth=[0.5, 40],
        WindowCenter=[1, 40],
        PixelPaddingValue=0,
        EchoTime="12.50",
        AcquisitionNumber=3,
        TriggerTime="7",
        DiffusionBValue=800.0,
        FrameOfReferenceUID="1.2.3.4",
        Manufacturer="Maker",
        SpecificCharacterSet=["", "ISO 2022 IR 87"],
    ),
    "cut": lambda path: dicom(path, gradient(), Rows=5000),
    "detector": lambda path: dicom(path, gradient(), spacing=None, ImagerPixelSpacing=[0.2, 0.2], Modality="CR"),
    "colour": lambda path: dicom(path, gradient(8, 24).reshape(8, 8, 3).astype("uint8"), photometric="RGB"),
    "frames": lambda path: dicom(path, gradient(8, 8).reshape(2, 4, 8)),
}  # fmt: skip
ORDINARY = tuple(name for name in KINDS)


@pytest.mark.parametrize("kind", ORDINARY)
def test_that_ordinary_headers_are_judged_at_once_as_by_the_long_way(tmp_path, kind):
    at_once, long = both(KINDS[kind](tmp_path / "a.dcm"))
    assert at_once == long
    assert repr(at_once) == repr(long)  # numbers that are equal but of another type, or another zero


def test_that_a_header_longer_than_the_first_bytes_read_is_judged_at_once(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient(), ImageComments="word " * 2000, EncapsulatedDocument=b"x" * 100_000)
    at_once, long = both(path)
    assert at_once == long


@pytest.mark.parametrize(
    "make",
    [
        partial(enhanced, stored=gradient(8, 8).reshape(2, 4, 8), scales=[(1, 0), (1, 0)]),
        partial(dicom, stored=gradient(), syntax=ExplicitVRBigEndian),
        partial(dicom, stored=gradient(), syntax="1.2.840.10008.1.2.1.99"),
        partial(dicom, stored=gradient(), preamble=False),
        partial(dicom, stored=gradient(), PatientID="Müller", SpecificCharacterSet="ISO_IR 192"),
        partial(undefined, depth=20),
    ],
)
def test_that_what_is_out_of_the_ordinary_is_left_to_the_long_way(tmp_path, make):
    assert both(make(tmp_path / "a.dcm"))[0] is None


def test_that_what_is_no_file_is_left_alone(tmp_path):
    (tmp_path / "folder").mkdir()
    assert judge_at_once(str(tmp_path), "folder") is None
    assert judge_at_once(str(tmp_path), "nothing") is None


def test_that_all_real_files_judged_at_once_are_judged_as_by_the_long_way(real_data):
    told = 0
    for path in sorted(path for name in REAL for path in (real_data / name).rglob("*")):
        at_once = judge_at_once(str(path.parent), path.name) if path.is_file() else None
        if at_once is not None:
            told += 1
            long = judge(path.parent, path.name)
            assert repr(at_once) == repr(long), path
            assert at_once == long, path
    assert told > 380


@pytest.mark.parametrize("kind", ORDINARY)
def test_that_every_cut_of_a_header_is_judged_alike(tmp_path, kind):
    path = KINDS[kind](tmp_path / "a.dcm")
    whole = path.read_bytes()
    for length in [*range(0, HEADER_BYTES, 11), len(whole) - 1]:
        path.write_bytes(whole[:length])
        at_once, long = both(path)
        assert at_once is None or at_once == long


Changes = list[tuple[int, int, bytes]]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(ORDINARY),
    changes=st.lists(
        st.tuples(
            st.integers(128, HEADER_BYTES),
            st.integers(0, 8),
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from([
                    b"\xff\xff\xff\xff", b"\0\0\0\0", b"SQ\0\0\xff\xff\xff\xff", b"UN", b"OB", b"US\2\0", b"\\",
                    b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0", b" ", b",", b"-",
                ]),
            ),
        ),
        min_size=1,
        max_size=4,
    ),
    length=st.integers(0, HEADER_BYTES * 2),
)  # fmt: skip
@example(kind="nested", changes=[], length=300)
def test_that_changed_headers_are_judged_alike_or_left_to_the_long_way(
    tmp_path: Path, kind: str, changes: Changes, length: int
) -> None:
    """Bytes replaced, left out or put in anywhere; now and then the end is cut off."""
    made = tmp_path / f"{kind}.made"
    if not made.exists():
        KINDS[kind](made)
    content = bytearray(made.read_bytes())
    for place, gone, new in changes:
        content[place : place + gone] = new
    path = tmp_path / "changed.dcm"
    path.write_bytes(content[:length] if length < HEADER_BYTES else content)
    at_once, long = both(path)
    assert at_once is None or repr(at_once) == repr(long)


def test_that_values_swapped_between_headers_are_judged_alike(tmp_path):
    """The bytes of one value in place of another's: badly written numbers, texts where numbers belong."""
    path = KINDS["noted"](tmp_path / "a.dcm")
    whole, copy = path.read_bytes(), tmp_path / "b.dcm"
    shutil.copy(path, copy)
    for old in (b"12.50 ", b"0.5\\40", b"1.2.3.4", b"DERIVED", b"MONOCHROME1 ", b"YES ", b"1.0\\1.0 ", b"\x08\0"):
        for new in (b"nan", b"1,5", b"", b"-0", b"1e9", b"\\", b"Inf", b"\xff\xfe", b"\0\0", b" 7 "):
            copy.write_bytes(whole.replace(old, new.ljust(len(old))[: len(old)]))
            at_once, long = both(copy)
            assert at_once is None or repr(at_once) == repr(long), (old, new)
