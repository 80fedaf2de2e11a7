"""The short way gives what the long way gives, and leaves to it whatever is out of the ordinary."""

from pathlib import Path

import numpy as np
import pytest

from runtime.data.child import DEPTH, Child
from runtime.data.dicom import read_frames
from runtime.data.dicom_plain import read_plain
from runtime.data.faults import FileFault
from runtime.data.pool import Decoded, Request, decode
from tests.builders.dicom import dicom, gradient


@pytest.mark.parametrize(
    ("stored", "facts"),
    [
        (gradient(), {}),
        (gradient().astype(np.uint8), {}),
        (gradient().astype(np.int16) - 300, {"slope": 1, "intercept": -1024}),
        (gradient(), {"slope": 0.3, "intercept": "-0.7"}),
        (gradient(), {"bits": 12, "slope": 2}),
    ],
)
def test_that_plain_files_are_read_as_by_the_long_way(tmp_path: Path, stored: np.ndarray, facts: dict) -> None:
    path = dicom(tmp_path / "a.dcm", stored, **facts)
    plain = read_plain(path)
    assert plain is not None
    assert plain.dtype == np.float32
    assert np.array_equal(plain, read_frames(path))


def test_that_junk_above_the_stored_bits_is_cleared(tmp_path: Path) -> None:
    path = dicom(tmp_path / "a.dcm", gradient() | 0xF000, bits=12)
    assert np.array_equal(read_plain(path), read_frames(path))


@pytest.mark.parametrize("facts", [{"photometric": "MONOCHROME1"}, {"slope": 0}, {"slope": ""}])
def test_that_files_out_of_the_ordinary_are_left_to_the_long_way(tmp_path: Path, facts: dict) -> None:
    assert read_plain(dicom(tmp_path / "a.dcm", gradient(), **facts)) is None


@pytest.mark.parametrize("slope", [b"1,50", b" nan", b"1\\2 ", b"inf "])
def test_that_a_slope_that_is_no_plain_number_is_left_to_the_long_way(tmp_path: Path, slope: bytes) -> None:
    path = dicom(tmp_path / "a.dcm", gradient(), slope="1.25")
    path.write_bytes(path.read_bytes().replace(b"1.25", slope))
    assert read_plain(path) is None


def test_that_cut_and_foreign_files_are_left_to_the_long_way(tmp_path: Path) -> None:
    path = dicom(tmp_path / "a.dcm", gradient())
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, 7):
        path.write_bytes(whole[:length])
        assert read_plain(path) is None


def test_that_flipped_bytes_never_end_the_reader(tmp_path: Path) -> None:
    path = dicom(tmp_path / "a.dcm", gradient())
    whole, chance = bytearray(path.read_bytes()), np.random.default_rng(0)
    for _ in range(300):
        broken = bytearray(whole)
        for place in chance.integers(132, len(whole), 3):
            broken[place] = chance.integers(256)
        path.write_bytes(broken)
        plain = read_plain(path)
        assert plain is None or plain.dtype == np.float32


def test_that_every_plain_file_of_the_real_data_is_read_as_by_the_long_way(real_data: Path) -> None:
    short = 0
    for path in sorted((real_data / "dicom_zoo").rglob("*")):
        plain = read_plain(path) if path.is_file() else None
        if plain is not None:
            short += 1
            assert np.array_equal(plain, read_frames(path)), path.name
    assert short > 40


def test_that_answers_through_shared_memory_are_those_through_the_pipe(tmp_path: Path) -> None:
    """The first answers of a child come through the pipe, later ones of the same size through shared memory."""
    images = [np.full((40, 30 + number % 3), number, np.uint16) for number in range(12)]
    paths = [dicom(tmp_path / f"{number}.dcm", image) for number, image in enumerate(images)]
    answers = list(decode([Request(path, "dicom") for path in paths], workers=1))
    for image, answer in zip(images, answers, strict=True):
        assert isinstance(answer, Decoded)
        assert np.array_equal(answer.array[0, 0], image)


def test_that_a_child_answers_requests_that_were_sent_ahead_in_order(tmp_path: Path) -> None:
    words = [
        {"path": str(dicom(tmp_path / f"{n}.dcm", np.full((4, 4), n, np.uint16))), "kind": "dicom", "mask": False}
        for n in range(DEPTH)
    ]
    child = Child()
    try:
        for round_ in range(3):
            for request in words:
                child.send(request)
            found = [child.receive(60) for _ in words]
            assert [int(array[0, 0, 0, 0]) for array in found if isinstance(array, np.ndarray)] == [0, 1], round_
    finally:
        child.close()


def test_that_files_the_long_way_refuses_are_not_read_by_the_short_one(real_data: Path) -> None:
    for path in sorted((real_data / "attacks").rglob("*.dcm")):
        if read_plain(path) is not None:
            try:
                read_frames(path)
            except FileFault as fault:
                pytest.fail(f"{path.name}: {fault}")
