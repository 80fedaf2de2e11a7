"""A folder becomes a data set by the rules of the contract: kind, labels, parts, patients."""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from runtime.data.catalogue import DataError, DataSet
from runtime.data.child import Child
from runtime.data.labels import read_dataset
from runtime.data.practice import write_practice
from runtime.data.scan import scan
from tests.builders.dicom import dicom, gradient


def picture(path: Path, value: int = 90, size: int = 8) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size, size), value, np.uint8)).save(path)
    return path


def mask(path: Path, *values: int, size: int = 8) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.resize(np.array(values, np.uint8), (size, size))
    Image.fromarray(pixels).save(path)
    return path


def two_classes(folder: Path, each: int = 3) -> Path:
    for name in ("ill", "well"):
        for number in range(each):
            picture(folder / name / f"{name}{number}.png", number)
    return folder


def labels_of(dataset: DataSet) -> Mapping[str, str | None]:
    return {sample.path: sample.label for sample in dataset.samples}


def texts(dataset: DataSet) -> str:
    return " ".join((*dataset.said, *dataset.warnings))


# class folders and parts


def test_that_folders_make_classes(tmp_path: Path) -> None:
    dataset = read_dataset(two_classes(tmp_path))
    assert (dataset.kind, dataset.label, dataset.classes) == ("image", "class", ("ill", "well"))
    assert dataset.counts() == {"ill": 3, "well": 3}
    assert (dataset.channels, dataset.size) == (1, (8, 8))


def test_that_one_folder_makes_no_class(tmp_path: Path) -> None:
    picture(tmp_path / "ill" / "a.png")
    picture(tmp_path / "ill" / "b.png")
    dataset = read_dataset(tmp_path)
    assert (dataset.label, dataset.classes) == ("", ())
    assert "fewer than two folders" in texts(dataset)


@pytest.mark.parametrize("layout", ["{part}/{name}/{file}", "{name}/{part}/{file}"])
@pytest.mark.parametrize("words", [("train", "val"), ("Training", "validation"), ("TRAIN", "testing")])
def test_that_part_folders_lie_above_or_below_classes(tmp_path: Path, layout: str, words: tuple[str, str]) -> None:
    for part in words:
        for name in ("a", "b"):
            picture(tmp_path / layout.format(part=part, name=name, file=f"{part}{name}.png"))
    dataset = read_dataset(tmp_path)
    assert dataset.classes == ("a", "b")
    second = "test" if words[1] == "testing" else "validation"
    assert {sample.part for sample in dataset.samples} == {"train", second}


def test_that_an_image_outside_the_class_folders_is_skipped_with_its_reason(tmp_path: Path) -> None:
    picture(two_classes(tmp_path) / "stray.png")
    dataset = read_dataset(tmp_path)
    assert len(dataset.samples) == 6
    assert ("stray.png", "lies in no class folder") in [(item.path, item.reason) for item in dataset.skipped]
    assert "stray.png" in texts(dataset)


def test_that_a_folder_for_each_image_is_no_class(tmp_path: Path) -> None:
    for number in range(8):
        picture(tmp_path / f"case{number}" / "image.png")
    assert read_dataset(tmp_path).label == ""


def slices(folder: Path, layout: str, patients: Sequence[str] = ("P-1", "P-2")) -> Path:
    """Two slices of each of two classes for each patient, in folders as the layout says."""
    for patient in patients:
        for name in ("T1", "T2"):
            for number in range(2):
                path = folder / layout.format(patient=patient, name=name, file=f"{number}.dcm")
                dicom(path, gradient(), PatientID=patient)
    return folder


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(
    "layout",
    [
        "{name}/{patient}/{file}",
        "{patient}/{name}/{file}",
        "{name}/{patient}/series/{file}",
        "{name}/{patient}/series {patient}/{file}",
        "{patient}/{name}/images/{file}",
        "all/{patient}/{name}/{file}",
        "{name}/{patient}/{patient}/{file}",
        "{patient}/{name}/{patient}/{file}",
        "train/{name}/{patient}/{file}",
    ],
)
def test_that_the_class_is_found_around_the_folders_of_patients(tmp_path: Path, layout: str, count: int) -> None:
    dataset = read_dataset(slices(tmp_path, layout, [f"P-{number}" for number in range(count)]))
    assert dataset.classes == ("T1", "T2")
    assert all(f"/{label}/" in f"/{path}" for path, label in labels_of(dataset).items())


def test_that_series_of_one_name_in_both_classes_are_no_classes(tmp_path: Path) -> None:
    for series in ("axial", "coronal"):
        slices(tmp_path, "{name}/{patient}/" + series + "/{file}")
    dataset = read_dataset(tmp_path)
    assert dataset.classes == ("T1", "T2")
    assert "above the patients' folders" in texts(dataset)


@pytest.mark.parametrize("layout", ["{patient}/{name}{file}", "data/{patient}/series/{name}{file}"])
@pytest.mark.parametrize("count", [2, 4])
def test_that_folders_of_patients_are_no_classes(tmp_path: Path, layout: str, count: int) -> None:
    dataset = read_dataset(slices(tmp_path, layout, [f"P-{number}" for number in range(count)]))
    assert (dataset.label, dataset.classes) == ("", ())
    assert "named like the patients" in texts(dataset)


def test_that_a_patient_folder_may_be_spelled_in_another_way(tmp_path: Path) -> None:
    for patient in ("P-1", "P-2"):
        for name in ("T1", "T2"):
            dicom(tmp_path / name / patient.lower().replace("-", "_") / "0.dcm", gradient(), PatientID=patient)
    assert read_dataset(tmp_path).classes == ("T1", "T2")


def test_that_practice_data_of_two_patients_have_their_classes(tmp_path: Path) -> None:
    write_practice("t1-t2", tmp_path / "data", patients=2)
    dataset = read_dataset(tmp_path / "data")
    assert (dataset.label, dataset.classes) == ("class", ("T1", "T2"))


# patients


def test_that_unknown_patients_give_one_warning(tmp_path: Path) -> None:
    dataset = read_dataset(two_classes(tmp_path))
    assert sum("No patient is known for 6 images" in text for text in dataset.warnings) == 1
    assert all(sample.group == sample.path and not sample.patient for sample in dataset.samples)


@pytest.mark.parametrize("patients", ["2", "-1", "case*"])
def test_that_a_folder_level_names_the_patient(tmp_path: Path, patients: str) -> None:
    for name in ("ill", "well"):
        for number in range(2):
            for image in "ab":
                picture(tmp_path / name / f"case-{name}{number}" / f"{image}.png")
    dataset = read_dataset(tmp_path, patients=patients)
    assert dataset.classes == ("ill", "well")
    assert {sample.patient for sample in dataset.samples} == {"case-ill0", "case-ill1", "case-well0", "case-well1"}
    assert "No patient is known" not in texts(dataset)


def test_that_a_patient_level_of_zero_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="levels count from 1"):
        read_dataset(two_classes(tmp_path), patients="0")


# tables


def table(folder: Path, text: str, encoding: str = "utf-8", name: str = "labels.csv") -> Path:
    (folder / name).write_bytes(text.encode(encoding))
    return folder


def flat(folder: Path, count: int = 4) -> Path:
    for number in range(count):
        picture(folder / f"img{number}.png", number)
    return folder


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_that_tables_are_read_in_any_common_form(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [("file", "befund"), ("img0.png", "Höhle"), ("img1.png", "NA"), ("img2.png", "NA"), ("img3.png", "Höhle")]
    table(flat(tmp_path), "\r\n".join(separator.join(row) for row in rows), encoding)
    dataset = read_dataset(tmp_path, "labels.csv")
    assert dataset.classes == ("Höhle", "NA")
    assert dataset.labels == "labels.csv"


def test_that_leading_zeros_survive(tmp_path: Path) -> None:
    table(flat(tmp_path), "path,label,patient\nimg0.png,007,01\nimg1.png,7,1\nimg2.png,007,01\nimg3.png,7,1\n")
    dataset = read_dataset(tmp_path)
    assert dataset.classes == ("007", "7")
    assert {sample.patient for sample in dataset.samples} == {"01", "1"}


def test_that_decimal_commas_make_numbers(tmp_path: Path) -> None:
    table(flat(tmp_path), "path;mm\nimg0.png;1,5\nimg1.png;2\nimg2.png;3,25\nimg3.png;4.5\n", name="sizes.csv")
    dataset = read_dataset(tmp_path, "sizes.csv")
    assert (dataset.label, dataset.classes) == ("number", ())
    assert [sample.number for sample in dataset.samples] == [1.5, 2.0, 3.25, 4.5]


def test_that_few_whole_numbers_are_classes(tmp_path: Path) -> None:
    table(flat(tmp_path, 6), "path,label\n" + "".join(f"img{n}.png,{n % 3}\n" for n in range(6)))
    assert read_dataset(tmp_path).classes == ("0", "1", "2")


def test_that_unmatched_rows_and_images_are_both_counted(tmp_path: Path) -> None:
    rows = "".join(f"gone{n}.png,a\n" for n in range(25))
    table(flat(tmp_path), "path,label\nimg0.png,a\nimg1.png,b\n" + rows)
    dataset = read_dataset(tmp_path, "labels.csv")
    assert len(dataset.samples) == 2
    assert "25 rows of labels.csv name no image" in texts(dataset)
    assert "and 5 more" in texts(dataset)
    assert "2 images have no label in labels.csv and are not used: img2.png, img3.png" in texts(dataset)
    assert {item.path for item in dataset.skipped} >= {"img2.png", "img3.png"}


def test_that_columns_are_found_by_content(tmp_path: Path) -> None:
    table(
        two_classes(tmp_path),
        "x,y\n"
        + "".join(f"{k},C:\\data\\{n}\\{n}{i}.png\n" for n, k in (("ill", "p"), ("well", "q")) for i in range(3)),
    )
    assert read_dataset(tmp_path, "labels.csv").classes == ("p", "q")


def test_that_a_column_can_be_chosen(tmp_path: Path) -> None:
    table(flat(tmp_path), "path,label,sex\n" + "".join(f"img{n}.png,a,{'fm'[n % 2]}\n" for n in range(4)))
    assert read_dataset(tmp_path, "labels.csv:sex").classes == ("f", "m")
    with pytest.raises(DataError, match="no column 'age': its columns are path, label, sex"):
        read_dataset(tmp_path, "labels.csv:age")


def test_that_contradictions_in_a_table_are_refused(tmp_path: Path) -> None:
    table(flat(tmp_path), "path,label\nimg0.png,a\nimg0.png,b\nimg1.png,b\n")
    with pytest.raises(DataError, match=r"contradicts itself for 1 image: img0.png .lines 2 and 3: 'a' and 'b'"):
        read_dataset(tmp_path, "labels.csv")


def test_that_a_table_about_other_images_is_refused(tmp_path: Path) -> None:
    table(flat(tmp_path), "path,label\nother1.png,a\nother2.png,b\n")
    with pytest.raises(DataError, match=r"No row of labels\.csv names an image"):
        read_dataset(tmp_path, "labels.csv")


def test_that_parts_come_from_a_column(tmp_path: Path) -> None:
    table(flat(tmp_path), "path,label,split\nimg0.png,a,train\nimg1.png,b,Training\nimg2.png,a,val\nimg3.png,b,later\n")
    dataset = read_dataset(tmp_path)
    assert [sample.part for sample in dataset.samples] == ["train", "train", "validation", None]
    assert "later" in texts(dataset)


def test_that_a_broken_row_is_said(tmp_path: Path) -> None:
    table(flat(tmp_path), "path,label\nimg0.png,a\nimg1.png,1,5\nimg2.png,b\nimg3.png,b\n")
    dataset = read_dataset(tmp_path, "labels.csv")
    assert "(lines 3)" in texts(dataset)


def test_that_labels_naming_nothing_list_the_choices(tmp_path: Path) -> None:
    table(flat(tmp_path), "path,label\nimg0.png,a\n", name="truth.csv")
    with pytest.raises(DataError, match=r"'none.csv' are neither a file nor a folder.*truth.csv"):
        read_dataset(tmp_path, "none.csv")


def test_that_classes_written_in_two_ways_are_said(tmp_path: Path) -> None:
    table(flat(tmp_path), "path,label\nimg0.png,Ill\nimg1.png,ill\nimg2.png,well\nimg3.png,well\n")
    dataset = read_dataset(tmp_path)
    assert dataset.classes == ("Ill", "ill", "well")
    assert "Ill and ill" in texts(dataset)


def test_that_a_table_elsewhere_is_remembered_by_its_full_path(tmp_path: Path) -> None:
    images = flat(tmp_path / "images")
    path = tmp_path / "truth.tsv"
    path.write_text("name\tlabel\n" + "".join(f"img{n}\t{'ab'[n % 2]}\n" for n in range(4)))
    assert read_dataset(images, str(path)).labels == str(path)
    assert read_dataset(images, "../truth.tsv").counts() == {"a": 2, "b": 2}


def test_that_only_rows_below_the_folder_count(tmp_path: Path) -> None:
    """A table of the folder above names training and validation images with the same file names."""
    rows = [(part, name, n) for part in ("train", "val") for name in "ab" for n in range(3)]
    for part, name, n in rows:
        picture(tmp_path / part / name / f"{n}.png", n)
    (tmp_path / "all.csv").write_text("path,label\n" + "".join(f"{p}/{c}/{n}.png,{p}{c}\n" for p, c, n in rows))
    assert read_dataset(tmp_path / "train", "../all.csv").counts() == {"traina": 3, "trainb": 3}


def test_that_a_constant_patient_id_is_said(tmp_path: Path) -> None:
    write_practice("size", tmp_path / "data", patients=1)
    lines = (tmp_path / "data" / "labels.csv").read_text().splitlines()
    changed = [line.replace("PRACTICE-001,", f"P{n},") for n, line in enumerate(lines)]
    (tmp_path / "data" / "labels.csv").write_text("\n".join(changed))
    assert "patients where the files name 1" in texts(read_dataset(tmp_path / "data"))


# masks


def masked(folder: Path, name: str = "masks", values: tuple[int, ...] = (0, 255)) -> Path:
    for patient in "ab":
        for number in range(2):
            picture(folder / patient / "images" / f"{number}.png", number)
            mask(folder / patient / name / f"{number}.png", *values)
    return folder


def test_that_masks_are_matched_by_stem_and_patient_folder(tmp_path: Path) -> None:
    dataset = read_dataset(masked(tmp_path))
    assert (dataset.label, dataset.classes, dataset.mask_values) == ("mask", ("background", "foreground"), (0, 255))
    assert {sample.path: sample.mask for sample in dataset.samples} == {
        f"{patient}/images/{number}.png": f"{patient}/masks/{number}.png" for patient in "ab" for number in range(2)
    }


def test_that_several_mask_values_are_named_by_value(tmp_path: Path) -> None:
    dataset = read_dataset(masked(tmp_path, values=(0, 1, 3)))
    assert (dataset.classes, dataset.mask_values) == (("background", "1", "3"), (0, 1, 3))


def test_that_the_pixels_of_each_class_are_counted(tmp_path: Path) -> None:
    dataset = read_dataset(masked(tmp_path, values=(0, 0, 0, 3)))
    assert dataset.pixel_counts == (4 * 48, 4 * 16)
    mask(tmp_path / "a" / "masks" / "0.png", 255)
    assert read_dataset(tmp_path).pixel_counts == (3 * 48, 3 * 16, 64)


def test_that_masks_of_many_bits_are_counted_too(tmp_path: Path) -> None:
    for name in ("masks", "images"):
        (tmp_path / name).mkdir()
        for number in range(2):
            stored = np.where(np.arange(64).reshape(8, 8) < 5, 100_000 if name == "masks" else 3, 0)
            Image.fromarray(stored.astype(np.int32)).save(tmp_path / name / f"{number}.tif")
    dataset = read_dataset(tmp_path)
    assert (dataset.mask_values, dataset.pixel_counts) == ((0, 100_000), (118, 10))


class OneShortLimit(Child):
    """A decoder with one second for a file that hangs, and the usual time for files that a busy machine delays."""

    def __init__(self) -> None:
        self.asked: deque[Path] = deque()
        super().__init__()

    def send(self, request: dict[str, Any]) -> None:
        self.asked.append(Path(request["path"]))
        super().send(request)

    def receive(self, seconds: float) -> NDArray[Any] | str | list[Any]:
        hangs = bool(self.asked) and self.asked.popleft().is_fifo()
        return super().receive(1.0 if hangs else seconds)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a file that nobody ever fills needs POSIX")
def test_that_a_mask_that_hangs_its_decoder_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = scan(masked(tmp_path))
    (tmp_path / "a" / "masks" / "0.png").unlink()
    os.mkfifo(tmp_path / "a" / "masks" / "0.png")
    monkeypatch.setattr("runtime.data.pool.Child", OneShortLimit)
    dataset = read_dataset(tmp_path, catalogue=catalogue)
    assert len(dataset.samples) == 3
    assert any("a/masks/0.png took longer than 1 s" in item.reason for item in dataset.skipped)


def test_that_several_mask_folders_ask_for_a_choice(tmp_path: Path) -> None:
    masked(masked(tmp_path, "masks_lv"), "labels_all", (0, 1, 2))
    dataset = read_dataset(tmp_path)
    assert dataset.label == ""
    assert len(dataset.samples) == 4
    assert "labels_all, masks_lv" in texts(dataset)
    assert read_dataset(tmp_path, "masks_lv").mask_values == (0, 255)
    assert read_dataset(tmp_path, "labels_all").mask_values == (0, 1, 2)


def test_that_a_mask_of_several_pages_is_not_cut_to_its_first(tmp_path: Path) -> None:
    masked(tmp_path)
    (tmp_path / "a" / "masks" / "0.png").unlink()
    pages = [Image.fromarray(np.full((8, 8), value, np.uint8)) for value in (0, 255)]
    pages[0].save(tmp_path / "a" / "masks" / "0.tiff", save_all=True, append_images=pages[1:])
    dataset = read_dataset(tmp_path)
    assert len(dataset.samples) == 3
    assert any("its mask a/masks/0.tiff has 2" in item.reason for item in dataset.skipped)


def test_that_masks_of_another_size_are_not_used(tmp_path: Path) -> None:
    masked(tmp_path)
    mask(tmp_path / "a" / "masks" / "0.png", 0, 255, size=9)
    dataset = read_dataset(tmp_path)
    assert len(dataset.samples) == 3
    assert any("9 x 9" in item.reason for item in dataset.skipped)


def test_that_images_without_a_mask_and_masks_without_an_image_are_said(tmp_path: Path) -> None:
    masked(tmp_path)
    picture(tmp_path / "a" / "images" / "new.png")
    mask(tmp_path / "b" / "masks" / "lost.png", 0, 255)
    dataset = read_dataset(tmp_path)
    assert "a/images/new.png" in texts(dataset)
    assert "1 mask in masks matches no image: b/masks/lost.png" in texts(dataset)


def test_that_class_folders_named_like_masks_stay_classes(tmp_path: Path) -> None:
    for name in ("mask", "no_mask"):
        for number in range(3):
            picture(tmp_path / name / f"{name}{number}.png", number)
    assert read_dataset(tmp_path).classes == ("mask", "no_mask")


def test_that_masks_with_numbered_objects_are_refused_in_words(tmp_path: Path) -> None:
    dataset = read_dataset(masked(tmp_path, values=tuple(range(50))), "masks")
    assert dataset.label == ""
    assert "more than 32 different values" in texts(dataset)


def test_that_a_colour_mask_is_skipped_with_its_reason(tmp_path: Path) -> None:
    masked(tmp_path)
    colours = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(colours).save(tmp_path / "a" / "masks" / "0.png")
    dataset = read_dataset(tmp_path)
    assert len(dataset.samples) == 3
    assert any(item.path == "a/images/0.png" and "masks/0.png" in item.reason for item in dataset.skipped)


# the whole


def test_that_a_missing_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_dataset(tmp_path / "nowhere")
    with pytest.raises(DataError, match="holds no files"):
        read_dataset(tmp_path)
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(DataError, match=r"The only file in .* 1 x "):
        read_dataset(tmp_path)


def test_that_the_fingerprint_follows_files_and_labels(tmp_path: Path) -> None:
    two_classes(tmp_path)
    first = read_dataset(tmp_path).fingerprint
    assert read_dataset(tmp_path).fingerprint == first
    (tmp_path / "ill" / "ill0.png").rename(tmp_path / "well" / "ill0.png")
    second = read_dataset(tmp_path).fingerprint
    picture(tmp_path / "well" / "ill0.png", 1, size=9)
    assert len({first, second, read_dataset(tmp_path).fingerprint}) == 3


def test_that_the_order_of_the_catalogue_does_not_matter(tmp_path: Path) -> None:
    catalogue = scan(masked(tmp_path))
    turned = replace(catalogue, found=tuple(reversed(catalogue.found)))
    assert read_dataset(tmp_path, catalogue=catalogue) == read_dataset(tmp_path, catalogue=turned)


def test_that_dicom_comes_before_pictures(tmp_path: Path) -> None:
    write_practice("t1-t2", tmp_path / "data", patients=1)
    picture(tmp_path / "data" / "T1" / "preview.png")
    dataset = read_dataset(tmp_path / "data")
    assert dataset.kind == "dicom"
    assert "1 image files are not used" in texts(dataset)
    assert "T1/preview.png" in [item.path for item in dataset.skipped]


def test_that_reading_a_data_set_needs_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\nimport runtime.data.split, runtime.data.practice\n"
        "from runtime.data.labels import read_dataset\n"
        f"read_dataset(pathlib.Path({str(masked(tmp_path))!r}))\nsys.exit('torch' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


# real data


def test_that_mednist_has_six_classes_and_two_parts(real_data: Path) -> None:
    whole = read_dataset(real_data / "classification" / "mednist")
    assert len(whole.samples) == 1080
    assert len(whole.classes) == 6
    assert {sample.part for sample in whole.samples} == {"train", "validation"}
    train = read_dataset(real_data / "classification" / "mednist" / "train")
    assert set(train.counts().values()) == {150}
    assert {sample.part for sample in train.samples} == {None}


def test_that_the_chest_x_rays_take_patients_and_parts_from_their_table(real_data: Path) -> None:
    folder = real_data / "classification" / "chest_xray_pneumonia"
    dataset = read_dataset(folder)
    assert dataset.counts() == {"NORMAL": 425, "PNEUMONIA": 425}
    assert len({sample.patient for sample in dataset.samples}) == 562
    assert not dataset.warnings
    assert read_dataset(folder, "folders").counts() == dataset.counts()
    assert read_dataset(folder, "labels.csv:subtype").classes == ("bacteria", "virus")


def test_that_the_dicom_series_are_three_classes_of_one_patient_each(real_data: Path) -> None:
    dataset = read_dataset(real_data / "dicom_series")
    assert dataset.kind == "dicom"
    assert dict(dataset.counts()) == {"ct_chest_lidc0314": 22, "mr_brain_sag_mprage": 192, "mr_cine_SCD0000101": 20}
    assert len({sample.group for sample in dataset.samples}) == 3


def test_that_the_heart_images_have_two_sorts_of_masks(real_data: Path) -> None:
    folder = real_data / "segmentation" / "cardiac_mr_sunnybrook"
    undecided = read_dataset(folder)
    assert (undecided.label, len(undecided.samples)) == ("", 56)
    assert "labels_lv_myo, masks_lv" in texts(undecided)
    ventricle = read_dataset(folder, "masks_lv")
    assert (len(ventricle.samples), ventricle.classes) == (56, ("background", "foreground"))
    assert {sample.patient for sample in ventricle.samples} == {"SCD0000101", "SCD0000201", "SCD0000301"}
    muscle = read_dataset(folder, "labels_lv_myo")
    assert (len(muscle.samples), muscle.mask_values) == (28, (0, 1, 2))


def test_that_the_nuclei_take_their_masks_and_leave_the_instances(real_data: Path) -> None:
    dataset = read_dataset(real_data / "segmentation" / "nuclei_dsb2018")
    assert (len(dataset.samples), dataset.mask_values, dataset.size) == (132, (0, 255), (256, 256))
    assert sum(item.path.startswith("instances/") for item in dataset.skipped) == 132


def test_that_the_hippocampus_volumes_have_their_labels(real_data: Path) -> None:
    dataset = read_dataset(real_data / "segmentation" / "hippocampus_msd")
    assert (dataset.kind, len(dataset.samples), dataset.classes) == ("volume", 38, ("background", "1", "2"))
