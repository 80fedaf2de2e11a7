"""Trained networks of Neural Network Console and NNabla answer here as they did there."""

import csv
import gzip
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from runtime.compile import Deployed, compile_graph
from runtime.importing.foreign import read_foreign
from runtime.importing.imported import Imported
from runtime.importing.writing import write_imported
from runtime.weights.starting import start_of
from tests.builders.imported import with_data

RUNS = ("20210411_021325", "20210411_022815")


@pytest.fixture(scope="module")
def digits(real_data: Path) -> tuple[torch.Tensor, np.ndarray]:
    """The 10,000 test images of MNIST as stored (0 to 255), and what they show."""
    folder = real_data / "classification" / "mnist_idx"
    with gzip.open(folder / "t10k-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(folder / "t10k-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return torch.from_numpy(images.astype(np.float32)), labels


def answers(imported: Imported, images: torch.Tensor, folder: Path) -> torch.Tensor:
    """What the drawing answers with the weights of its file, as a user's training would take them over."""
    written = write_imported(imported, folder / "imported.netloom")
    training = replace(imported.graph.training, weights_from=str(written.weights))
    analysis = with_data(replace(imported.graph, training=training), channels=1)
    start, network = start_of(analysis), compile_graph(analysis)
    assert not start.report.unused
    assert not start.report.new
    start.put(network)
    with torch.no_grad():
        (chances,) = Deployed(network)(images)
    return chances


@pytest.mark.parametrize("run", RUNS)
def test_that_a_trained_run_gives_its_stored_confusion_matrix(real_data, digits, tmp_path, run):
    folder = real_data / "nnc" / "nnp_mnist_runs" / run
    images, labels = digits
    predicted = answers(read_foreign(folder / "results.nnp"), images, tmp_path).argmax(1).numpy()
    found = np.zeros((10, 10), dtype=int)
    np.add.at(found, (labels, predicted), 1)
    assert (found == stored(folder / "confusion_matrix_y.csv")).all()


@pytest.mark.parametrize("run", RUNS)
def test_that_a_trained_run_gives_its_stored_loss(real_data, digits, tmp_path, run):
    folder = real_data / "nnc" / "nnp_mnist_runs" / run
    images, labels = digits
    chances = answers(read_foreign(folder / "results.nnp"), images, tmp_path)
    loss = torch.nn.functional.nll_loss(chances.log(), torch.from_numpy(labels.astype(np.int64)))
    best = re.search(r"best_validation=([\d.]+)", (folder / "result.ini").read_text(encoding="utf-8"))
    assert best is not None
    assert float(loss) == pytest.approx(float(best[1]), abs=2e-3)


def test_that_the_trained_lenet_of_nnabla_reads_digits(real_data, digits, tmp_path):
    images, labels = digits
    scores = answers(read_foreign(real_data / "nnc" / "nnabla" / "lenet_010000.nnp"), images[:2000], tmp_path)
    assert (scores.argmax(1).numpy() == labels[:2000]).mean() > 0.98


def stored(path: Path) -> np.ndarray:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    return np.array([[int(value) for value in row[1:11]] for row in rows[1:11]])
