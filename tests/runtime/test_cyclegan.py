"""The CycleGAN: two folders without pairs, four networks, two optimizers; trained a little, exported, refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from runtime import template_fit, templates
from runtime.analysis import Analysis, analyse
from runtime.batch_size import random_batch
from runtime.data.catalogue import DataError
from runtime.delivery.contract import contract_of, parse
from runtime.delivery.narrowed import narrowed
from runtime.delivery.onnx_file import export_onnx
from runtime.delivery.predict import predict_folder
from runtime.delivery.predictors import TrainedPredictor
from runtime.document import Document
from runtime.errors import RunError
from runtime.graph import Graph, Wire
from runtime.leading import drawn_apart, lead_of
from runtime.learner import Learner
from tests.builders.graphs import of_template
from tests.runtime.test_templates import dataset


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The template, of small networks."""
    document = Document(of_template("cyclegan", dataset("", ())))
    with document.edit("Small"):
        for node_id, node in tuple(document.nodes.items()):
            if "width" in {setting.name for setting in _settings(document, node.type)} and node.sheet == "":
                document.change(node_id, width=2)
    return document.graph()


def _settings(document: Document, type_id: str):
    kind = document.find(type_id)
    return kind.settings() if kind is not None else ()


@pytest.fixture(scope="module")
def analysis(graph: Graph) -> Analysis:
    found = analyse(graph)
    assert not found.problems
    return found


def test_that_b_is_drawn_beside_a_and_each_player_has_its_optimizer(analysis: Analysis) -> None:
    first, second = (node.id for node in analysis.graph.nodes.values() if node.type == "image_folder")
    assert (lead_of(analysis), drawn_apart(analysis)) == (first, (second,))
    generators, judges = (set(trained) for trained in analysis.trained.values())
    assert not generators & judges
    told = contract_of(analysis)
    assert [(entry.name, entry.drawn) for entry in told.inputs] == [("A", False), ("B", True)]
    assert [(entry.name, entry.needs) for entry in told.outputs] == [("B from A", ("a",)), ("A from B", ("b",))]
    assert parse(told.text()) == told


@pytest.mark.slow
def test_that_a_step_changes_all_four_networks_and_both_generators_are_exported(
    analysis: Analysis, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    learner = Learner(analysis, lead_of(analysis), torch.device("cpu"), 1)
    assert sum(weight.numel() for weight in learner.network.parameters()) == analysis.parameters
    before = {key: weight.detach().clone() for key, weight in learner.network.named_parameters()}
    learner.begin(learning=True)
    learner.learn(random_batch(analysis, lead_of(analysis), 2, torch.device("cpu")), 0)
    after = dict(learner.network.named_parameters())
    assert not [key for key, weight in before.items() if torch.equal(weight, after[key])]
    learner.begin(learning=False)
    case = {source: torch.rand(1, 70, 66) * 255 for source in learner.network.inputs}
    assert export_onnx(learner.network, tmp_path / "m.onnx", contract_of(analysis), [case]).max_abs_difference <= 1e-4


def test_that_one_kind_of_images_is_translated_without_the_other(analysis: Analysis, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = Learner(analysis, lead_of(analysis), torch.device("cpu"), 1).network
    model = TrainedPredictor(network, contract_of(analysis))
    one, other = (np.random.default_rng(seed).random((2, 1, 70, 66), np.float32) * 255 for seed in range(2))
    both = model.answers([one, other])
    for number, given in enumerate((one, other)):
        alone = narrowed(model, [number])
        (answer,) = alone.answers([given])
        np.testing.assert_allclose(answer, both[number], atol=1e-5)
        (left,) = {"B from A", "A from B"} - {entry.name for entry in alone.contract.outputs}
        assert alone.notes == (f"Without images for the other inputs there is no “{left}”.",)
    assert narrowed(model, [0, 1]) is model
    with pytest.raises(RunError, match=r"or one of them by its name \(--data “A=FOLDER”\); 1 folder came"):
        predict_folder(model, tmp_path)


def test_that_a_loss_between_an_image_and_one_that_was_drawn_is_refused(graph: Graph) -> None:
    document = Document(graph)
    with document.edit("Compare with B"):
        loss = document.add("absolute_error", "pixel by pixel")
        for name, port in (("A as it is", "prediction"), ("Normalise B", "target")):
            end = next(wire for wire in graph.wires if wire.source == _of(graph, name))
            document.connect(Wire(end.source, end.output, loss, port))
    (problem,) = (one for one in analyse(document.graph()).problems if one.code == "other_source")
    assert "The target comes from “B”, but the prediction is not made from its images" in problem.message


def _of(graph: Graph, name: str) -> str:
    return next(node.id for node in graph.nodes.values() if node.name == name)


def test_that_folders_fill_its_sources_in_their_order_whatever_files_they_hold() -> None:
    first = template_fit.fitted(templates.graph_of("cyclegan"), dataset("", (), folder="/one"))
    assert [first.nodes[source].name for source in template_fit.empty_sources(first)] == ["B"]
    second = template_fit.fitted(first, replace(dataset("", (), folder="/two"), kind="dicom"))
    (source,) = (node for node in second.nodes.values() if node.type == "dicom_folder")
    assert (source.name, source.settings["folder"], source.settings["matching"]) == ("B", "/two", "drawn independently")
    with pytest.raises(DataError, match="“A”, “B”"):
        template_fit.fitted(second, dataset("", ()))
