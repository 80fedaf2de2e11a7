"""Images in files of arrays: idx, npz and npy, their labels, and the cases they become."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from runtime.data.arrays import read_arrays
from runtime.data.cache import load_images
from runtime.data.catalogue import DataError, DataSet
from runtime.data.faults import FileFault
from runtime.data.labels import read_dataset
from runtime.data.scan import scan
from runtime.data.split import divide
from runtime.data.split_how import How


def idx(path: Path, values: np.ndarray) -> Path:
    head = bytes((0, 0, 8, values.ndim)) + b"".join(side.to_bytes(4, "big") for side in values.shape)
    raw = head + values.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


def digits(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (count, 8, 9), np.uint8)


def mnist(folder: Path, ending: str = "") -> Path:
    for part, count in (("train", 12), ("t10k", 5)):
        idx(folder / f"{part}-images-idx3-ubyte{ending}", digits(count))
        idx(folder / f"{part}-labels-idx1-ubyte{ending}", np.arange(count) % 3)
    return folder


def texts(dataset: DataSet) -> str:
    return " ".join((*dataset.said, *dataset.warnings))


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_that_idx_files_are_cases_with_the_labels_beside_them(tmp_path: Path, ending: str) -> None:
    dataset = read_dataset(mnist(tmp_path, ending))
    assert (dataset.label, dataset.classes, dataset.size, dataset.top) == ("class", ("0", "1", "2"), (8, 9), 255)
    assert [sum(sample.part == part for sample in dataset.samples) for part in ("train", "test")] == [12, 5]
    first = next(sample for sample in dataset.samples if sample.part == "train" and sample.frame == 7)
    assert first.label == "1"
    assert first.key == f"train-images-idx3-ubyte{ending}#7"
    assert len({sample.group for sample in dataset.samples}) == 17


def test_that_the_pixels_of_arrays_reach_training_as_stored(tmp_path: Path) -> None:
    dataset = read_dataset(mnist(tmp_path, ".gz"))
    cached = load_images(dataset, tmp_path / "cache", lambda image: image, 1, (8, 9), "as is")
    places = [place for place, sample in enumerate(dataset.samples) if sample.part == "train"]
    assert np.array_equal(cached.images[places, 0], digits(12).astype(np.float32))


def test_that_the_parts_of_a_medmnist_file_are_the_parts_of_the_split(tmp_path: Path) -> None:
    arrays = {f"{part}_images": digits(count, count) for part, count in (("train", 9), ("val", 4), ("test", 3))}
    labels = {
        f"{part}_labels": np.arange(count)[:, None] % 2 for part, count in (("train", 9), ("val", 4), ("test", 3))
    }
    np.savez(tmp_path / "some.npz", **arrays, **labels)
    dataset = read_dataset(tmp_path)
    parts = divide(dataset, How()).parts
    assert [len(parts.of(part)) for part in ("train", "validation", "test")] == [9, 4, 3]
    assert dataset.classes == ("0", "1")


def test_that_columns_of_yes_and_no_in_an_npz_are_several_labels(tmp_path: Path) -> None:
    marks = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 0]])
    np.savez(tmp_path / "chest.npz", train_images=digits(3), train_labels=marks)
    dataset = read_dataset(tmp_path)
    assert (dataset.label, dataset.classes) == ("labels", ("0", "1", "2"))
    assert [sample.labels for sample in dataset.samples] == [("0", "2"), (), ("0", "1")]


def test_that_fractions_in_an_npz_are_numbers(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=digits(3), y_train=np.array([0.5, 1.25, 9]))
    dataset = read_dataset(tmp_path)
    assert (dataset.label, [sample.number for sample in dataset.samples]) == ("number", [0.5, 1.25, 9.0])


def test_that_labels_of_another_number_than_the_images_are_refused_with_both(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", train_images=digits(3), train_labels=np.arange(4))
    with pytest.raises(DataError, match=r"a\.npz holds 3 images, but its labels \(a\.npz, train_labels\) are 4"):
        read_dataset(tmp_path)


@pytest.mark.parametrize(
    "names", [("images", "labels"), ("X", "y"), ("x_train", "y_train"), ("train_images", "train_labels")]
)
@pytest.mark.parametrize("one_hot", [False, True])
def test_that_a_list_of_images_in_numpy_has_its_labels_beside_it(
    tmp_path: Path, names: tuple[str, str], one_hot
) -> None:
    labels = np.arange(10) % 2
    np.save(tmp_path / f"{names[0]}.npy", digits(10))
    np.save(tmp_path / f"{names[1]}.npy", np.eye(2, dtype=np.uint8)[labels] if one_hot else labels)
    dataset = read_dataset(tmp_path)
    assert (len(dataset.samples), dataset.size, dict(dataset.counts())) == (10, (8, 9), {"0": 5, "1": 5})
    assert [sample.label for sample in dataset.samples] == [str(label) for label in labels]
    assert {sample.part for sample in dataset.samples} == {"train" if "train" in names[0] else None}
    assert not [item.path for item in dataset.skipped if "named like a mask" in item.reason]


def test_that_python_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "evil.npz", train_images=np.array([[[{}]]], object))
    catalogue = scan(tmp_path)
    assert "Python objects, which could run a program" in catalogue.skipped[0].reason


@pytest.mark.parametrize(
    ("shape", "channels", "size"), [((6, 7), 1, (6, 7)), ((6, 7, 3), 3, (6, 7)), ((4, 6, 7), 1, (4, 6, 7))]
)
def test_that_one_array_alone_is_an_image_or_a_volume(tmp_path: Path, shape, channels, size) -> None:
    np.save(tmp_path / "a.npy", np.zeros(shape, np.int16))
    (found,) = scan(tmp_path).found
    assert (found.channels, found.size, found.frames) == (channels, size, 1)
    assert read_arrays(tmp_path / "a.npy").shape == (1, channels, *size)


def test_that_colour_comes_first_in_the_arrays_that_are_read(tmp_path: Path) -> None:
    colour = np.random.default_rng(1).integers(0, 255, (2, 4, 5, 3), np.uint8)
    np.savez(tmp_path / "a.npz", train_images=colour)
    assert np.array_equal(read_arrays(tmp_path / "a.npz"), colour.transpose(0, 3, 1, 2))


@pytest.mark.parametrize("cut", [20, -1])
def test_that_an_idx_file_of_another_length_than_it_says_is_told(tmp_path: Path, cut: int) -> None:
    path = idx(tmp_path / "a-images-idx3-ubyte", digits(3))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(FileFault, match="fewer are there"):
        read_arrays(path)


def test_that_the_real_digits_are_read(real_data: Path) -> None:
    dataset = read_dataset(real_data / "classification" / "mnist_idx")
    assert len(dataset.samples) == 10_000
    assert list(dataset.counts().values()) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert {sample.part for sample in dataset.samples} == {"test"}


def test_that_the_real_medmnist_file_is_read(real_data: Path) -> None:
    dataset = read_dataset(real_data / "classification" / "pneumoniamnist")
    assert dataset.counts() == {"0": 388 + 135, "1": 1164 + 389}
