"""The data of the table: real ones beside the repository, and made ones."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from runtime.data.practice import PracticeName, write_practice


@dataclass(frozen=True)
class Data:
    """A folder to train on, made in a folder of its own from the real data; `labels` as `netloom new` takes them."""

    title: str
    make: Callable[[Path, Path], Path]  # (real data, empty folder) -> the folder to train on
    labels: str = ""
    sources: tuple[str, ...] = ("",)  # the folders in it, one for each source of the template


def _digits(real: Path, into: Path) -> Path:
    images = gzip.decompress((real / "classification/mnist_idx/t10k-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((real / "classification/mnist_idx/t10k-labels-idx1-ubyte.gz").read_bytes())
    pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28)
    for number, (digit, image) in enumerate(zip(labels[8:], pixels, strict=True)):
        folder = into / str(digit)
        folder.mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / f"{number:05}.png")
    return into


def _copied(place: str) -> Callable[[Path, Path], Path]:
    return lambda real, into: Path(shutil.copytree(real / place, into / "data"))


def _practice(name: PracticeName) -> Callable[[Path, Path], Path]:
    def make(_real: Path, into: Path) -> Path:
        write_practice(name, into / name)
        return into / name

    return make


def _discs(_real: Path, into: Path) -> Path:
    chance = np.random.default_rng(0)
    down, across = np.mgrid[:64, :64]
    for grade in range(5):
        (into / f"grade {grade}").mkdir()
        for number in range(60):
            radius, (y, x) = 6 + 4 * grade + chance.normal(0, 1.2), 32 + chance.integers(-4, 5, 2)
            disc = (across - x) ** 2 + (down - y) ** 2 < radius**2
            image = np.clip(90 + 60 * disc + chance.normal(0, 25, (64, 64)), 0, 255).astype(np.uint8)
            Image.fromarray(image).save(into / f"grade {grade}" / f"{number:03}.png")
    return into


DATA: Mapping[str, Data] = {
    "digits": Data("MNIST, 10,000 digits", _digits),
    "t1-t2": Data("practice slices, T1 or T2", _practice("t1-t2")),
    "discs": Data("drawn discs of five sizes with noise", _discs),
    "hippocampus": Data("hippocampus, 38 volumes", _copied("segmentation/hippocampus_msd")),
    "nuclei": Data("nuclei, 132 microscopy images", _copied("segmentation/nuclei_dsb2018"), "masks"),
    "practice": Data("practice slices", _practice("t1-t2")),
    "t1-and-t2": Data("practice slices, T1 and T2 as two folders", _practice("t1-t2"), sources=("T1", "T2")),
    "lesions": Data("practice slices with lesions", _practice("lesion")),
}
