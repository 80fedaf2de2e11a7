"""The practice data are real DICOM, the same for the same seed, and learnable but not by brightness."""

import csv
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from runtime.data.catalogue import DataError
from runtime.data.labels import read_dataset
from runtime.data.practice import PracticeName, write_practice
from runtime.data.scan import scan
from runtime.data.split import split

TRAINED_ON = 8  # of twelve patients


@pytest.fixture(scope="module")
def contrasts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("practice") / "t1-t2"
    write_practice("t1-t2", folder)
    return folder


def small(pixels: NDArray[np.uint16]) -> NDArray[np.float64]:
    """16 x 16 block means, standardised."""
    means = pixels.astype(np.float64).reshape(16, 8, 16, 8).mean(axis=(1, 3))
    return np.ravel((means - means.mean()) / means.std()).astype(np.float64)


def test_that_contrasts_are_learnable_but_not_by_brightness(contrasts: Path) -> None:
    files = sorted(contrasts.rglob("*.dcm"))
    pixels = [pydicom.dcmread(file).pixel_array for file in files]
    bright = np.array([image.mean() for image in pixels])
    is_t1 = np.array([file.parts[-3] == "T1" for file in files])
    training = np.array([int(file.parts[-2][-3:]) <= TRAINED_ON for file in files])
    images = np.stack([small(image) for image in pixels])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))
    model.fit(images[training], is_t1[training])
    assert model.score(images[~training], is_t1[~training]) >= 0.8
    agreement = np.array([np.mean((bright > limit) == is_t1) for limit in bright])
    assert max(agreement.max(), (1 - agreement).max()) < 0.8


def test_that_the_data_set_is_read_as_meant(contrasts: Path) -> None:
    dataset = read_dataset(contrasts)
    assert (dataset.kind, dataset.label, dataset.classes) == ("dicom", "class", ("T1", "T2"))
    assert (dataset.channels, dataset.size) == (1, (128, 128))
    assert len({sample.patient for sample in dataset.samples}) == 12
    assert not dataset.warnings
    parts = split(dataset, 0)
    assert not parts.warnings
    assert parts.how.startswith("by patient, seed 0: ")


def test_that_the_files_are_complete_series(contrasts: Path) -> None:
    catalogue = scan(contrasts)
    assert not catalogue.skipped
    assert not any(item.notes for item in catalogue.found)
    assert len(catalogue.series) == 24
    assert not any(series.problems for series in catalogue.series)
    assert all(10 <= series.slices <= 16 and series.spacing_mm is not None for series in catalogue.series)


def test_that_file_names_do_not_follow_the_order_of_slices(contrasts: Path) -> None:
    folder = contrasts / "T1" / "PRACTICE-001"
    order = [pydicom.dcmread(file, stop_before_pixels=True).InstanceNumber for file in sorted(folder.iterdir())]
    assert order != sorted(order)
    assert sorted(order) == list(range(1, len(order) + 1))


def test_that_pixels_are_twelve_bits_and_uids_unique(contrasts: Path) -> None:
    datasets = [pydicom.dcmread(file) for file in contrasts.rglob("*.dcm")]
    assert len({dataset.SOPInstanceUID for dataset in datasets}) == len(datasets)
    assert all(dataset.SOPInstanceUID.is_valid and dataset.BitsStored == 12 for dataset in datasets)
    assert all(dataset.pixel_array.max() < 4096 and dataset.pixel_array.std() > 20 for dataset in datasets)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["t1-t2", "lesion", "size", "place", "findings", "grades"])
def test_that_the_same_seed_writes_the_same_files(name: PracticeName, tmp_path: Path) -> None:
    written = []
    for folder, seed in (("a", 3), ("b", 3), ("c", 4)):
        count = write_practice(name, tmp_path / folder, patients=1, seed=seed)
        files = sorted(path for path in (tmp_path / folder).rglob("*") if path.is_file())
        assert sum(path.suffix == ".dcm" for path in files) == count
        written.append([(path.relative_to(tmp_path / folder), path.read_bytes()) for path in files])
    assert written[0] == written[1]
    assert written[0] != written[2]


def test_that_lesions_have_masks_on_bright_pixels(tmp_path: Path) -> None:
    count = write_practice("lesion", tmp_path / "data", patients=3, seed=1)
    dataset = read_dataset(tmp_path / "data")
    assert (len(dataset.samples), dataset.label, dataset.mask_values) == (count, "mask", (0, 255))
    assert not dataset.warnings
    with_lesion = 0
    for sample in dataset.samples:
        mask = np.asarray(Image.open(tmp_path / "data" / str(sample.mask))) > 0
        pixels = pydicom.dcmread(tmp_path / "data" / sample.path).pixel_array
        if mask.sum() >= 20:
            with_lesion += 1
            assert pixels[mask].mean() > 1.2 * pixels[~mask & (pixels > pixels.mean())].mean()
    assert 3 <= with_lesion < count


def test_that_every_size_has_a_diameter_in_millimetres(tmp_path: Path) -> None:
    count = write_practice("size", tmp_path / "data", patients=3, seed=1)
    with (tmp_path / "data" / "labels.csv").open(encoding="utf-8", newline="") as file:
        diameters = [float(row["diameter_mm"]) for row in csv.DictReader(file)]
    assert len(diameters) == count
    assert min(diameters) > 2
    assert max(diameters) < 35
    assert max(diameters) - min(diameters) > 15
    dataset = read_dataset(tmp_path / "data")
    assert (dataset.label, len(dataset.samples)) == ("number", count)
    assert sorted(sample.number or 0 for sample in dataset.samples) == sorted(diameters)
    assert not dataset.warnings


def test_that_the_place_and_size_of_a_lesion_are_three_numbers_of_its_bright_pixels(tmp_path: Path) -> None:
    write_practice("place", tmp_path / "data", patients=3, seed=1)
    dataset = read_dataset(tmp_path / "data")
    assert (dataset.label, dataset.classes) == ("number", ("x_mm", "y_mm", "diameter_mm"))
    assert not dataset.warnings
    brighter = []
    for sample in dataset.samples:
        pixels = pydicom.dcmread(tmp_path / "data" / sample.path).pixel_array.astype(float)
        column, row = (round(value / 1.875) for value in sample.numbers[:2])
        around = pixels[row - 12 : row + 13, column - 12 : column + 13]
        brighter.append(pixels[row - 1 : row + 2, column - 1 : column + 2].mean() > np.percentile(around, 70))
    assert np.mean(brighter) > 0.9


@pytest.mark.slow
def test_that_findings_are_three_labels_that_do_not_hang_together(tmp_path: Path) -> None:
    count = write_practice("findings", tmp_path / "data", patients=8, seed=1)
    dataset = read_dataset(tmp_path / "data")
    assert (dataset.label, dataset.classes) == ("labels", ("lesion", "cyst", "motion"))
    assert not dataset.warnings
    with (tmp_path / "data" / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [[int(row[name]) for name in dataset.classes] for row in csv.DictReader(file)]
    assert len(rows) == count
    assert (np.mean(rows, axis=0) > 0.25).all()
    assert (np.mean(rows, axis=0) < 0.6).all()
    assert np.abs(np.corrcoef(np.transpose(rows)) - np.eye(3)).max() < 0.3


@pytest.mark.slow
def test_that_grades_rise_with_the_bright_pixels_in_a_slice(tmp_path: Path) -> None:
    write_practice("grades", tmp_path / "data", patients=6, seed=1)
    dataset = read_dataset(tmp_path / "data")
    assert (dataset.label, dataset.classes) == ("class", ("0", "1", "2", "3"))
    assert not dataset.warnings
    spots: dict[str, list[float]] = {}
    for sample in dataset.samples:
        pixels = pydicom.dcmread(tmp_path / "data" / sample.path).pixel_array[44:104, 44:84].astype(float)
        spots.setdefault(str(sample.label), []).append(float(np.percentile(pixels, 99) / np.median(pixels)))
    means = [np.mean(spots[grade]) for grade in dataset.classes]
    assert means[0] < means[2] < means[3]


def test_that_impossible_wishes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("here")
    with pytest.raises(DataError, match="is not empty"):
        write_practice("size", tmp_path / "full")
    with pytest.raises(DataError, match="0 patients cannot be made"):
        write_practice("size", tmp_path / "new", patients=0)
    with pytest.raises(DataError, match="cannot be written"):
        write_practice("size", tmp_path / "full" / "file" / "below")
