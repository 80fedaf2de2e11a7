"""Masks that lie beside their images, named after them; and no file of a folder is forgotten."""

import shutil
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from runtime.data.catalogue import DataSet
from runtime.data.labels import read_dataset
from runtime.data.scan import scan
from tests.builders.dicom import dicom, gradient


def picture(path: Path, value: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(gradient(dtype="uint8") + np.uint8(value)).save(path)


def mask(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((gradient() > 20).astype(np.uint8) * 255).save(path)


def volume(path: Path, seed: int | None = None) -> None:
    """A volume of noise, or a mask of two values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    voxels = np.arange(120).reshape(4, 5, 6) % 2 if seed is None else np.random.default_rng(seed).normal(size=(4, 5, 6))
    nibabel.save(nibabel.Nifti1Image(voxels.astype(np.uint8 if seed is None else np.float32), np.eye(4)), path)


def pairs(dataset: DataSet) -> dict[str, str | None]:
    return {sample.path: sample.mask for sample in dataset.samples}


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["_mask", "-mask", "_seg", "_gt", "_label", "_segmentation"])
def test_that_a_mask_beside_its_image_is_a_mask_and_no_image(tmp_path: Path, ending: str) -> None:
    for number in range(3):
        picture(tmp_path / f"case{number}.png", number)
        mask(tmp_path / f"Case{number}{ending}.png")
    dataset = read_dataset(tmp_path)
    assert (dataset.label, dataset.classes) == ("mask", ("background", "foreground"))
    assert pairs(dataset) == {f"case{number}.png": f"Case{number}{ending}.png" for number in range(3)}
    assert f"Labels are the masks in *{ending} (3 masks" in " ".join(dataset.said)
    assert pairs(read_dataset(tmp_path, ending)) == pairs(read_dataset(tmp_path, f"*{ending}")) == pairs(dataset)


def test_that_volumes_and_dicom_files_have_masks_beside_them_too(tmp_path: Path) -> None:
    for number in range(2):
        volume(tmp_path / "a" / f"p{number}.nii.gz", number)
        volume(tmp_path / "a" / f"p{number}_seg.nii.gz")
        dicom(tmp_path / "b" / f"{number}.dcm", gradient() + number)
        mask(tmp_path / "b" / f"{number}_mask.png")
    assert pairs(read_dataset(tmp_path / "a")) == {f"p{n}.nii.gz": f"p{n}_seg.nii.gz" for n in range(2)}
    assert pairs(read_dataset(tmp_path / "b")) == {f"{n}.dcm": f"{n}_mask.png" for n in range(2)}


def test_that_several_images_of_one_mask_stay_together_and_a_whole_name_comes_first(tmp_path: Path) -> None:
    for number in range(2):
        folder = tmp_path / f"BraTS_{number}"
        for kind in ("t1", "t2"):
            volume(folder / f"BraTS_{number}_{kind}.nii.gz", number)
        volume(folder / f"BraTS_{number}_seg.nii.gz")
    dataset = read_dataset(tmp_path)
    assert len(dataset.samples) == 4
    assert {sample.group for sample in dataset.samples} == {f"BraTS_{n}/BraTS_{n}_seg.nii.gz" for n in range(2)}
    for name in ("img_1", "img_1_2"):
        picture(tmp_path / "other" / f"{name}.png")
        mask(tmp_path / "other" / f"{name}_mask.png")
    picture(tmp_path / "other" / "img_1_3.png")
    dataset = read_dataset(tmp_path / "other")
    assert pairs(dataset) == {"img_1.png": "img_1_mask.png", "img_1_2.png": "img_1_2_mask.png"}
    assert "1 image is not used (has no mask in *_mask): img_1_3.png" in " ".join(dataset.warnings)


def test_that_the_channel_at_the_end_of_a_name_is_no_part_of_the_case(tmp_path: Path) -> None:
    for number in range(3):
        volume(tmp_path / "imagesTr" / f"heart_{number:03}_0000.nii.gz", number)
        volume(tmp_path / "labelsTr" / f"heart_{number:03}.nii.gz")
    expected = {f"imagesTr/heart_{n:03}_0000.nii.gz": f"labelsTr/heart_{n:03}.nii.gz" for n in range(3)}
    assert pairs(read_dataset(tmp_path)) == expected


def test_that_names_that_only_look_like_masks_are_images(tmp_path: Path) -> None:
    for number in range(4):
        picture(tmp_path / ("ill", "well")[number % 2] / f"{number}_gt.png", number)
    dataset = read_dataset(tmp_path)
    assert (dataset.label, len(dataset.samples)) == ("class", 4)


def accounted(folder: Path, labels: str = "") -> None:
    """Every file of a folder is a case, a mask of one, read for its labels, or listed with a reason."""
    catalogue = scan(folder)
    dataset = read_dataset(folder, labels, catalogue)
    used = {path for sample in dataset.samples for path in (sample.path, (sample.mask or "").partition("#")[0]) if path}
    used |= set(dataset.label_files)
    listed = {item.path: item.reason for item in dataset.skipped}
    everything = {item.path for item in (*catalogue.found, *catalogue.skipped) if not getattr(item, "folder", False)}
    assert everything - used - set(listed) == set()
    assert all(listed.values())


def test_that_masks_that_belong_to_nothing_are_told_and_listed(tmp_path: Path) -> None:
    for number in range(4):
        dicom(tmp_path / ("s0", "s1")[number % 2] / f"{number}.dcm", gradient() + number)
    for number in range(2):
        volume(tmp_path / "masks" / f"s{number}.nii.gz")
    accounted(tmp_path)
    dataset = read_dataset(tmp_path)
    assert "2 files are named like masks, but belong to no image that is used: masks/s0.nii.gz" in " ".join(
        dataset.warnings
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "labels"),
    [
        ("segmentation/cardiac_mr_sunnybrook", "masks_lv"),
        ("segmentation/cardiac_mr_sunnybrook", ""),
        ("segmentation/nuclei_dsb2018", ""),
        ("segmentation/hippocampus_msd", ""),
        ("detection/bccd", ""),
        ("classification/mnist_idx", ""),
        ("classification/pneumoniamnist", ""),
        ("dicom_zoo", ""),
    ],
)
def test_that_every_file_of_real_data_is_used_or_listed(real_data: Path, folder: str, labels: str) -> None:
    accounted(real_data / folder, labels)


def test_that_files_of_all_kinds_in_one_folder_are_used_or_listed(real_data: Path, tmp_path: Path) -> None:
    shutil.copytree(real_data / "dicom_zoo" / "dcmqi", tmp_path / "dcmqi")
    volume(tmp_path / "v" / "a.nii.gz", 1)
    volume(tmp_path / "v" / "a_seg.nii.gz")
    picture(tmp_path / "p.png")
    mask(tmp_path / "labels" / "p.png")
    accounted(tmp_path)
    accounted(tmp_path / "v")
