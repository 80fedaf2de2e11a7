"""One small trained run of bright and dark discs for all tests of this folder."""

import nibabel
import numpy as np
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


@pytest.fixture(scope="session")
def volumes(tmp_path_factory):
    """A run on small volumes with a bright or a dark box."""
    folder = tmp_path_factory.mktemp("volumes") / "data"
    generator = np.random.default_rng(5)
    for number in range(24):
        name = ("dark", "bright")[number % 2]
        volume = generator.normal(100, 8, (12, 12, 10)).astype(np.float32)
        volume[4:9, 3:8, 5:9] += 60 if name == "bright" else -60
        (folder / name).mkdir(parents=True, exist_ok=True)
        nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), folder / name / f"case{number:02}.nii")
    layers = (("convolution", {"filters": 4, "name": "First"}), "relu", ("global_average_pooling", {"name": "Means"}))
    graph = graphs.classifier(layers=layers, before=["normalise"], **{**pictures.facts(folder), "size": ()})
    run = pictures.new_run(graph, folder.parent / "run", epochs=2, batch=8, device="cpu")
    list(train(run.job))
    return run


@pytest.fixture(scope="session")
def signals(tmp_path_factory):
    """A run on short signals of two leads; those of one class have a beat in their last quarter."""
    folder = tmp_path_factory.mktemp("signals") / "data"
    generator = np.random.default_rng(6)
    for number in range(24):
        name = ("flat", "beat")[number % 2]
        wave = generator.normal(0, 0.1, (128, 2))
        wave[100:108] += 2 if name == "beat" else 0
        rows = [",".join(f"{value:.4f}" for value in (at / 100, *own)) for at, own in enumerate(wave)]
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / f"{number}.csv").write_text("\n".join(["time_s,I,II", *rows]), encoding="utf-8")
    layers = (("convolution", {"filters": 4, "name": "First"}), "relu", "flatten")
    graph = graphs.classifier(kind="signals", layers=layers, before=["normalise"], **pictures.facts(folder))
    run = pictures.new_run(graph, folder.parent / "run", epochs=8, batch=4, device="cpu")
    list(train(run.job))
    return run
