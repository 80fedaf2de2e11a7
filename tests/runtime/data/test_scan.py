"""A scan accounts for every file and says in words what it found."""

import os
import random
import shutil
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runtime.data.catalogue import DataError
from runtime.data.faults import Cancelled
from runtime.data.scan import scan
from tests.builders.dicom import dicom, enhanced, gradient
from tests.runtime.data.test_pool import UNREADABLE


def reasons(catalogue):
    """Path and reason of each skipped file."""
    return {item.path: item.reason for item in catalogue.skipped}


def stack(folder, places, **options):
    """One series with a slice at each place (mm along z), names out of order."""
    for index, place in enumerate(places):
        dicom(folder / f"{97 * index % 101:03}.dcm", gradient(), position=(0, 0, place), instance=index, **options)
    return scan(folder).series[0]


def test_that_files_are_judged_by_content_not_by_name(tmp_path):
    dicom(tmp_path / "a" / "scan.png", gradient())
    dicom(tmp_path / "a" / "IM0001", gradient())
    Image.fromarray(gradient(dtype="uint8")).save(tmp_path / "a" / "b.dcm", format="PNG")
    catalogue = scan(tmp_path)
    assert {item.path: item.kind for item in catalogue.found} == {
        "a/scan.png": "dicom",
        "a/IM0001": "dicom",
        "a/b.dcm": "image",
    }


def test_that_neighbours_are_skipped_by_kind(tmp_path):
    for name, content in {
        ".DS_Store": b"x",
        "Thumbs.db": b"x",
        "DICOMDIR": b"x",
        ".hidden": b"x",
        "labels.csv": b"a,b\n",
        "said.json": b"{}",
        "notes.txt": b"text",
        "empty.dcm": b"",
        "paper.pdf": b"%PDF-1.4",
        "study.zip": b"PK\x03\x04abc",
    }.items():
        (tmp_path / name).write_bytes(content)
    catalogue = scan(tmp_path)
    assert catalogue.files == len(catalogue.skipped) == 10
    said = reasons(catalogue)
    assert "hidden" in said[".hidden"]
    assert "CSV" in said["labels.csv"]
    assert "JSON" in said["said.json"]
    assert "0 bytes" in said["empty.dcm"]
    assert "PDF" in said["paper.pdf"]
    assert "unpack" in said["study.zip"]
    assert "None of the 10 files" in catalogue.problems[0]


def test_that_a_file_without_preamble_has_a_second_chance_and_a_note(tmp_path):
    dicom(tmp_path / "bare", gradient(), preamble=False)
    (tmp_path / "liar").write_bytes(b"\x08\0\x05\0CS\x02\0" + b"nonsense" * 40)
    catalogue = scan(tmp_path)
    assert [item.path for item in catalogue.found] == ["bare"]
    assert "preamble" in catalogue.found[0].notes[0]
    assert set(reasons(catalogue)) == {"liar"}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_that_links_never_lead_out_or_round_in_circles(tmp_path):
    data, outside = tmp_path / "data", tmp_path / "outside"
    dicom(data / "a.dcm", gradient())
    dicom(outside / "secret.dcm", gradient())
    (data / "loop").symlink_to(data)
    (data / "away").symlink_to(outside)
    (data / "twice.dcm").symlink_to(data / "a.dcm")
    (data / "gone.dcm").symlink_to(data / "missing")
    os.mkfifo(data / "pipe")
    catalogue = scan(data)
    assert [item.path for item in catalogue.found] == ["a.dcm"]
    assert catalogue.files == 6
    assert "out of the folder" in reasons(catalogue)["away"]
    assert "a.dcm" in reasons(catalogue)["twice.dcm"]
    assert "nowhere" in reasons(catalogue)["gone.dcm"]
    assert "pipe" in reasons(catalogue)["pipe"]


def test_that_badly_written_headers_do_not_lose_the_file(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient(), slope="1.5", patient="MUELLER")
    raw = path.read_bytes()
    raw = raw.replace(b"1.5 ", b"1,5 ").replace(b"IS\x02\x001 ", b"IS\x02\x001A").replace(b"1.0\\1.0 ", b"0,6\\0,6 ")
    path.write_bytes(raw)
    (found,) = scan(tmp_path).found
    assert found.patient == "MUELLER"
    assert found.spacing_mm == (0.6, 0.6)
    assert found.instance is None
    assert any("1A" in note for note in found.notes)
    assert any("decimal comma" in note for note in found.notes)


def test_that_the_words_of_the_reader_reach_neither_warnings_nor_logs(tmp_path, caplog):
    """pydicom warns twice: by `warnings`, an error in these tests, and by its logger."""
    path = dicom(tmp_path / "a.dcm", gradient(), series="1.2.3.777")
    path.write_bytes(path.read_bytes().replace(b"1.2.3.777", b"1.2.x.777"))
    (found,) = scan(tmp_path).found
    assert found.series == "1.2.x.777"
    assert caplog.records == []


@pytest.mark.parametrize("character_set", ["ISO_IR 999", "nonsense", "\\ISO_IR 87"])
def test_that_an_unknown_character_set_does_not_lose_the_file(tmp_path, character_set):
    # The stand-in is a name that pydicom will write; a text of the same length replaces it in the file.
    path = dicom(tmp_path / "a.dcm", gradient(), SpecificCharacterSet="ISO_IR 100", ProtocolName="ISO_IR 100")
    path.write_bytes(path.read_bytes().replace(b"ISO_IR 100", character_set.ljust(10).encode()))
    (found,) = scan(tmp_path).found
    assert found.patient == "P1"


def test_that_a_deflated_bomb_is_not_unpacked(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient(), syntax="1.2.840.10008.1.2.1.99")
    raw = path.read_bytes()
    start = 144 + int.from_bytes(raw[140:144], "little")
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = squeeze.compress(zlib.decompress(raw[start:], -zlib.MAX_WBITS) + bytes(2**26)) + squeeze.flush()
    path.write_bytes(raw[:start] + packed)
    catalogue = scan(tmp_path)
    assert "unpacks" in reasons(catalogue)["a.dcm"]


def test_that_a_deflated_file_is_found(tmp_path):
    dicom(tmp_path / "a.dcm", gradient(), syntax="1.2.840.10008.1.2.1.99")
    assert len(scan(tmp_path).found) == 1


def test_that_sizes_beyond_the_budget_are_named(tmp_path):
    dicom(tmp_path / "a.dcm", gradient(), Rows=60000, Columns=60000)
    assert "60000×60000" in reasons(scan(tmp_path))["a.dcm"]


def test_that_a_file_that_ends_too_early_is_skipped(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient(64, 64))
    path.write_bytes(path.read_bytes()[:-100])
    assert "ends too early" in reasons(scan(tmp_path))["a.dcm"]


@pytest.mark.parametrize(
    ("options", "words"), [({"slope": ""}, "empty RescaleSlope"), ({"slope": 0}, "RescaleSlope 0")]
)
def test_that_a_meaningless_rescale_is_found_before_training(tmp_path, options, words):
    dicom(tmp_path / "a.dcm", gradient(), **options)
    assert words in reasons(scan(tmp_path))["a.dcm"]


def test_that_missing_and_zero_frames_mean_one(tmp_path):
    dicom(tmp_path / "a.dcm", gradient())
    dicom(tmp_path / "b.dcm", gradient(), frames=0)
    assert [item.frames for item in scan(tmp_path).found] == [1, 1]


def test_that_spacing_comes_from_positions_whatever_the_names(tmp_path):
    series = stack(tmp_path, [0, 2.5, 5, 7.5], spacing=(0.5, 0.7))
    assert series.spacing_mm == (2.5, 0.5, 0.7)
    assert series.problems == ()


def test_that_a_gap_is_named_with_both_files(tmp_path):
    series = stack(tmp_path, [0, 2, 4, 8, 10])
    assert series.spacing_mm == (2, 1, 1)
    (problem,) = series.problems
    assert "1 slice missing between" in problem
    assert "2.00 mm expected, 4.00 mm found" in problem


def test_that_a_copy_is_used_once_and_listed(tmp_path):
    stack(tmp_path, [0, 2, 4])
    shutil.copy(next(tmp_path.glob("*.dcm")), tmp_path / "zcopy.dcm")
    catalogue = scan(tmp_path)
    (series,) = catalogue.series
    assert "1 duplicate of an image" in series.problems[0]
    assert series.spacing_mm == (2, 1, 1)
    assert "is a copy of" in reasons(catalogue)["zcopy.dcm"]
    assert catalogue.files == 4 == len(catalogue.found) + len(catalogue.skipped)


def test_that_mixed_sizes_and_orientations_are_named(tmp_path):
    dicom(tmp_path / "a", gradient(), position=(0, 0, 0))
    dicom(tmp_path / "b", gradient(4, 4), position=(0, 0, 1), orientation=(1, 0, 0, 0, 0, -1))
    problems = " ".join(scan(tmp_path).series[0].problems)
    assert "mixes 2 image sizes" in problems
    assert "mixes orientations" in problems


def test_that_a_leaning_stack_is_named(tmp_path):
    for index in range(4):
        dicom(tmp_path / str(index), gradient(), position=(0, index * 0.5, index * 2.0))
    assert "gantry tilt" in scan(tmp_path).series[0].problems[0]


def test_that_without_positions_the_step_is_unknown(tmp_path):
    dicom(tmp_path / "a", gradient(), SliceThickness=3)
    assert scan(tmp_path).series[0].spacing_mm is None


def test_that_a_multi_frame_object_gives_its_places_and_spacing(tmp_path):
    enhanced(tmp_path / "a.dcm", np.zeros((3, 4, 4), np.uint16), [(1, 0)] * 3, step=2.0)
    catalogue = scan(tmp_path)
    assert catalogue.found[0].frames == 3
    assert catalogue.series[0].frames == 3
    assert catalogue.series[0].spacing_mm == (2.0, 0.5, 0.5)


def test_that_plain_images_have_one_row_per_folder(tmp_path):
    for name in ("a/1.png", "a/2.png", "b/1.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(gradient(dtype="uint8")).save(tmp_path / name)
    assert [(row.uid, row.slices) for row in scan(tmp_path).series] == [("a", 2), ("b", 1)]


def test_that_progress_is_told_and_the_scan_can_be_stopped(tmp_path):
    for index in range(3):
        dicom(tmp_path / str(index), gradient())
    told = []
    scan(tmp_path, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(Cancelled):
        scan(tmp_path, cancelled=lambda: True)


def test_that_a_folder_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(DataError, match="There is no folder"):
        scan(tmp_path / "nothing")


def test_that_an_empty_folder_is_said_so(tmp_path):
    assert "is empty" in scan(tmp_path).problems[0]


def test_that_found_files_carry_their_size_and_time(tmp_path):
    path = dicom(tmp_path / "a.dcm", gradient())
    (found,) = scan(tmp_path).found
    assert (found.bytes, found.modified_ns) == (path.stat().st_size, path.stat().st_mtime_ns)


def test_that_every_file_of_the_zoo_is_accounted_for(real_data):
    catalogue = scan(real_data / "dicom_zoo")
    assert catalogue.files == 387 == len(catalogue.found) + len(catalogue.skipped)
    assert len({item.path for item in catalogue.found} | set(reasons(catalogue))) == 387
    assert all(item.reason.strip() for item in catalogue.skipped)


def test_that_a_real_series_is_sorted_by_place_with_its_true_spacing(real_data):
    catalogue = scan(real_data / "dicom_series")
    rows = {row.slices: row for row in catalogue.series}
    assert rows[22].spacing_mm == pytest.approx((1.0, 0.78125, 0.78125))
    assert rows[192].spacing_mm == pytest.approx((0.9, 0.859375, 0.859375), rel=1e-4)
    assert rows[22].problems == rows[192].problems == ()
    assert "share a place" in rows[20].problems[0]
    assert catalogue.patients == 3


def test_that_renamed_and_shuffled_files_give_the_same_series(real_data, tmp_path):
    source = real_data / "dicom_series" / "ct_chest_lidc0314"
    for index, file in enumerate(sorted(source.glob("*.dcm"), reverse=True)):
        shutil.copy(file, tmp_path / f"{index * 7 % 22}.img")
    before, after = scan(source), scan(tmp_path)
    (one,), (other,) = before.series, after.series
    assert (one.spacing_mm, one.problems, one.verdict) == (other.spacing_mm, other.problems, other.verdict)
    contents = [
        [(folder / place.path).read_bytes() for place in row.stacks[0].slices]
        for folder, row in ((source, one), (tmp_path, other))
    ]
    assert contents[0] == contents[1]
    assert sorted(item.position_mm for item in before.found) == sorted(item.position_mm for item in after.found)


def test_that_the_failing_series_of_dicom2nifti_are_named(real_data):
    folder = real_data / "dicom_zoo" / "dicom2nifti" / "failing"
    said = {Path(row.name).name: " ".join(scan(row).series[0].problems) for row in folder.iterdir()}
    assert "gantry tilt" in said["gantrytilting"]
    assert "missing between" in said["sliceincrement"]
    assert "mixes orientations" in said["sliceorientation"]


def test_that_the_attack_file_is_listed_without_decoding(real_data):
    catalogue = scan(real_data / "attacks")
    assert catalogue.files == 1 == len(catalogue.found)


def test_that_damaged_files_never_end_a_scan(real_data, tmp_path):
    chance = random.Random(0)
    files = [path for path in sorted((real_data / "dicom_zoo").rglob("*")) if path.is_file()]
    files += sorted((real_data / "segmentation" / "hippocampus_msd" / "labels").iterdir())
    files += sorted((real_data / "segmentation" / "nuclei_dsb2018" / "masks").iterdir())
    for index in range(400):
        content = bytearray(chance.choice(files).read_bytes()[:200_000])
        for _ in range(chance.choice([1, 4, 20])):
            place = chance.randrange(min(len(content), chance.choice([700, 5000])))
            content[place : place + 4] = chance.choice([bytes([chance.randrange(256)] * 4), b"\xff" * 4, b""])
        (tmp_path / f"{index}").write_bytes(content)
    catalogue = scan(tmp_path)
    assert catalogue.files == 400 == len(catalogue.found) + len(catalogue.skipped)


def test_that_a_hidden_folder_counts_as_no_file(tmp_path):
    (tmp_path / ".hidden").mkdir()
    catalogue = scan(tmp_path)
    assert (catalogue.files, [item.folder for item in catalogue.skipped]) == (0, [True])
    assert catalogue.problems[0].startswith("Nothing in ")


def test_that_an_entry_that_may_not_be_looked_at_is_skipped_with_its_reason(tmp_path, monkeypatch):
    folder = tmp_path / "images"
    (folder / "sub").mkdir(parents=True)
    Image.new("L", (8, 8)).save(folder / "sub" / "a.png")
    (folder / "cwd").symlink_to(tmp_path / "guarded")
    (folder / "strange").mkdir()
    stat, realpath = os.stat, os.path.realpath

    def refused(path, *args, **options):
        if str(path).endswith("guarded"):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, *args, **options)

    def unresolved(path, *args, **options):
        if str(path).endswith("strange"):
            raise OSError(5, "Input/output error", str(path))
        return realpath(path, *args, **options)

    monkeypatch.setattr(os, "stat", refused)
    monkeypatch.setattr(os.path, "realpath", unresolved)
    catalogue = scan(folder)
    assert [item.path for item in catalogue.found] == ["sub/a.png"]
    assert reasons(catalogue) == {
        "cwd": "is a link to something that cannot be opened: Permission denied",
        "strange": "cannot be looked at: Input/output error",
    }


def test_that_a_scan_of_the_zoo_decodes_every_image_that_can_be(real_data):
    folder = real_data / "dicom_zoo"
    told = []
    catalogue = scan(folder, decoding=True, on_decoded=lambda done, total: told.append((done, total)))
    assert catalogue.files == 387 == len(catalogue.found) + len(catalogue.skipped)
    assert told[-1][0] == told[-1][1] == len(told)
    undecoded = {item.path.rpartition("/")[2] for item in catalogue.skipped if "decode" in item.reason}
    assert undecoded == {name for name, words in UNREADABLE.items() if "decoder" in words and "liver" not in name}
    left = [item for item in catalogue.skipped if item.image]
    assert all(" and " in item.reason or "copy of" in item.reason or "beside" in item.reason for item in left)
    fifteen = [item.path for item in catalogue.found if "cornerstone3D/CTImage" in item.path]
    assert len(fifteen) == 12  # of fifteen: three syntaxes have no permissive decoder


def test_that_a_scan_reports_the_file_that_hangs_its_decoder_and_goes_on(real_data, tmp_path):
    shutil.copy(real_data / "attacks" / "jp2_zero_length_box.dcm", tmp_path / "attack.dcm")
    dicom(tmp_path / "good.dcm", gradient())
    catalogue = scan(tmp_path, decoding=True, seconds=2)
    assert [item.path for item in catalogue.found] == ["good.dcm"]
    assert reasons(catalogue) == {"attack.dcm": "took longer than 2 s"}
