"""The data of the table: real ones beside the repository, and made ones."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from runtime.data.practice import write_practice
from runtime.data.practice_names import PracticeName


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


def _practice(name: PracticeName, patients: int = 12) -> Callable[[Path, Path], Path]:
    def make(_real: Path, into: Path) -> Path:
        write_practice(name, into / name, patients)
        return into / name

    return make


def _few(name: PracticeName, slices: int) -> Callable[[Path, Path], Path]:
    """So many slices of each kind of three patients: one patient trains, one validates, one tests."""

    def make(_real: Path, into: Path) -> Path:
        write_practice(name, into / name, patients=3)
        for place in {file.parent for file in (into / name).rglob("IM*")}:
            for file in sorted(place.iterdir())[slices:]:
                file.unlink()
        return into / name

    return make


def _few_boxes(real: Path, into: Path) -> Path:
    for image in sorted((real / "detection/bccd/JPEGImages").iterdir())[:6]:
        shutil.copyfile(image, into / image.name)
        shutil.copyfile(image.parents[1] / "Annotations" / f"{image.stem}.xml", into / f"{image.stem}.xml")
    return into


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


def _table(into: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with (into / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("path", *columns), *rows])


def _placed(_real: Path, into: Path) -> Path:
    """Discs anywhere, with the place of the middle and the area: pixels are half a millimetre wide."""
    chance = np.random.default_rng(1)
    down, across = np.mgrid[:64, :64] / 2
    rows = []
    for number in range(400):
        radius, (y, x) = chance.uniform(2, 7), chance.uniform(8, 24, 2)
        disc = (across - x) ** 2 + (down - y) ** 2 < radius**2
        image = np.clip(90 + 60 * disc + chance.normal(0, 25, (64, 64)), 0, 255).astype(np.uint8)
        Image.fromarray(image).save(into / f"{number:03}.png")
        rows.append((f"{number:03}.png", f"{x:.2f}", f"{y:.2f}", f"{np.pi * radius**2:.1f}"))
    _table(into, ("x_mm", "y_mm", "area_mm2"), rows)
    return into


def _findings(_real: Path, into: Path) -> Path:
    """A disc, a bar and a bright half, each there or not in half of the images."""
    chance = np.random.default_rng(2)
    down, across = np.mgrid[:64, :64]
    rows = []
    for number in range(400):
        disc, bar, half = chance.integers(0, 2, 3).tolist()
        y, x, slope = chance.uniform(16, 48), chance.uniform(16, 48), chance.uniform(-0.6, 0.6)
        image = 90 + chance.normal(0, 25, (64, 64))
        image += 50 * disc * ((across - x) ** 2 + (down - y) ** 2 < 64)
        image += 50 * bar * (np.abs(down - 32 - slope * (across - 32)) < 2)
        image += 20 * half * (across < 32)
        Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).save(into / f"{number:03}.png")
        rows.append((f"{number:03}.png", disc, bar, half))
    _table(into, ("disc", "bar", "bright_half"), rows)
    return into


DATA: Mapping[str, Data] = {
    "digits": Data("MNIST, 10,000 digits", _digits),
    "t1-t2": Data("practice slices, T1 or T2", _practice("t1-t2")),
    "discs": Data("drawn discs of five sizes with noise", _discs),
    "size": Data("practice slices of 40 patients, lesions of 4 to 28 mm", _practice("size", 40)),
    "placed": Data("drawn discs, their place and area", _placed, "labels.csv:x_mm,y_mm,area_mm2"),
    "findings": Data("drawn discs, bars and bright halves, each there or not", _findings),
    "hippocampus": Data("hippocampus, 38 volumes", _copied("segmentation/hippocampus_msd")),
    "nuclei": Data("nuclei, 132 microscopy images", _copied("segmentation/nuclei_dsb2018"), "masks"),
    "ecg": Data("practice ECGs of 60 patients, three rhythms", _practice("ecg", 60)),
    "cells": Data("blood cells, 80 images with boxes", _copied("detection/bccd")),
    "slices": Data("MedNIST, 900 images of six kinds", _copied("classification/mednist/train")),
    "few classes": Data("a few practice slices", _few("t1-t2", 2)),
    "few masks": Data("a few practice slices with lesions", _few("lesion", 6)),
    "few boxes": Data("six images of blood cells with boxes", _few_boxes),
    "candidates": Data("practice slices with candidate points", _practice("candidates")),
    "t1-and-t2": Data(
        "practice slices of 24 patients, T1 and T2 as two folders", _practice("t1-t2", 24), sources=("T1", "T2")
    ),
}
