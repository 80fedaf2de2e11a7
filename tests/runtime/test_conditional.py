"""A network that is told the class of what it is to make: trained, measured, exported, and asked for a class."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runtime import template_fit, templates
from runtime.analysis import analyse
from runtime.attach import learns_labels
from runtime.data.labels import read_dataset
from runtime.delivery.contract import contract_of, parse
from runtime.delivery.draws import draws
from runtime.delivery.exporting import export_run
from runtime.delivery.generate import generate
from runtime.delivery.predictors import predictor_of
from runtime.errors import RunError
from runtime.evaluation.evaluate import evaluate
from runtime.events import Finished
from runtime.job import make_job
from runtime.runs import Run, create_run
from runtime.train import train
from tests.builders import pictures
from tests.runtime.test_templates import dataset


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of one epoch on dark and bright discs."""
    folder = tmp_path_factory.mktemp("told")
    data = read_dataset(pictures.class_folders(folder / "data"))
    graph = template_fit.fitted(templates.graph_of("conditional-gan"), data)
    run = create_run(make_job(graph, folder / "run", epochs=1, device="cpu"))
    assert isinstance(list(train(run.job))[-1], Finished)
    return run


def test_that_a_class_that_is_given_is_not_learned(run: Run) -> None:
    assert not learns_labels(run.job.graph)
    record = evaluate(run)
    assert "image_distance" in record.metrics
    assert not record.confusion


def test_that_the_class_is_an_input_of_the_model_with_the_names_in_order(run: Run) -> None:
    noise, told = contract_of(analyse(run.job.graph)).inputs
    assert (noise.feed, told.feed, told.channels, told.classes) == ("noise", "class", 2, ("bright", "dark"))
    contract = contract_of(analyse(run.job.graph))
    assert parse(contract.text()) == contract


def test_that_images_of_a_class_are_made_and_of_all_in_turn_unless_one_is_named(run: Run, tmp_path: Path) -> None:
    model = predictor_of(run.folder)
    assert draws(model.contract, 4, 0)[1].argmax(axis=1).tolist() == [0, 1, 0, 1]
    assert draws(model.contract, 3, 0, "dark")[1].argmax(axis=1).tolist() == [1, 1, 1]
    made = [generate(model, tmp_path / name, 4, 0, name) for name in ("bright", "dark")]
    first, second = (np.asarray(Image.open(one.overview)) for one in made)
    assert not np.array_equal(first, second)  # of the same noise
    with pytest.raises(RunError, match="makes no “grey”; it makes bright, dark"):
        generate(model, tmp_path / "grey", 4, 0, "grey")


@pytest.mark.long
def test_that_it_is_exported_and_makes_the_same_images(run: Run, tmp_path: Path) -> None:
    report = export_run(run, "onnx", tmp_path / "made.onnx")
    assert report.drawn
    given = draws(predictor_of(run.folder).contract, 3, 0)
    (own,), (other,) = (predictor_of(model).answers(given) for model in (run.folder, tmp_path / "made.onnx"))
    np.testing.assert_allclose(own, other, atol=1e-4)


def test_that_each_player_is_trained_by_its_own_optimizer() -> None:
    data = replace(dataset("class", ("a", "b", "c")), top=255)
    analysis = analyse(template_fit.fitted(templates.graph_of("conditional-gan"), data))
    assert not analysis.problems
    first, second = (
        {analysis.title(node).partition(" / ")[0] for node in nodes} for nodes in analysis.trained.values()
    )
    assert (first, second) == ({"of real"}, {"Generator"})


def test_that_data_without_classes_are_refused_in_words() -> None:
    graph = template_fit.fitted(templates.graph_of("conditional-gan"), replace(dataset("", ()), top=255))
    assert any("has no class to give" in problem.message for problem in analyse(graph).problems)
