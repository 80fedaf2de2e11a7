"""Small folders of pictures for tests: bright or dark blobs, with masks or numbers where they are asked for."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from runtime.attach import learned
from runtime.data.labels import read_dataset
from runtime.graph import Graph
from runtime.job import make_job
from runtime.runs import Run, create_run


def blob(generator, bright: bool, side: int = 16):
    """A grey picture with a bright or dark disc, and the disc's mask and radius."""
    rows, columns = np.mgrid[:side, :side]
    radius = generator.uniform(3, 5)
    centre = generator.uniform(6, 10, 2)
    disc = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < radius**2
    picture = generator.normal(128, 12, (side, side)) + np.where(disc, 70 if bright else -70, 0)
    return np.clip(picture, 0, 255).astype(np.uint8), disc.astype(np.uint8), radius


def class_folders(folder: Path, count: int = 32, names: tuple[str, ...] = ("dark", "bright")) -> Path:
    """`count` pictures in folders named like their classes; the last class is bright."""
    generator = np.random.default_rng(0)
    for number in range(count):
        name = names[number % len(names)]
        (folder / name).mkdir(parents=True, exist_ok=True)
        picture, _, _ = blob(generator, name == names[-1])
        Image.fromarray(picture).save(folder / name / f"case{number:03}.png")
    return folder


def masked(folder: Path, count: int = 20) -> Path:
    """Pictures with the masks of their discs."""
    generator = np.random.default_rng(1)
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for number in range(count):
        picture, mask, _ = blob(generator, bright=True)
        Image.fromarray(picture).save(folder / "images" / f"case{number:03}.png")
        Image.fromarray(mask).save(folder / "masks" / f"case{number:03}.png")
    return folder


def numbered(folder: Path, count: int = 24) -> Path:
    """Pictures with a table that tells the radius of their discs."""
    generator = np.random.default_rng(2)
    folder.mkdir(parents=True)
    rows = [("path", "label")]
    for number in range(count):
        picture, _, radius = blob(generator, bright=True)
        name = f"case{number:03}.png"
        Image.fromarray(picture).save(folder / name)
        rows.append((name, f"{radius:.3f}"))
    with (folder / "radius.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return folder


def facts(folder: Path, labels: str = "") -> dict:
    """The learned settings of a source to which the folder is attached."""
    return dict(learned(read_dataset(folder, labels)))


def new_run(graph: Graph, folder: Path, **training) -> Run:
    """A run of the graph, made and not yet begun."""
    return create_run(make_job(graph, folder, **training))
