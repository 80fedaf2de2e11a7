"""Points of a table as cases: which rows become patches, what is cut out, which points lie on one finding."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from runtime.cases import case_images
from runtime.data.cache import load_images
from runtime.data.catalogue import DataError, Sample
from runtime.data.labels import read_dataset
from runtime.data.points.patches import cut
from runtime.data.practice import write_practice
from runtime.data.split import split
from runtime.data.taken import Patch, Point, Taken
from runtime.material import fitted
from runtime.modules.fit import Fit

PIXELS = Patch((6.0,))


def folder_of(place: Path, table: str, findings: str = "", sizes=((20, 24), (30, 26))) -> Path:
    """Images a.png, b.png … whose pixels are all different, a table candidates.csv, and perhaps findings.csv."""
    for name, (rows, columns) in zip("abcdef", sizes, strict=False):
        pixels = np.arange(rows * columns, dtype=np.uint16).reshape(rows, columns)
        Image.fromarray(pixels).save(place / f"{name}.png")
    (place / "candidates.csv").write_text(table)
    if findings:
        (place / "findings.csv").write_text(findings)
    return place


def read(place: Path, patch: Patch = PIXELS, labels: str = "") -> object:
    return read_dataset(place, labels, taken=Taken(patch=patch))


def patches(dataset, cache: Path, size: tuple[int, ...] = (6, 6)):
    return load_images(dataset, cache, fitted(Fit(size)), 1, size, "test", workers=1)


def test_that_each_point_is_a_case_whose_patch_is_cut_out_of_an_image_kept_once(tmp_path: Path) -> None:
    table = "image,x,y,class\na.png,10,8,lesion\na.png,0,0,none\nb,12.4,29,none\n"
    dataset = read(folder_of(tmp_path, table))
    assert (dataset.label, dataset.classes, dataset.size) == ("class", ("lesion", "none"), (6, 6))
    assert [sample.key for sample in dataset.samples] == ["a.png@0,0", "a.png@10,8", "b.png@12.4,29"]
    cached = patches(dataset, tmp_path / "cache")
    assert cached.images.shape == (3, 1, 6, 6)
    whole = np.arange(20 * 24, dtype=np.float32).reshape(20, 24)
    assert np.array_equal(cached.images[1][0], whole[5:11, 7:13])
    assert np.array_equal(cached.images[0][0], np.pad(whole[:3, :3], ((3, 0), (3, 0)), mode="edge"))
    # What training reads is what prediction reads, and the cache holds the two images, not the three patches.
    kinds = {sample.path: "image" for sample in dataset.samples}
    for kept, own in zip(cached.images, case_images(tmp_path, dataset.samples, kinds), strict=True):
        assert np.array_equal(kept, own)
    assert patches(read(tmp_path, Patch((9.0, 4.0))), tmp_path / "cache").images.shape == (3, 1, 6, 6)
    assert len(list((tmp_path / "cache").glob("*.images"))) == 1


def test_that_rows_without_a_usable_place_are_counted_and_told(tmp_path: Path) -> None:
    table = (
        "image,x,y,class\na.png,10,8,lesion\na.png,24,8,none\na.png,x,8,none\nnobody.png,1,1,none\na.png,10,8,none\n"
        "b.png,3,3,\nb.png,4,4,none\n"
    )
    dataset = read(folder_of(tmp_path, table, sizes=((20, 24), (30, 26), (9, 9))))
    assert [sample.key for sample in dataset.samples] == ["a.png@10,8", "b.png@4,4"]
    assert {item.path: item.reason for item in dataset.skipped} == {
        "candidates.csv, line 3": "lies outside of its image of 20×24 pixels",
        "candidates.csv, line 4": "has no number in column x",
        "candidates.csv, line 6": "gives the place of line 2 again, where it is said to be “lesion” and not “none”",
        "candidates.csv, line 7": "has no class",
        "c.png": "has no point",
    }
    told = " ".join(dataset.warnings)
    assert "1 row of candidates.csv names no image of the folder: nobody.png." in told
    assert "3 rows of candidates.csv are not used (lines 3, 4, 6)." in told
    assert "1 image without a point" in told


def test_that_points_of_one_image_share_its_patient_and_stay_on_one_side(tmp_path: Path) -> None:
    rows = [
        f"{name}.png,{place},{place},{'none' if place % 2 else 'lesion'},P{name}"
        for name in "abcdef"
        for place in range(2, 8)
    ]
    dataset = read(folder_of(tmp_path, "\n".join(["image,x,y,class,patient", *rows]), sizes=((20, 24),) * 6))
    assert {sample.patient for sample in dataset.samples} == {f"P{name}" for name in "abcdef"}
    parts = split(dataset, 0)
    sides = [{dataset.samples[index].path for index in parts.of(part)} for part in ("train", "validation", "test")]
    assert all(sides)
    assert sum(map(len, sides)) == 6
    (tmp_path / "candidates.csv").write_text("image,x,y,class,patient\na.png,1,1,none,P1\na.png,2,2,lesion,P2\n")
    with pytest.raises(DataError, match="an image has one patient"):
        read(tmp_path)


def test_that_a_table_of_findings_says_which_points_count_once_and_which_finding_is_missed(tmp_path: Path) -> None:
    table = "image,x,y\na.png,10,8\na.png,11,9\na.png,3,15\na.png,16,8\nb.png,5,5\n"
    findings = "image,x,y,diameter\na.png,10,9,4\na.png,15.5,8,4\na.png,20,18,4\nb.png,20,20,2\n"
    dataset = read(folder_of(tmp_path, table, findings))
    assert dataset.classes == ("finding", "no finding")
    found = {sample.key: (sample.label, sample.point.finding, sample.point.missed) for sample in dataset.samples}
    assert found == {
        "a.png@10,8": ("finding", 1, 1), "a.png@11,9": ("finding", 1, 1), "a.png@3,15": ("no finding", -1, 1),
        "a.png@16,8": ("finding", 0, 1), "b.png@5,5": ("no finding", -1, 1),
    }  # fmt: skip
    assert "findings.csv gives 4 findings: 2 have a point within their radius, 2 have none and count as missed." in (
        dataset.said
    )
    (tmp_path / "findings.csv").write_text("image,x,y\na.png,10,9\nb.png,1,1\n")
    with pytest.raises(DataError, match="has no radius"):
        read(tmp_path)


def test_that_labelled_points_within_the_hit_radius_are_one_finding(tmp_path: Path) -> None:
    table = "image,x,y,class\na.png,5,5,1\na.png,7,5,1\na.png,9,5,1\na.png,15,5,1\na.png,6,6,0\n"
    place = folder_of(tmp_path, table, sizes=((20, 24),))
    alone = read(place)
    assert [sample.point.finding for sample in alone.samples] == [0, 1, 2, 3, -1]
    joined = read(place, Patch((6.0,), "pixels", 2.5))
    assert [sample.point.finding for sample in joined.samples] == [0, 0, 0, 1, -1]
    assert alone.fingerprint != joined.fingerprint


def test_that_a_patch_in_millimetres_follows_the_spacing_of_its_volume_and_places_may_be_in_millimetres(
    tmp_path: Path,
) -> None:
    values = np.arange(12 * 10 * 8, dtype=np.int16).reshape(12, 10, 8)  # x to the left, y to the front, z to the head
    affine = np.diag([-2.0, 2.0, 4.0, 1.0])
    affine[:3, 3] = (7.0, -5.0, 11.0)
    nibabel.save(nibabel.Nifti1Image(values, affine), tmp_path / "one.nii.gz")
    right, front, head, _ = affine @ np.array([6, 4, 3, 1])
    (tmp_path / "candidates.csv").write_text(
        f"file,coordX,coordY,coordZ,class\none,{-right},{-front},{head},nodule\none,{-right},{-front},{head + 8},0\n"
    )
    dataset = read(tmp_path, Patch((8.0,), "mm"))
    assert [sample.size for sample in dataset.samples] == [(2, 4, 4)] * 2
    cached = patches(dataset, tmp_path / "cache", (2, 4, 4))
    # The pixel of the point lies half a side from the beginning of its patch.
    assert [int(image[0, 1, 2, 2]) for image in cached.images] == [values[6, 4, 3], values[6, 4, 5]]


def test_that_what_does_not_fit_is_refused_in_words(tmp_path: Path) -> None:
    place = folder_of(tmp_path, "image,x,y\na.png,1,1\nb.png,2,2\n")
    with pytest.raises(DataError, match="Nothing says what the points of"):
        read(place)
    (place / "candidates.csv").write_text("image,x,y,class\na.png,1,1,none\nb.png,2,2,lesion\n")
    with pytest.raises(DataError, match="does not say its spacing"):
        read(place, Patch((6.0,), "mm"))
    with pytest.raises(DataError, match="A patch of 6×6×6 pixels does not fit"):
        read(place, Patch((6.0, 6.0, 6.0)))
    with pytest.raises(DataError, match="There is no table other"):
        read(place, labels="points:other.csv")
    assert read(place, labels="points:candidates.csv").labels == "points:candidates.csv"
    assert read(place, labels="none").label == ""


def test_that_a_patch_larger_than_its_image_repeats_the_border() -> None:
    sample = Sample("a", 0, 1, (5,), "a", point=Point((0.0,), (2,)))
    assert cut(np.array([[3.0, 7.0, 99.0]]), sample).tolist() == [[3, 3, 3, 7, 7]]


def test_that_practice_candidates_hold_findings_that_points_meet(tmp_path: Path) -> None:
    write_practice("candidates", tmp_path / "data", patients=1)
    dataset = read_dataset(tmp_path / "data")
    assert dataset.classes == ("lesion", "no finding")
    assert not dataset.warnings
    assert all((sample.label == "lesion") == (sample.point.finding >= 0) for sample in dataset.samples)
