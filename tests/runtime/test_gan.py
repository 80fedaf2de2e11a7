"""The templates that make images: fitted to data, as large as they should be, trained, measured, handed on."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from runtime import template_fit, templates
from runtime.analysis import analyse
from runtime.compile import Deployed, Network, compile_graph
from runtime.data.catalogue import DataError
from runtime.data.labels import read_dataset
from runtime.delivery.contract import contract_of
from runtime.delivery.generate import generate
from runtime.delivery.predict import TrainedPredictor, predict_folder
from runtime.delivery.predictors import predictor_of
from runtime.document import Document
from runtime.errors import RunError
from runtime.evaluation.evaluate import evaluate
from runtime.events import Finished
from runtime.framed import BAR, is_remark, size_of
from runtime.graph import Graph
from runtime.job import make_job
from runtime.leading import lead_of
from runtime.material import decoded
from runtime.modules.crowds import ImageDistance
from runtime.readiness import training_problems
from runtime.runs import Run, create_run
from runtime.train import train
from runtime.trained import load_trained
from tests.builders import pictures
from tests.builders.graphs import classifier, sound
from tests.runtime.command import done
from tests.runtime.nnc import layers_of
from tests.runtime.test_templates import dataset

NAMES = ("gan", "dcgan")


@pytest.fixture(scope="module")
def slices(practice: Path) -> Path:
    """T1 slices of twelve made-up patients, without labels."""
    return practice / "T1"


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures in folders of classes."""
    return pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data")


@pytest.fixture(scope="module")
def made(blobs: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of one epoch of the template."""
    graph = template_fit.fitted(templates.graph_of("gan"), read_dataset(blobs))
    run = create_run(make_job(graph, tmp_path_factory.mktemp("gan") / "run", epochs=1, device="cpu"))
    assert isinstance(list(train(run.job))[-1], Finished)
    return run


@pytest.mark.parametrize("name", [*NAMES, "variational-autoencoder"])
@pytest.mark.parametrize(("label", "classes"), [("", ()), ("class", ("a", "b")), ("class", ("a",)), ("number", ())])
def test_that_they_learn_from_images_whatever_labels_there_are(
    name: str, label: str, classes: tuple[str, ...], tmp_path: Path
) -> None:
    for channels in (1, 3):
        data = replace(dataset(label, classes, channels, str(tmp_path)), top=255)
        analysis = analyse(template_fit.fitted(templates.graph_of(name), data))
        assert not analysis.problems
        assert not [one for one in training_problems(analysis, as_attached=False) if one.severity == "error"]
        (shape,) = (facts.inputs["prediction"] for facts in analysis.facts.values() if facts.node.type == "output")
        assert shape == (channels, *((32, 32) if name == "gan" else (28, 28)))


@pytest.mark.parametrize("name", NAMES)
def test_that_their_frames_hold_what_their_optimizers_train_and_no_node_lies_under_another(name: str) -> None:
    analysis = analyse(template_fit.fitted(templates.graph_of(name), replace(dataset("", ()), top=255)))
    parts = {
        analysis.graph.nodes[optimizer].settings["part"]: {analysis.title(node).partition(" / ")[0] for node in nodes}
        for optimizer, nodes in analysis.trained.items()
    }
    assert parts["Discriminator"] == {"Judge real images"}
    assert not parts["Generator"] & {"Judge real images", "Judge made images"}
    total = sum(facts.parameters for node, facts in analysis.facts.items() if node not in analysis.shares)
    assert total == sum(analysis.facts[node].parameters for nodes in analysis.trained.values() for node in nodes)
    shown = [node for node in analysis.drawn.on("").values() if node.type != "frame"]
    for one, other in combinations(shown, 2):
        (left, top), (width, height) = one.position, size_of(one) if is_remark(one) else BAR
        (x, y), (wide, high) = other.position, size_of(other) if is_remark(other) else BAR
        assert not (left < x + wide and x < left + width and top < y + high and y < top + height), (one, other)


def test_that_images_they_cannot_make_are_refused_with_a_way_out() -> None:
    with pytest.raises(DataError, match="use the template “gan”"):
        template_fit.fitted(templates.graph_of("dcgan"), dataset("", ()))
    with pytest.raises(DataError, match="--take slices"):
        template_fit.fitted(templates.graph_of("gan"), replace(dataset("", ()), size=(20, 64, 64)))


def test_that_the_dcgan_is_layer_for_layer_as_large_as_the_sample_project(real_data: Path) -> None:
    file = real_data / "nnc" / "sdcproj" / "image_generation" / "mnist_dcgan.sdcproj"
    if not file.is_file():
        pytest.skip(f"{file.name} is not there")
    analysis = analyse(template_fit.fitted(templates.graph_of("dcgan"), replace(dataset("", ()), top=255)))
    drawn = [node for node in analysis.order if analysis.title(node).partition(" / ")[0] != "Judge real images"]
    sizes = [(analysis.facts[node].parameters, analysis.facts[node].values) for node in drawn]
    assert [size for size in sizes if size[0]] == [size for size in layers_of(file, "TrainGenerator") if size[0]]


def test_that_a_generator_is_measured_by_its_own_losses_and_metrics(made: Run, blobs: Path) -> None:
    record = evaluate(made)
    assert {"loss", "real_taken_for_made", "image_distance"} <= set(record.metrics)
    assert not record.confusion
    assert "learns without labels" in " ".join(record.warnings)
    assert evaluate(made) == replace(record, opened=2)  # its noise is the same again
    assert evaluate(made, data=blobs).cases > record.cases  # labels are no hindrance


def test_that_a_generator_is_looked_at_but_answers_no_folder(made: Run, tmp_path: Path) -> None:
    model = predictor_of(made.folder)
    with pytest.raises(RunError, match="makes images out of noise and takes none"):
        predict_folder(model, tmp_path)
    first, again, other = (generate(model, tmp_path / str(at), 10, seed) for at, seed in enumerate((0, 0, 1)))
    shown = [np.asarray(Image.open(one.overview)) for one in (first, again, other)]
    assert shown[0].shape == (3 * 34 - 2, 4 * 34 - 2)
    assert np.array_equal(shown[0], shown[1])
    assert not np.array_equal(shown[0], shown[2])
    assert sorted(file.name for file in first.folder.iterdir())[:2] == ["01.png", "02.png"]


@pytest.mark.long
def test_that_a_generator_is_exported_and_checked_on_noise(made: Run, tmp_path: Path) -> None:
    file = tmp_path / "made.onnx"
    said = done("export", made.folder, "--to", "onnx", "--out", file).stdout
    assert "16 draws of noise" in said
    assert "16 draws of noise" in done("export", made.folder, "--to", "python", "--out", tmp_path / "made.py").stdout
    own = generate(predictor_of(made.folder), tmp_path / "own", 10)
    done("generate", file, "--out", tmp_path / "onnx", "--count", 10)
    images = [np.asarray(Image.open(one)).astype(int) for one in (own.overview, tmp_path / "onnx" / "all.png")]
    assert abs(images[0] - images[1]).max() <= 1


def test_that_a_model_that_takes_images_generates_none(tmp_path: Path) -> None:
    network = compile_graph(sound(classifier()))
    model = TrainedPredictor(network, contract_of(network.analysis))
    with pytest.raises(RunError, match="makes no images by itself; use predict"):
        generate(model, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def seeded(graph: Graph, seed: int) -> Graph:
    document = Document(graph)
    with document.edit("Seed"):
        document.train_with(replace(document.training, seed=seed))
    return document.graph()


def images_of(graph: Graph) -> Tensor:
    """All images of the project as the discriminator sees them: 32×32, mean 0 and spread 1 each."""
    analysis = analyse(graph)
    source = lead_of(analysis)
    data = read_dataset(Path(str(graph.nodes[source].settings["folder"])))
    *_, cached = decoded(analysis, source, data, lambda: False)
    pixels = torch.stack([torch.from_numpy(np.array(image)) for image in cached.images]).float()
    small = torch.nn.functional.interpolate(pixels, size=(32, 32), mode="bilinear", antialias=True)
    return (small - small.mean((1, 2, 3), keepdim=True)) / small.std((1, 2, 3), keepdim=True)


def generated(network: Network, count: int) -> Tensor:
    noise = torch.randn(count, 32, generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        return Deployed(network)(noise)[0]


def apart(made: Tensor, real: Tensor) -> float:
    metric = ImageDistance(1, (8, 8))
    metric.update(made, real)
    return metric.compute()


def unlike(made: Tensor, real: Tensor) -> tuple[float, float]:
    """How far the images of all means and of all spreads are from each other, pixel by pixel."""
    pairs = ((made.mean(0), real.mean(0)), (made.std(0), real.std(0)))
    mean, spread = (float((one - other).square().mean().sqrt()) for one, other in pairs)
    return mean, spread


@pytest.mark.long
def test_that_the_gan_learns_to_make_images_like_the_practice_images(slices: Path, tmp_path: Path) -> None:
    """Of seeds 0 to 4, after 40 epochs: distance 0.22 to 0.24 (halves of the real ones 0.08, noise 0.89); mean image
    0.13 to 0.16 off (noise 0.89), spread 0.11 to 0.12 (noise 0.46)."""
    graph = seeded(template_fit.fitted(templates.graph_of("gan"), read_dataset(slices)), 1)
    run = create_run(make_job(graph, tmp_path / "run", epochs=40, device="cpu"))
    for _ in train(run.job):
        pass
    real = images_of(graph)
    trained = generated(load_trained(run).network, len(real))
    untrained = generated(compile_graph(analyse(graph)), len(real))
    noise = torch.randn(real.shape, generator=torch.Generator().manual_seed(6))
    assert apart(trained, real) < 0.3
    assert apart(untrained, real) > 0.7
    assert apart(noise, real) > 0.7
    mean, spread = unlike(trained, real)
    assert mean < 0.25 < 0.7 < min(unlike(noise, real)[0], unlike(untrained, real)[0])
    assert spread < 0.18 < 0.4 < unlike(untrained, real)[1]
