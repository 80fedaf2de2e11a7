"""One small trained run of bright and dark discs for all tests of this folder."""

import pytest

from runtime.train import train
from tests.builders import graphs, pictures

LAYERS = (
    ("convolution", {"filters": 4, "name": "First"}), "relu", "max_pooling",
    ("convolution", {"filters": 6, "name": "Second"}), "relu",
    ("global_average_pooling", {"name": "Means"}),
)  # fmt: skip


@pytest.fixture(scope="session")
def discs(tmp_path_factory):
    folder = pictures.class_folders(tmp_path_factory.mktemp("discs") / "data", 60)
    graph = graphs.classifier(layers=LAYERS, before=["normalise"], **pictures.facts(folder))
    run = pictures.new_run(graph, folder.parent / "run", epochs=12, batch=8, device="cpu")
    list(train(run.job))
    return run


@pytest.fixture(scope="session")
def masks(tmp_path_factory):
    folder = pictures.masked(tmp_path_factory.mktemp("masked") / "data", 24)
    graph = graphs.segmenter(before=["normalise"], **pictures.facts(folder))
    run = pictures.new_run(graph, folder.parent / "run", epochs=3, batch=8, device="cpu")
    list(train(run.job))
    return run
