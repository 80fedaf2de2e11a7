"""One NIfTI mask for a whole DICOM series: laid on each slice by its place, in every form of case, or refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from runtime.data.cache import load_images
from runtime.data.catalogue import DataSet
from runtime.data.labels import read_dataset
from runtime.data.masks import read_mask
from runtime.data.taken import Taken
from tests.builders.dicom import dicom, enhanced, gradient
from tests.builders.outlines import series

SIDES = (4, 8, 10)  # slices, rows, columns
ORIGIN = np.array([10.0, 20.0, -5.0])  # centre of the first pixel, mm in DICOM's axes
WAYS = {
    "axial": ((1, 0, 0), (0, 1, 0)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
    "turned": ((0.8, 0.6, 0), (-0.6, 0.8, 0)),
    "oblique": ((0.8, 0.6, 0), (0, 0, -1)),
}
STEPS = (3.0, 2.0, 0.5)  # between slices, rows, columns


def place(way: str, at: tuple[int, int, int]) -> np.ndarray:
    """Where a pixel (slice, row, column) lies, mm in DICOM's axes."""
    across, down = (np.array(one, float) for one in WAYS[way])
    return ORIGIN + np.cross(across, down) * STEPS[0] * at[0] + down * STEPS[1] * at[1] + across * STEPS[2] * at[2]


def slices(folder: Path, way: str = "axial", count: int = SIDES[0], uid: str = "1.2.3.1", **more: Any) -> list[Path]:
    return [
        dicom(folder / f"{count - number:03d}.dcm", gradient(SIDES[1], SIDES[2]) + number,
              position=tuple(place(way, (number, 0, 0))), orientation=(*WAYS[way][0], *WAYS[way][1]),
              spacing=STEPS[1:], instance=number + 1, series=uid, **more)
        for number in range(count)
    ]  # fmt: skip


def drawn(index: int, row: int, column: int) -> int:
    """What the mask says of a pixel: no symmetry, so that every exchange of axes shows."""
    return 2 if (index, row) == (1, 2) else int(column > 6 and row < 3 + index)


def mask(path: Path, way: str = "axial", order: str = "xyz", flip: tuple[int, ...] = (), shift: Any = 0, **more: Any):
    """The same mask in NIfTI: voxels in another order of axes, some backwards, placed in NIfTI's axes."""
    voxels = np.array([[[drawn(i, r, c) for i in range(SIDES[0])] for r in range(SIDES[1])] for c in range(SIDES[2])])
    first = place(way, (0, 0, 0))
    steps = [place(way, at) - first for at in ((0, 0, 1), (0, 1, 0), (1, 0, 0))]  # columns, rows, slices
    axes = ["xyz".index(letter) for letter in order]
    voxels, steps = voxels.transpose(axes), [steps[axis] for axis in axes]
    for axis in flip:
        first = first + steps[axis] * (voxels.shape[axis] - 1)
        steps[axis] = -steps[axis]
        voxels = np.flip(voxels, axis)
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = np.stack(steps, axis=1), first + shift
    affine[:2] *= -1
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(voxels.astype(more.get("dtype", np.uint8)), affine), path)


def expected(index: int) -> np.ndarray:
    return np.array([[drawn(index, row, column) for column in range(SIDES[2])] for row in range(SIDES[1])])


def by_slice(dataset: DataSet) -> dict[int, np.ndarray]:
    """The mask of each slice, by its number along the series."""
    masks = {sample.path: read_mask(Path(dataset.folder) / (sample.mask or "")) for sample in dataset.samples}
    return {SIDES[0] - int(Path(path).stem): values for path, values in masks.items()}


def told(dataset: DataSet) -> str:
    return " ".join((*dataset.said, *dataset.warnings))


ORDERS = [("xyz", ()), ("zyx", (0, 2)), ("yxz", (1,)), ("xyz", (0, 1, 2))]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("order", "flip"), ORDERS)
def test_that_a_slice_finds_its_part_of_the_mask_however_both_are_stored(
    tmp_path: Path, way: str, order: str, flip: tuple[int, ...]
) -> None:
    images = slices(tmp_path, way)
    mask(tmp_path / "mask.nii", way, order, flip)
    for index, image in enumerate(images):
        assert np.array_equal(read_mask(Path(f"{tmp_path / 'mask.nii'}#{image.name}#0#")), expected(index))


@pytest.mark.parametrize(("way", "order", "flip"), [("axial", "xyz", ()), ("oblique", "zxy", (0, 2))])
def test_that_every_slice_of_a_folder_takes_its_part_of_the_mask(
    tmp_path: Path, way: str, order: str, flip: tuple[int, ...]
) -> None:
    slices(tmp_path / "patient1", way)
    mask(tmp_path / "patient1" / "mask.nii.gz", way, order, flip)
    dataset = read_dataset(tmp_path)
    assert (dataset.label, dataset.classes, dataset.mask_values) == ("mask", ("background", "1", "2"), (0, 1, 2))
    found = by_slice(dataset)
    assert sorted(found) == [0, 1, 2, 3]
    assert all(np.array_equal(values, expected(index)) for index, values in found.items())
    whole = np.stack([expected(index) for index in range(4)])
    assert dataset.pixel_counts == tuple(int((whole == value).sum()) for value in range(3))
    assert "Labels are the masks patient1/mask.nii.gz (1 mask of whole series; 4 images" in told(dataset)
    assert dataset.skipped == ()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_that_the_cache_holds_the_mask_beside_each_form_of_case(tmp_path: Path, dtype: type) -> None:
    slices(tmp_path / "patient1", "sagittal")
    mask(tmp_path / "masks" / "patient1.nii.gz", "sagittal", "yzx", (1,), dtype=dtype)
    whole = np.stack([expected(index) for index in range(4)])
    held = cached(read_dataset(tmp_path), (8, 10))
    assert np.array_equal(held.masks[::-1], whole)  # files are numbered backwards
    beside = read_dataset(tmp_path, taken=Taken("neighbouring slices", 3))
    assert beside.channels == 3
    assert np.array_equal(cached(beside, (8, 10)).masks[::-1], whole)
    volume = read_dataset(tmp_path, taken=Taken("volumes"))
    (sample,) = volume.samples
    held = cached(volume, sample.size)
    plain = np.stack([gradient(8, 10) + number for number in range(4)])
    turns = [axis for axis, _ in sample.turn]
    ways = tuple(slice(None, None, direction) for _, direction in sample.turn)
    assert np.array_equal(held.images[0, 0], plain.transpose(turns)[ways])
    assert np.array_equal(held.masks[0], whole.transpose(turns)[ways])


def cached(dataset: DataSet, size: tuple[int, ...]) -> Any:
    place = Path(dataset.folder).parent / f"cache of {dataset.fingerprint}"
    return load_images(dataset, place, lambda image: image, dataset.channels, size, "as is", fit_mask=lambda mask: mask)


def refused(tmp_path: Path, make: Callable[[Path], object]) -> str:
    slices(tmp_path / "patient1")
    make(tmp_path / "patient1" / "mask.nii.gz")
    dataset = read_dataset(tmp_path)
    assert (dataset.label, len(dataset.samples)) == ("", 4)
    assert [item.path for item in dataset.skipped] == ["patient1/mask.nii.gz"]
    return told(dataset)


def test_that_a_mask_on_another_grid_is_refused_with_both_values(tmp_path: Path) -> None:
    said = refused(tmp_path / "a", lambda path: mask(path, shift=(40.0, 0.0, 0.0)))
    assert "The mask patient1/mask.nii.gz does not lie on the series in patient1 and is not used: patient1/001" in said
    assert "lies at (10, 20, 4) mm and its mask patient1/mask.nii.gz at (50, 20, 4) mm" in said
    said = refused(tmp_path / "b", lambda path: mask(path, shift=(0.0, 0.0, 0.9)))
    assert "lies 0.9 mm beside the nearest slice of its mask patient1/mask.nii.gz, whose slices are 3 mm apart" in said
    said = refused(tmp_path / "c", lambda path: mask(path, "turned"))
    assert "is oriented as" in said
    grid = nibabel.Nifti1Image(np.ones((5, 5, 5), np.uint8), np.diag([-0.5, -2.0, 3.0, 1.0]))
    said = refused(tmp_path / "d", lambda path: nibabel.save(grid, path))
    assert "has 8 x 10 pixels and its mask patient1/mask.nii.gz 5 x 5" in said
    unplaced = nibabel.Nifti1Image(np.ones((10, 8, 4), np.uint8), None)
    said = refused(tmp_path / "e", lambda path: nibabel.save(unplaced, path))
    assert "does not say how it lies in the patient" in said
    with pytest.raises(Exception, match=r"lies at .* and its mask patient1/mask.nii.gz at"):
        read_dataset(tmp_path / "a", "mask.nii.gz")


def test_that_slices_beyond_the_mask_and_slices_of_the_mask_beyond_the_images_are_told(tmp_path: Path) -> None:
    slices(tmp_path / "long" / "p", count=6)
    mask(tmp_path / "long" / "p" / "p_seg.nii.gz")
    dataset = read_dataset(tmp_path / "long")
    assert len(dataset.samples) == 4
    assert "2 images not used, because the mask does not fit: p/001.dcm lies at" in told(dataset)
    assert [item.path for item in dataset.skipped] == ["p/001.dcm", "p/002.dcm"]
    slices(tmp_path / "short" / "p", count=3)
    mask(tmp_path / "short" / "p" / "p_seg.nii.gz")
    dataset = read_dataset(tmp_path / "short")
    assert len(dataset.samples) == 3
    assert "1 slice of the mask p/p_seg.nii.gz lies on no image of the series in p." in told(dataset)


def test_that_masks_find_their_patients_by_folder_or_name(tmp_path: Path) -> None:
    for patient in ("p1", "p10"):
        slices(tmp_path / "images" / patient / "ct", uid=f"1.2.{patient[1:]}", patient=patient.upper())
        mask(tmp_path / "masks" / f"{patient}_liver.nii.gz")
    dataset = read_dataset(tmp_path)
    files = {sample.path.split("/")[1]: (sample.mask or "").partition("#")[0] for sample in dataset.samples}
    assert files == {patient: f"masks/{patient}_liver.nii.gz" for patient in ("p1", "p10")}
    assert len(dataset.samples) == 8
    assert {sample.group for sample in dataset.samples} == {"P1", "P10"}


def test_that_a_mask_that_fits_several_patients_alike_is_not_guessed(tmp_path: Path) -> None:
    for patient in ("p1", "p2"):
        slices(tmp_path / "all" / patient, uid=f"1.2.{patient[1:]}", patient=patient)
    mask(tmp_path / "all" / "mask.nii.gz")
    dataset = read_dataset(tmp_path)
    assert (dataset.label, len(dataset.samples)) == ("", 8)
    assert "lies on the series in all/p1, the series in all/p2 alike, which show several patients" in told(dataset)


def test_that_one_of_several_masks_of_a_series_is_asked_for_and_taken_by_name(tmp_path: Path) -> None:
    for patient in ("p1", "p2"):
        slices(tmp_path / patient, uid=f"1.2.{patient[1:]}", patient=patient)
        mask(tmp_path / patient / "liver_mask.nii.gz")
        mask(tmp_path / patient / "tumour_mask.nii.gz")
    dataset = read_dataset(tmp_path)
    assert (dataset.label, dataset.choices) == ("", ("liver_mask", "tumour_mask"))
    assert "has 2 masks: p1/liver_mask.nii.gz, p1/tumour_mask.nii.gz. Choose one" in told(dataset)
    chosen = read_dataset(tmp_path, "tumour_mask")
    assert (chosen.label, chosen.labels, len(chosen.samples)) == ("mask", "tumour_mask", 8)
    assert all("tumour_mask.nii.gz#" in (sample.mask or "") for sample in chosen.samples)
    left = {item.path: item.reason for item in chosen.skipped}
    assert left == {f"{p}/liver_mask.nii.gz": "is a mask of a series, which is not used" for p in ("p1", "p2")}
    none = read_dataset(tmp_path, "none")
    assert (none.label, len(none.samples), len(none.skipped)) == ("", 8, 4)


def test_that_a_volume_of_any_name_is_the_mask_when_it_is_named_and_else_told(tmp_path: Path) -> None:
    slices(tmp_path)
    mask(tmp_path / "liver.nii.gz")
    plain = read_dataset(tmp_path)
    assert plain.label == ""
    assert "1 NIfTI volumes are not used, because there are DICOM files in the folder" in told(plain)
    chosen = read_dataset(tmp_path, "liver.nii.gz")
    assert (chosen.label, len(chosen.samples), chosen.skipped) == ("mask", 4, ())


def test_that_frames_of_one_file_take_their_slices_and_images_without_mask_are_told(tmp_path: Path) -> None:
    enhanced(tmp_path / "a" / "head.dcm", np.zeros((4, 8, 10), np.uint16), [(1.0, 0.0)] * 4, step=3.0)
    voxels = np.arange(4 * 8 * 10).reshape(4, 8, 10) % 3
    affine = np.diag([-0.5, -0.5, 3.0, 1.0])
    (tmp_path / "segmentations").mkdir()
    nibabel.save(nibabel.Nifti1Image(voxels.T.astype(np.uint8), affine), tmp_path / "segmentations" / "head.nii.gz")
    series(tmp_path / "b", [0.0, 3.0], SeriesInstanceUID="1.2.9.9")
    dataset = read_dataset(tmp_path)
    assert [sample.key for sample in dataset.samples] == ["a/head.dcm", *(f"a/head.dcm#{at}" for at in (1, 2, 3))]
    for sample in dataset.samples:
        assert np.array_equal(read_mask(tmp_path / (sample.mask or "")), voxels[sample.frame])
    assert "2 images have no mask in the masks of whole series and are not used: b/ct0.dcm, b/ct1.dcm." in told(dataset)


def test_that_slices_of_one_mask_stay_together_where_no_patient_is_named(tmp_path: Path) -> None:
    slices(tmp_path / "a", patient="")
    mask(tmp_path / "a" / "mask.nii.gz")
    assert {sample.group for sample in read_dataset(tmp_path).samples} == {"a/mask.nii.gz"}


def test_that_a_changed_mask_changes_the_fingerprint(tmp_path: Path) -> None:
    slices(tmp_path / "a")
    mask(tmp_path / "a" / "mask.nii.gz")
    before = read_dataset(tmp_path).fingerprint
    assert read_dataset(tmp_path).fingerprint == before
    mask(tmp_path / "a" / "mask.nii.gz", dtype=np.int16)
    assert read_dataset(tmp_path).fingerprint != before
