"""DICOM segmentations and structure sets as masks: matched to their images, filled, and told where they do not fit."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import RTStructureSetStorage, SegmentationStorage

from runtime.data.cache import load_images
from runtime.data.catalogue import DataSet
from runtime.data.labels import read_dataset
from runtime.data.masks import read_mask
from runtime.data.places import Grid
from runtime.data.rtstruct import filled
from runtime.data.scan import scan
from tests.builders.dicom import dicom
from tests.builders.outlines import rtstruct, seg, series


def texts(dataset: DataSet) -> str:
    return " ".join((*dataset.said, *dataset.warnings))


def masks(dataset: DataSet) -> list[np.ndarray]:
    return [read_mask(Path(dataset.folder) / (sample.mask or "")) for sample in dataset.samples]


def area(rows: slice, columns: slice) -> np.ndarray:
    made = np.zeros((8, 10), np.uint8)
    made[rows, columns] = 1
    return made


LEFT, RIGHT = area(slice(1, 5), slice(0, 4)), area(slice(3, 8), slice(2, 9))


@pytest.mark.parametrize("referenced", [True, False])
def test_that_segments_become_classes_by_reference_or_by_place_and_empty_slices_background(
    tmp_path: Path, referenced: bool
) -> None:
    images = series(tmp_path, [0.0, 3.0, 6.0])
    seg(tmp_path / "seg.dcm", [(1, 0.0, LEFT), (2, 3.0, RIGHT)], images=images, referenced=referenced)
    dataset = read_dataset(tmp_path)
    assert (dataset.label, dataset.classes) == ("mask", ("background", "liver", "tumour"))
    first, second, third = masks(dataset)
    assert np.array_equal(first, LEFT)
    assert np.array_equal(second, 2 * RIGHT)
    assert not third.any()
    assert dataset.pixel_counts == (240 - 16 - 35, 16, 35)


def test_that_overlapping_segments_are_told_and_the_last_counts(tmp_path: Path) -> None:
    images = series(tmp_path, [0.0])
    seg(tmp_path / "seg.dcm", [(2, 0.0, RIGHT), (1, 0.0, LEFT)], images=images)
    dataset = read_dataset(tmp_path)
    (mask,) = masks(dataset)
    assert np.array_equal(mask, np.where(RIGHT, 2, LEFT))
    assert "Outlines overlap in 1 image; the one named last counts there: ct0.dcm (4 pixels)" in texts(dataset)


def test_that_a_fractional_segmentation_counts_from_one_half(tmp_path: Path) -> None:
    images = series(tmp_path, [0.0])
    levels = np.tile(np.arange(10, dtype=np.uint8) * 20, (8, 1))
    seg(tmp_path / "seg.dcm", [(1, 0.0, levels)], ["liver"], images=images, fractional=200)
    (mask,) = masks(read_dataset(tmp_path))
    assert np.array_equal(mask, (levels >= 100).astype(int))


def test_that_a_segmentation_of_another_spacing_is_told_with_both(tmp_path: Path) -> None:
    images = series(tmp_path / "a", [0.0])
    series(tmp_path / "b", [0.0], SeriesInstanceUID="1.2.3.9")
    seg(tmp_path / "good.dcm", [(1, 0.0, LEFT)], images=images)
    wrong = series(tmp_path / "c", [5.0], SeriesInstanceUID="1.2.3.7")
    seg(tmp_path / "wrong.dcm", [(1, 5.0, LEFT)], images=wrong, spacing=(1.0, 1.0))
    dataset = read_dataset(tmp_path)
    assert [sample.path for sample in dataset.samples] == ["a/ct0.dcm"]
    said = texts(dataset)
    assert "c/ct0.dcm has a spacing of 2, 0.5 mm and its segmentation wrong.dcm 1, 1 mm" in said
    assert "1 image has no outlines in any segmentation or structure set and is not used: b/ct0.dcm" in said


def test_that_frames_on_no_image_and_files_of_other_images_are_told(tmp_path: Path) -> None:
    images = series(tmp_path, [0.0])
    seg(tmp_path / "seg.dcm", [(1, 0.0, LEFT), (1, 99.0, LEFT)], images=images)
    elsewhere = series(tmp_path.parent / f"{tmp_path.name}-elsewhere", [50.0], SeriesInstanceUID="1.2.3.8")
    seg(tmp_path / "other.dcm", [(1, 50.0, LEFT)], images=elsewhere)
    said = texts(read_dataset(tmp_path))
    assert "1 frame of seg.dcm lies on no image of the folder" in said
    assert "other.dcm (SEG) belongs to no image of the folder" in said


def ring(z: float, left: float, top: float, right: float, bottom: float) -> list[tuple[float, float, float]]:
    """A rectangle around pixels of the series: columns left to right, rows top to bottom, both included."""
    x0, x1 = 10 + (left - 0.4) * 0.5, 10 + (right + 0.4) * 0.5
    y0, y1 = 20 + (top - 0.4) * 2, 20 + (bottom + 0.4) * 2
    return [(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)]


def test_that_contours_are_filled_in_patient_coordinates_and_inner_ones_are_holes(tmp_path: Path) -> None:
    images = series(tmp_path, [0.0, 3.0])
    regions = {"lung": [ring(3.0, 1, 1, 8, 6), ring(3.0, 3, 3, 5, 4)], "node": [ring(0.0, 0, 0, 0, 0)]}
    rtstruct(tmp_path / "rs.dcm", regions, images)
    dataset = read_dataset(tmp_path)
    assert dataset.classes == ("background", "lung", "node")
    first, second = masks(dataset)
    expected = area(slice(1, 7), slice(1, 9)) - area(slice(3, 5), slice(3, 6))
    assert np.array_equal(second, expected)
    assert (first == 2).sum() == 1
    assert first[0, 0] == 2


def test_that_contours_off_any_slice_and_open_ones_are_told(tmp_path: Path) -> None:
    images = series(tmp_path, [0.0, 3.0])
    rtstruct(tmp_path / "rs.dcm", {"lung": [ring(0.0, 1, 1, 4, 4), ring(1.5, 1, 1, 4, 4)]}, images)
    assert "1 contour of rs.dcm lies on no slice of the folder and is not used" in texts(read_dataset(tmp_path))


def test_that_a_structure_set_in_another_frame_of_reference_is_refused(tmp_path: Path) -> None:
    images = series(tmp_path / "a", [0.0])
    rtstruct(tmp_path / "rs.dcm", {"lung": [ring(0.0, 1, 1, 4, 4)]}, images)
    seg(tmp_path / "seg.dcm", [(1, 0.0, LEFT)], images=images)
    other = series(tmp_path / "b", [0.0], SeriesInstanceUID="1.2.3.5")
    rtstruct(tmp_path / "rs2.dcm", {"lung": [ring(0.0, 1, 1, 4, 4)]}, other)
    header = dcmread(other[0])
    header.FrameOfReferenceUID = "1.2.99"
    header.save_as(other[0])
    assert "b/ct0.dcm has another frame of reference than rs" in texts(read_dataset(tmp_path))


def test_that_the_even_odd_rule_agrees_with_a_count_of_crossings() -> None:
    grid = Grid(20, 24, np.zeros(3), np.array([[1.0, 0, 0], [0, 1.0, 0]]), (1.0, 1.0))
    star = np.array([(2.1, 7.2), (21.7, 7.9), (5.3, 18.6), (12.2, 1.4), (17.9, 18.1)])
    made = filled(np.c_[star, np.zeros(5)], grid)
    for row in range(20):
        for column in range(24):
            crossings = 0
            for (x0, y0), (x1, y1) in zip(star, np.roll(star, -1, axis=0), strict=True):
                if (y0 <= row) != (y1 <= row) and x0 + (row - y0) * (x1 - x0) / (y1 - y0) <= column:
                    crossings += 1
            assert made[row, column] == crossings % 2


def test_that_a_bomb_among_the_segmentations_is_never_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    series(tmp_path, [0.0])
    for name, kind in (("seg.dcm", SegmentationStorage), ("rs.dcm", RTStructureSetStorage)):
        path = dicom(tmp_path / name, LEFT, syntax="1.2.840.10008.1.2.1.99", SOPClassUID=kind)
        raw = path.read_bytes()
        start = 144 + int.from_bytes(raw[140:144], "little")
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        body = squeeze.compress(zlib.decompress(raw[start:], -zlib.MAX_WBITS) + bytes(2**26)) + squeeze.flush()
        path.write_bytes(raw[:start] + body)
    catalogue = scan(tmp_path)

    def unpacked(*_: object, **__: object) -> bytes:
        raise AssertionError("the whole file was unpacked into memory")

    monkeypatch.setattr("pydicom.filereader.zlib.decompress", unpacked)
    dataset = read_dataset(tmp_path, catalogue=catalogue)
    assert (dataset.label, len(dataset.samples)) == ("", 1)
    assert all("unpacks from" in item.reason for item in dataset.skipped)


def test_that_outlines_reach_the_cache_as_class_indexes(tmp_path: Path) -> None:
    images = series(tmp_path / "d", [0.0, 3.0])
    seg(tmp_path / "d" / "seg.dcm", [(1, 0.0, LEFT), (2, 3.0, RIGHT)], images=images)
    dataset = read_dataset(tmp_path / "d")
    cached = load_images(dataset, tmp_path / "cache", lambda image: image, 1, (8, 10), "as is",
                         fit_mask=lambda mask: mask)  # fmt: skip
    assert cached.masks is not None
    assert np.array_equal(cached.masks, np.stack([LEFT, 2 * RIGHT]))


def test_that_a_segmentation_changes_the_fingerprint(tmp_path: Path) -> None:
    images = series(tmp_path, [0.0])
    seg(tmp_path / "seg.dcm", [(1, 0.0, LEFT)], images=images)
    before = read_dataset(tmp_path).fingerprint
    seg(tmp_path / "seg.dcm", [(1, 0.0, RIGHT)], images=images)
    assert read_dataset(tmp_path).fingerprint != before


def test_that_a_real_liver_segmentation_lies_on_its_three_slices(real_data: Path) -> None:
    dataset = read_dataset(real_data / "dicom_zoo" / "dcmqi" / "segmentations", "liver.dcm")
    assert dataset.classes == ("background", "Liver")
    assert [int(mask.sum()) for mask in masks(dataset)] == [35220, 35645, 36233]


def test_that_real_overlapping_segments_are_told(real_data: Path) -> None:
    dataset = read_dataset(real_data / "dicom_zoo" / "dcmqi" / "segmentations", "partial_overlaps.dcm")
    assert len(dataset.classes) == 6
    assert "Outlines overlap in 1 image" in texts(dataset)


def test_that_a_real_structure_set_is_filled_on_its_slice(real_data: Path) -> None:
    dataset = read_dataset(real_data / "dicom_zoo" / "dicompyler-rt")
    assert dataset.classes[1] == "BODY"
    assert dataset.pixel_counts[1] == 40396
    assert "437 contours of rtss.dcm lie on no slice of the folder" in texts(dataset)
