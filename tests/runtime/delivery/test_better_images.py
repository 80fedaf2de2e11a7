"""Networks that make images better: measured against what came in, and given away without what made images poorer."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from PIL import Image

from runtime import template_fit, templates
from runtime.analysis import analyse
from runtime.checkpoint import load_checkpoint
from runtime.compile import Deployed, compile_graph
from runtime.data.labels import read_dataset
from runtime.delivery.answers import Answer, Row, lying
from runtime.delivery.contract import contract_of
from runtime.delivery.exporting import export_run
from runtime.delivery.made_images import write_image
from runtime.delivery.predict import predict_folder, write_predictions
from runtime.delivery.predictors import predictor_of
from runtime.document import Document
from runtime.errors import GraphError
from runtime.evaluation.evaluate import evaluate
from runtime.evaluation.record import Evaluation, load_cases, load_record
from runtime.events import Finished
from runtime.job import make_job
from runtime.learner import load_weights
from runtime.modules.cubic import resampled
from runtime.modules.likeness import psnr_of, ssim_of
from runtime.plan import FittedSize
from runtime.runs import Run, create_run
from runtime.source import python_source
from runtime.train import train
from tests.builders import pictures
from tests.builders.graphs import add, chain
from tests.runtime.command import table


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures in folders of classes."""
    return pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data", count=48)


@pytest.fixture(scope="module")
def run(blobs: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of one epoch of the sub-pixel network."""
    graph = template_fit.fitted(templates.graph_of("sub-pixel"), read_dataset(blobs))
    run = create_run(make_job(graph, tmp_path_factory.mktemp("fine") / "run", epochs=1, device="cpu"))
    assert isinstance(list(train(run.job))[-1], Finished)
    return run


@pytest.fixture(scope="module")
def measured(run: Run) -> Evaluation:
    """Its evaluation."""
    return evaluate(run, "train")


def test_that_answers_and_what_came_in_are_measured_case_by_case(run: Run, measured: Evaluation, blobs: Path) -> None:
    analysis = analyse(run.job.graph)
    network = compile_graph(analysis)
    load_weights(network, load_checkpoint(run.folder / "checkpoints", "best")[0])
    ids = {node.type: node_id for node_id, node in analysis.graph.nodes.items()}
    cases = load_cases(run.folder, "train")
    found = sorted(path for path in blobs.rglob("*.png"))
    given = torch.stack([torch.from_numpy(np.array(Image.open(path))).float()[None] for path in found])
    with torch.inference_mode():
        passed = network.eval()({ids["image_folder"]: given})
        wanted, made = passed.at(ids["normalise"]), passed.at(ids["pixel_shuffle"])
        poorer = resampled(passed.at(ids["reduce_resolution"]), wanted.shape[2:])
    for name, images in (("psnr", made), ("baseline_psnr", poorer)):
        every = psnr_of(images, wanted).numpy()
        assert len(cases) == measured.cases
        assert all(np.isclose(every, value, atol=1e-3).any() for value in cases.likeness[name])
    assert np.isclose(ssim_of(poorer, wanted).numpy(), cases.likeness["baseline_ssim"][0], atol=1e-4).any()
    gain = cases.likeness["psnr"] - cases.likeness["baseline_psnr"]
    assert measured.metrics["psnr_gain"] == pytest.approx(float(gain.mean()))


def test_that_the_record_holds_intervals_and_is_read_back(run: Run, measured: Evaluation) -> None:
    assert measured.task == "image"
    for name in ("psnr", "ssim", "psnr_gain", "baseline_psnr"):
        interval = measured.intervals[name]
        assert interval.low is not None
        assert interval.high is not None
        assert interval.low < measured.metrics[name] < interval.high
    assert "psnr_as_drawn" not in measured.metrics
    assert load_record(run.folder, "train") == measured
    rows = table(run.folder / "evaluation-train.csv")
    assert float(rows[0]["psnr"]) == pytest.approx(float(load_cases(run.folder, "train").likeness["psnr"][0]), abs=1e-5)


@pytest.mark.slow
def test_that_the_exported_model_gives_images_twice_as_large(run: Run, blobs: Path, tmp_path: Path) -> None:
    report = export_run(run, "onnx", tmp_path / "fine.onnx")
    assert report.max_abs_difference <= 1e-4
    model = predictor_of(tmp_path / "fine.onnx")
    assert model.contract.outputs[0].shape == (1, 128, 128)
    written = write_predictions(predict_folder(model, blobs), tmp_path / "out.csv")
    rows = table(written.file)
    assert written.failed == 0
    image = np.array(Image.open(tmp_path / rows[0]["image"]))
    assert (image.shape, image.dtype) == ((128, 128), np.float32)
    assert "makes images poorer for training and measuring and is left out here" in python_source(
        analyse(run.job.graph)
    )


@pytest.mark.parametrize("name", ["srcnn", "sub-pixel", "denoising"])
def test_that_what_is_given_away_neither_coarsens_nor_adds_noise(name: str, blobs: Path) -> None:
    analysis = analyse(template_fit.fitted(templates.graph_of(name), read_dataset(blobs)))
    deployed = Deployed(compile_graph(analysis))
    image = torch.rand(2, 1, 16, 16) * 255
    with torch.inference_mode():
        (first,), (second,) = deployed(image), deployed(image)
    assert torch.equal(first, second)
    assert first.shape[1:] == contract_of(analysis).outputs[0].shape
    assert first.shape[2:] == ((64, 64) if name == "denoising" else (128, 128))


def test_that_layers_for_one_size_behind_a_coarser_image_are_refused_in_words() -> None:
    document = Document()
    with document.edit("Draw"):
        start = add(document, ("input", {"shape": [1, 16, 16]}))
        chain(document, start, ["reduce_resolution", "flatten", ("dense", {"name": "Answer"}), "output"])
    with pytest.raises(GraphError) as refused:
        contract_of(analyse(document.graph()))
    assert "leaves out “Reduce resolution”, and “Answer” does not take the images" in str(refused.value.problems[0])


def test_that_a_made_image_lies_where_its_pixels_came_from() -> None:
    assert lying((128, 64), (FittedSize((64, 64), "stretch"),), (32, 64)) == ((0.25, -0.375), (1.0, 0.0))
    ((scale, shift), _) = lying((64, 64), (FittedSize((64, 64), "pad"),), (32, 64))
    assert (scale, shift) == (1.0, -16.0)


def test_that_a_made_volume_lies_on_its_original_in_space(tmp_path: Path) -> None:
    affine = np.array([[0, -2.0, 0, 10], [1.5, 0, 0, -20], [0, 0, 3.0, 5], [0, 0, 0, 1]])
    original = tmp_path / "head.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.zeros((6, 8, 4), np.float32), affine), original)
    size = (4, 6, 8)  # slices from feet to head, rows from front to back, columns from right to left
    made = np.zeros((1, 8, 12, 16), np.float32)
    made[0, 0, 0, 0] = 1
    answer = Answer("", image=made, lies=lying(made.shape[1:], (FittedSize(size, "stretch"),), size))
    path = write_image(Row("head.nii.gz", (), original=original), answer, tmp_path / "head.nii.gz", "auto")
    image = nibabel.load(path)
    place = image.affine @ [*np.argwhere(image.get_fdata())[0], 1]
    corner = affine @ [5.25, -0.25, -0.25, 1]  # the first voxel lies a quarter of a voxel outside the first centre
    np.testing.assert_allclose(place, corner)
    assert image.shape == (16, 12, 8)


def test_that_pictures_to_look_at_have_eight_bits(tmp_path: Path) -> None:
    image = np.linspace(-1, 3, 3 * 4 * 5, dtype=np.float32).reshape(3, 4, 5)
    path = write_image(Row("a.png", ()), Answer("", image=image), tmp_path / "a.png", "png")
    shown = np.array(Image.open(path))
    assert (shown.shape, shown.dtype, shown.min(), shown.max()) == ((4, 5, 3), np.uint8, 0, 255)
