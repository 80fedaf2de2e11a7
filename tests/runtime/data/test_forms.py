"""A source takes slices, volumes or neighbouring slices, at the spacing asked for, with their masks along."""

import csv
from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from PIL import Image

from nodes.sources import DicomFolder, taken_text
from nodes.spec import Unfit
from runtime.attach import learned
from runtime.cases import case_images, unlabelled
from runtime.data.assembly import files_of, image_of, mask_of
from runtime.data.cache import load_images
from runtime.data.catalogue import DataError
from runtime.data.gather import gathered
from runtime.data.labels import read_dataset
from runtime.data.resampling import resampled
from runtime.data.scan import scan
from runtime.data.taken import Taken
from runtime.data.turning import affine_of_pose
from runtime.data.volumes import read_volume
from runtime.modules.fit import Fit
from runtime.taking import taken_in, taken_of
from tests.builders.dicom import dicom

AXIAL = (1, 0, 0, 0, 1, 0)
SAGITTAL = (0, 1, 0, 0, 0, -1)
CORONAL = (1, 0, 0, 0, 0, -1)
FEET_FIRST = (-1, 0, 0, 0, 1, 0)
VOLUMES, THREE = Taken("volumes"), Taken("neighbouring slices", 3)


def phantom():
    """A volume (slices from feet to head, rows from front to back, columns from right to left) with no symmetry."""
    return np.arange(4 * 5 * 6, dtype=np.uint16).reshape(4, 5, 6)


def series(folder, plane=AXIAL, pixels=None, step=2.0, spacing=(1.0, 1.0), **options):
    """The phantom as a scanner would store it in this plane: voxels of 1 mm, slices `step` mm apart."""
    pixels = phantom() if pixels is None else pixels
    across, down = np.array(plane[:3], int), np.array(plane[3:], int)
    normal = np.cross(across, down)
    axes = [int(np.argmax(np.abs(way))) for way in (normal, down, across)]  # of x, y, z
    array = pixels.transpose([2 - axis for axis in axes])
    for place, way in enumerate((normal, down, across)):
        array = np.flip(array, place) if way.sum() < 0 else array
    steps = {axes[0]: step, axes[1]: spacing[0], axes[2]: spacing[1]}
    sides = pixels.shape[::-1]  # x, y, z
    corner = [0.0 if (across + down + normal)[axis] > 0 else (sides[axis] - 1) * steps[axis] for axis in range(3)]
    for index, picture in enumerate(array):
        position = tuple(float(part) for part in corner + normal * step * index)
        name = f"{index * 7 % 11:02}.dcm"
        dicom(folder / name, picture, position=position, orientation=plane, spacing=spacing, slope=1, intercept=0,
              instance=99 - index, **options)  # fmt: skip
    return folder


def images(dataset):
    """The cases of a data set."""
    kinds = {path: dataset.kind for sample in dataset.samples for path in files_of(sample)}
    return list(case_images(Path(dataset.folder), dataset.samples, kinds))


@pytest.mark.parametrize("plane", [AXIAL, SAGITTAL, CORONAL, FEET_FIRST])
def test_that_every_plane_gives_the_same_volume_the_right_way_round(tmp_path, plane):
    (volume,) = images(read_dataset(series(tmp_path, plane, step=1.0), taken=VOLUMES))
    assert np.array_equal(volume[0], phantom())


@pytest.mark.parametrize("plane", [AXIAL, SAGITTAL, CORONAL, FEET_FIRST])
def test_that_a_nifti_file_written_in_the_patients_axes_reads_as_its_dicom_series(tmp_path, plane):
    dataset = read_dataset(series(tmp_path / "d", plane, step=1.0), taken=VOLUMES)
    (sample,), (volume,) = dataset.samples, images(dataset)
    image = nibabel.Nifti1Image(volume[0].transpose(2, 1, 0), affine_of_pose(sample.pose, sample.spacing_mm))
    nibabel.save(image, tmp_path / "a.nii")
    assert np.array_equal(read_volume(tmp_path / "a.nii"), volume)


def test_that_a_volume_has_the_size_and_spacing_of_its_turned_axes(tmp_path):
    dataset = read_dataset(series(tmp_path, SAGITTAL, step=3.0, spacing=(0.5, 2.0)), taken=VOLUMES)
    assert dataset.size == (4, 5, 6)
    assert dataset.samples[0].spacing_mm == (0.5, 2.0, 3.0)
    assert any("more than three times" in warning for warning in dataset.warnings)


def test_that_neighbouring_slices_are_channels_and_the_border_is_repeated(tmp_path):
    dataset = read_dataset(series(tmp_path), taken=THREE)
    assert (len(dataset.samples), dataset.channels, dataset.size) == (4, 3, (5, 6))
    by_middle = {int(image[1, 0, 0]): image[:, 0, 0].tolist() for image in images(dataset)}
    assert by_middle == {0: [0, 0, 30], 30: [0, 30, 60], 60: [30, 60, 90], 90: [60, 90, 90]}


def test_that_neighbouring_slices_of_unknown_patients_stay_together(tmp_path):
    dataset = read_dataset(series(tmp_path, patient=""), taken=THREE)
    assert len({sample.group for sample in dataset.samples}) == 1


def test_that_neighbouring_slices_of_one_patient_in_two_series_stay_together(tmp_path):
    for number, patient in enumerate(("P1", "P1", "P2")):
        series(tmp_path / str(number), patient=patient, series=f"1.2.3.{number}")
    dataset = read_dataset(tmp_path, taken=THREE)
    assert [sample.group for sample in dataset.samples] == ["P1"] * 8 + ["P2"] * 4


def test_that_volumes_in_one_file_are_taken_apart(tmp_path):
    nibabel.save(nibabel.Nifti1Image(phantom().astype(np.int16), np.diag([-1, -1, 1, 1])), tmp_path / "a.nii")
    whole = read_volume(tmp_path / "a.nii")
    slices = read_dataset(tmp_path, taken=Taken("slices"))
    assert [image.tolist() for image in images(slices)] == [whole[:, index].tolist() for index in range(6)]
    assert len({sample.group for sample in slices.samples}) == 1
    five = read_dataset(tmp_path, taken=Taken("neighbouring slices", 5))
    assert [image.shape for image in images(five)] == [(5, 5, 4)] * 6
    assert np.array_equal(images(five)[3], whole[0, 1:6])


@pytest.mark.slow
def test_that_masks_come_along_in_every_form(tmp_path):
    folder = tmp_path / "a"
    series(folder / "images")
    (folder / "masks").mkdir()
    for path in (folder / "images").iterdir():
        value = int(path.stem) % 2
        Image.fromarray(np.full((5, 6), value, np.uint8)).save(folder / "masks" / f"{path.stem}.png")
    for taken in (VOLUMES, THREE, Taken("as found", 3, (2.0,)), Taken("volumes", 3, (2.0, 2.0, 2.0))):
        dataset = read_dataset(folder, taken=taken)
        assert dataset.label == "mask"
        files = list(gathered(folder, dataset.samples, lambda _: "dicom", masked=True))
        for sample, given in zip(dataset.samples, files, strict=True):
            mask = mask_of(sample, given.masks)
            assert mask.shape == image_of(sample, "dicom", given.images).shape[1:]
            paths = [path for path, _ in sample.slices]
            stems = [int(path.rpartition("/")[2][:2]) % 2 for path in paths]
            if taken.take == "volumes":
                assert mask[:, 0, 0].tolist() == stems
            elif paths:
                assert mask[0, 0] == stems[1]
        size = dataset.size
        cached = load_images(
            dataset, tmp_path / "cache", lambda image, size=size: Fit(size)(torch.from_numpy(image)[None])[0].numpy(),
            dataset.channels, size, "test", fit_mask=lambda mask, size=size: Fit(size).mask(
                torch.from_numpy(np.ascontiguousarray(mask))[None])[0].numpy(), resample=resampled,
        )  # fmt: skip
        assert cached.failed == ()
        assert cached.images.shape == (len(dataset.samples), dataset.channels, *size)
        assert cached.masks.shape == (len(dataset.samples), *size)


def test_that_resampling_keeps_the_extent_and_the_mean(tmp_path):
    dataset = read_dataset(series(tmp_path, step=2.0), taken=Taken("volumes", 3, (1.0, 2.5, 2.0)))
    (sample,), (image,) = dataset.samples, images(dataset)
    assert sample.resampled == dataset.size == image.shape[1:] == (8, 2, 3)
    assert image.mean() == pytest.approx(phantom().mean(), rel=1e-5)


def test_that_one_number_is_the_spacing_of_every_axis_and_others_must_fit(tmp_path):
    series(tmp_path)
    assert read_dataset(tmp_path, taken=Taken("as found", 3, (0.5,))).size == (10, 12)
    with pytest.raises(DataError, match="has 3 numbers, but the cases have 2 axes"):
        read_dataset(tmp_path, taken=Taken("as found", 3, (1.0, 1.0, 1.0)))


def test_that_an_unknown_spacing_is_not_resampled_but_listed(tmp_path):
    series(tmp_path / "a")
    dicom(tmp_path / "b.dcm", phantom()[0], spacing=None)
    dataset = read_dataset(tmp_path, taken=Taken("as found", 3, (2.0,)))
    assert {item.path: item.reason for item in dataset.skipped}["b.dcm"].startswith("does not say its spacing")
    assert len(dataset.samples) == 4


def test_that_uneven_slices_become_even_when_a_spacing_is_asked_for(tmp_path):
    for index, place in enumerate([0, 2, 4.5, 6, 8]):
        dicom(tmp_path / f"{index}.dcm", np.full((4, 4), int(place * 10), np.uint16), position=(0, 0, place))
    with pytest.raises(DataError, match="unevenly"):
        read_dataset(tmp_path, taken=VOLUMES)
    (volume,) = images(read_dataset(tmp_path, taken=Taken("volumes", 3, (2.0, 1.0, 1.0))))
    assert np.allclose(volume[0, :, 0, 0], [0, 20, 40, 60, 80], atol=1e-4)


def test_that_a_gap_makes_no_volume_and_names_the_files(tmp_path):
    series(tmp_path / "a")
    for index, place in enumerate([0, 2, 6, 8]):
        dicom(tmp_path / "b" / f"{index}.dcm", phantom()[0], position=(0, 0, place), series="1.2.3.7")
    for taken in (VOLUMES, THREE):
        dataset = read_dataset(tmp_path, taken=taken)
        assert {sample.path[0] for sample in dataset.samples} == {"a"}
        assert any("1 slice missing between b/1.dcm and b/2.dcm" in warning for warning in dataset.warnings)
        assert {item.path for item in dataset.skipped} == {f"b/{index}.dcm" for index in range(4)}


def test_that_slices_with_different_labels_make_no_volume(tmp_path):
    series(tmp_path)
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [("path", "label"), ("00.dcm", "a"), ("07.dcm", "b"), ("03.dcm", "a"), ("10.dcm", "a")]
        )
    with pytest.raises(DataError, match="slices have different labels"):
        read_dataset(tmp_path, taken=VOLUMES)


def test_that_class_folders_give_their_class_to_the_volume(tmp_path):
    for patient, name in enumerate(("ill", "well", "ill", "well")):
        series(tmp_path / name / str(patient), patient=f"P{patient}", series=f"1.2.{patient}")
    dataset = read_dataset(tmp_path, taken=VOLUMES)
    assert [sample.label for sample in dataset.samples] == ["ill", "ill", "well", "well"]
    assert dataset.counts() == {"ill": 2, "well": 2}


def test_that_the_form_changes_the_fingerprint_and_the_order_of_files_does_not(tmp_path):
    one, other = series(tmp_path / "a"), series(tmp_path / "b")
    prints = {
        read_dataset(one, taken=taken).fingerprint for taken in (Taken(), VOLUMES, THREE, Taken("volumes", 3, (1.0,)))
    }
    assert len(prints) == 4
    for taken in (VOLUMES, THREE):
        pairs = zip(images(read_dataset(one, taken=taken)), images(read_dataset(other, taken=taken)), strict=True)
        assert all(np.array_equal(before, after) for before, after in pairs)


def test_that_an_even_number_of_neighbours_is_refused(tmp_path):
    with pytest.raises(DataError, match="no middle one; give an odd number"):
        read_dataset(series(tmp_path), taken=Taken("neighbouring slices", 4))


def test_that_a_source_learns_the_form_and_says_when_it_was_read_in_another(tmp_path):
    dataset = read_dataset(series(tmp_path), taken=Taken("neighbouring slices", 3, (2.0, 2.0)))
    names = {setting.name for setting in DicomFolder.settings()}
    known = {name: value for name, value in learned(dataset).items() if name in names}
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}
    source = DicomFolder(**values)
    assert source.infer()["image"] == (3, 2, 3)
    assert taken_in(source) == dataset.taken == taken_of(known)
    with pytest.raises(Unfit, match="was read as 3 neighbouring slices, 2×2 mm, and the settings ask for volumes"):
        DicomFolder(**{**values, "take": "volumes"}).infer()
    with pytest.raises(Unfit, match="no middle one"):
        DicomFolder(**{**values, "neighbours": 4}).infer()
    assert taken_text("as found", 3, ()) == ""


def test_that_a_folder_without_labels_gives_the_same_cases_to_predict(tmp_path):
    folder = series(tmp_path)
    for taken in (VOLUMES, THREE, Taken("as found", 3, (2.0,))):
        trained, applied = read_dataset(folder, "none", taken=taken), unlabelled(scan(folder), taken)
        assert [sample.slices for sample in trained.samples] == [sample.slices for sample in applied.samples]
        pairs = zip(images(trained), images(applied), strict=True)
        assert all(np.array_equal(before, after) for before, after in pairs)


def test_that_real_series_become_volumes_of_their_true_size(real_data):
    dataset = read_dataset(real_data / "dicom_series", taken=VOLUMES)
    assert sorted(sample.size for sample in dataset.samples) == [(22, 512, 512), (256, 256, 192)]
    assert [item.path.partition("/")[0] for item in dataset.skipped] == ["mr_cine_SCD0000101"] * 20
    assert all("share a place" in item.reason for item in dataset.skipped)
    assert dataset.classes == ("ct_chest_lidc0314", "mr_brain_sag_mprage")
    assert "The class “mr_cine_SCD0000101” cannot be learned: no case is left of it" in " ".join(dataset.warnings)
