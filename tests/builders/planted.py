"""Small trainings that go wrong in a known way, and one that goes well: pictures, graph and settings of each."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from runtime.graph import Graph
from tests.builders import graphs, pictures

SIDE = 8
Noise = np.random.Generator
DENSE = ("flatten", ("dense", {"units": 32}), "relu")
CONVOLUTIONS = (
    ("convolution", {"filters": 8}), "batch_normalization", "relu", "max_pooling", "flatten",
    ("dense", {"units": 16}), "relu",
)  # fmt: skip


def write(folder: Path, picture: np.ndarray, name: str) -> None:
    """Save a picture whose values lie around 0 with a spread of 1 as 8-bit greys."""
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.clip(128 + 32 * picture, 0, 255).astype(np.uint8)).save(folder / f"{name}.png")


def sorted_pictures(folder: Path, counts: tuple[int, int], draw: Callable[[Noise, int], np.ndarray]) -> Path:
    """Folders train and validation with `counts` pictures, half of each of two classes."""
    generator = np.random.default_rng(7)
    for part, count in zip(("train", "validation"), counts, strict=True):
        for number in range(count):
            kind = number % 2
            write(folder / part / "ab"[kind], draw(generator, kind), f"{part}{number:03}")
    return folder


def bright(generator: Noise, kind: int, signal: float = 1.5) -> np.ndarray:
    """Noise, brighter in the middle for the second class."""
    picture = generator.normal(0, 1, (SIDE, SIDE))
    picture[2:6, 2:6] += signal * kind
    return picture


def classifier(folder: Path, layers: tuple, optimizer: tuple = ("adam", {"rate": 0.01}), **more) -> Graph:
    """A classifier of a folder with this optimizer."""
    graph = graphs.classifier(before=["normalise"], layers=layers, **pictures.facts(folder), **more)
    return with_optimizer(graph, *optimizer)


def with_optimizer(graph: Graph, kind: str, settings: dict) -> Graph:
    """The graph with another optimizer in place of Adam."""
    document = graphs.Document(graph)
    with document.edit("Optimizer"):
        document.retype("adam-1", kind, kind.capitalize(), settings)
    return document.graph()


def healthy(folder: Path) -> tuple[Graph, int]:
    """Enough pictures, a fitting network and rate."""
    return classifier(sorted_pictures(folder, (160, 60), bright), CONVOLUTIONS, ("adam", {"rate": 0.003})), 12


def overfitting(folder: Path) -> tuple[Graph, int]:
    """Few pictures that show next to nothing of their class: they are learned by heart."""
    data = sorted_pictures(folder, (40, 40), lambda generator, kind: bright(generator, kind, 0.3))
    return classifier(data, DENSE), 20


def underfitting(folder: Path) -> tuple[Graph, int]:
    """The class is whether both halves are alike, which no weighted sum of the two tells."""

    def draw(generator: Noise, kind: int) -> np.ndarray:
        left = generator.integers(2)
        picture = generator.normal(0, 0.5, (SIDE, SIDE))
        picture[:, :4] += 2.0 * left
        picture[:, 4:] += 2.0 * (left ^ kind)
        return picture

    layers = (("average_pooling", {"kernel": 4, "stride": 4}), "flatten")
    return classifier(sorted_pictures(folder, (320, 80), draw), layers), 12


def rate_too_high(folder: Path) -> tuple[Graph, int]:
    """Steps that overshoot: the loss jumps up and down."""
    optimizer = ("sgd", {"rate": 1.0, "momentum": 0.9})
    data = sorted_pictures(folder, (240, 60), lambda generator, kind: bright(generator, kind, 0.6))
    return classifier(data, ("flatten",), optimizer), 12


def rate_too_low(folder: Path) -> tuple[Graph, int]:
    """Steps so small that nearly nothing moves."""
    return classifier(sorted_pictures(folder, (96, 60), bright), CONVOLUTIONS, ("adam", {"rate": 1e-6})), 8


def plateau(folder: Path) -> tuple[Graph, int]:
    """One label in ten is wrong, so that the loss comes to rest far above 0."""

    def draw(generator: Noise, kind: int) -> np.ndarray:
        return bright(generator, kind ^ int(generator.random() < 0.1), 3.0)

    layers = (("average_pooling", {"kernel": 4, "stride": 4}), "flatten")
    return classifier(sorted_pictures(folder, (240, 80), draw), layers, ("adam", {"rate": 0.02})), 16


def majority(folder: Path) -> tuple[Graph, int]:
    """One case in sixteen is of the second class, and nothing shows it."""
    generator = np.random.default_rng(3)
    for part, count in (("train", 160), ("validation", 64)):
        for number in range(count):
            kind = int(number % 16 == 0)
            write(folder / part / "ab"[kind], bright(generator, kind, 0.0), f"{part}{number:03}")
    layers = (("average_pooling", {"kernel": 4, "stride": 4}), "flatten")
    return classifier(folder, layers, ("adam", {"rate": 0.03})), 8


def empty_masks(folder: Path) -> tuple[Graph, int]:
    """Lesions of two pixels, hardly brighter than the noise, and a loss that counts pixels."""
    generator = np.random.default_rng(5)
    for part, count in (("train", 60), ("validation", 24)):
        for number in range(count):
            picture, mask = generator.normal(0, 1, (SIDE * 2, SIDE * 2)), np.zeros((SIDE * 2, SIDE * 2), np.uint8)
            row, column = generator.integers(2, 13, 2)
            mask[row, column : column + 2] = 1
            write(folder / "images", picture + mask, f"{part}{number:03}")
            (folder / "masks").mkdir(exist_ok=True)
            Image.fromarray(mask).save(folder / "masks" / f"{part}{number:03}.png")
    facts = pictures.facts(folder)
    return graphs.segmenter(before=["normalise"], loss="cross_entropy", metrics=["dice_score"], **facts), 8


def validation_better(folder: Path) -> tuple[Graph, int]:
    """Dropout leaves nearly nothing to learn from; measuring has all of it."""
    layers = (*DENSE, ("dropout", {"rate": 0.9}))
    return classifier(sorted_pictures(folder, (160, 60), bright), layers, ("adam", {"rate": 0.01})), 15


def not_finite(folder: Path) -> tuple[Graph, int]:
    """A rate beyond all sense."""
    return classifier(sorted_pictures(folder, (40, 20), bright), CONVOLUTIONS, ("sgd", {"rate": 1e38})), 5
