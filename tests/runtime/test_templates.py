"""The templates: each opens without a problem and fits itself to what a folder holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from runtime import template_fit, templates
from runtime.analysis import analyse
from runtime.data.catalogue import Box, DataError, DataSet, Sample
from runtime.document import Document
from runtime.graph import Wire
from runtime.readiness import training_problems
from tests.builders.graphs import of_template

NAMES = [template.name for template in templates.known()]


def dataset(label: str, classes: tuple[str, ...], channels: int = 1, folder: str = "/data") -> DataSet:
    """A data set of a few cases, as reading a folder would give it."""
    size = (64, 48)
    samples = tuple(
        Sample(
            f"{place}.png",
            0,
            channels,
            size,
            group=str(place),
            label=name if label == "class" else None,
            boxes=(Box(name, 1, 1, 9, 9),) if label == "boxes" else None,
        )
        for place, name in enumerate(2 * (classes or ("",)))
    )
    return DataSet(folder, "image", samples, label, classes, channels, size, fingerprint="f")


@pytest.mark.parametrize("name", NAMES)
def test_that_each_template_fits_its_task_and_is_ready_to_train(name: str, tmp_path: Path) -> None:
    task = next(template.task for template in templates.known() if template.name == name)
    kinds = {
        "segmentation": ("mask", ("background", "lesion")), "reconstruction": ("", ()),
        "detection": ("boxes", ("a", "b")), "regression": ("number", ()),
    }  # fmt: skip
    label, classes = kinds.get(task, ("class", ("a", "b", "c")))
    data = replace(dataset(label, classes, folder=str(tmp_path)), top=255)
    if name.startswith("ecg"):
        data = replace(data, kind="signal", channels=12, size=(5000,), top=0)
    analysis = analyse(of_template(name, data))
    assert not analysis.problems
    assert not [problem for problem in training_problems(analysis) if problem.severity == "error"]
    assert next(iter(analysis.meanings.values())).classes == (() if task == "generation" else data.classes)


def test_that_data_of_another_kind_leave_the_order_of_nodes_and_wires() -> None:
    document = Document()
    with document.edit("Draw"):
        source, layer, merge = (document.add(name) for name in ("image_folder", "convolution", "concatenate"))
        document.connect(Wire(source, "image", layer, "image"))
        document.connect(Wire(source, "image", merge, "images"))
        document.connect(Wire(layer, "out", merge, "images"))
    before = document.graph()
    template_fit.give_data(document, source, "dicom_folder", {"folder": "/data"})
    assert document.nodes[source].type == "dicom_folder"
    assert document.wires == before.wires
    assert list(document.nodes) == list(before.nodes)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ["lenet", "image-classifier"])
def test_that_a_number_to_learn_changes_loss_metrics_and_outputs(name: str, channels: int) -> None:
    analysis = analyse(template_fit.fitted(templates.graph_of(name), dataset("number", (), channels)))
    types = [node.type for node in analysis.graph.nodes.values()]
    assert not analysis.problems
    assert "squared_error" in types
    assert "mean_absolute_error" in types
    assert not {"cross_entropy", "accuracy", "auc"} & set(types)
    (meaning,) = analysis.meanings.values()
    assert (meaning.task, meaning.activation) == ("regression", "identity")


def test_that_masks_in_a_classifier_are_refused_with_the_template_that_fits() -> None:
    with pytest.raises(DataError, match="u-net"):
        template_fit.fitted(templates.graph_of("lenet"), dataset("mask", ("background", "lesion")))


def test_that_a_name_that_is_no_template_is_refused_with_those_that_are() -> None:
    with pytest.raises(DataError, match="image-classifier"):
        templates.graph_of("resnet-9000")


def test_that_a_folder_without_labels_becomes_a_project_that_says_what_is_missing() -> None:
    bare = replace(dataset("", ()), classes=())
    analysis = analyse(template_fit.fitted(templates.graph_of("lenet"), bare))
    problems = (*analysis.problems, *training_problems(analysis))
    assert any(problem.severity == "error" for problem in problems)


def test_that_images_are_refused_by_a_template_of_signals_and_the_other_way_round() -> None:
    images = dataset("class", ("a", "b"))
    signals = replace(images, kind="signal", channels=12, size=(5000,))
    with pytest.raises(DataError, match=r"reads signals, and the folder holds images\. Use a template for images"):
        template_fit.fitted(templates.graph_of("ecg"), images)
    with pytest.raises(DataError, match=r"reads images, and the folder holds signals\. Use the template “ecg” or “ecg"):
        template_fit.fitted(templates.graph_of("lenet"), signals)
    assert [entry.name for entry in templates.fitting("number", "signals")] == ["ecg", "ecg-lstm"]
