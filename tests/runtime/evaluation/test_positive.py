"""What is seen while training and what evaluation says are about the same one of two classes."""

import pytest

from runtime.evaluation.evaluate import evaluate
from runtime.evaluation.positive import asked_in, positive_of
from runtime.evaluation.subject import Subject
from runtime.train import train
from tests.builders import graphs, pictures

CLASSES = ("lesion", "normal")
RATES = ("sensitivity", "specificity", "precision", "f1")


def measured(folder, settings):
    """The metrics of the validation part, as training saw them, and the record of its evaluation."""
    data = pictures.class_folders(folder / "data", names=CLASSES)
    metrics = [(name, settings.get(name, {})) for name in RATES]
    graph = graphs.classifier(metrics=metrics, **pictures.facts(data))
    run = pictures.new_run(graph, folder / "run", epochs=1, batch=8, device="cpu")
    assert list(train(run.job))
    return run, evaluate(run, "validation")


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, "lesion"),
        ({name: {"positive": "normal"} for name in RATES}, "normal"),
        ({name: {"positive": "lesion"} for name in RATES}, "lesion"),
    ],
)
def test_that_training_and_evaluation_are_about_the_same_class(tmp_path, settings, found):
    _, record = measured(tmp_path, settings)
    assert record.positive == found
    assert record.metrics["sensitivity"] == record.metrics[f"sensitivity:{found}"]
    assert record.metrics["sensitivity"] != record.metrics["specificity"]  # so that the two could be told apart
    assert [name for name in record.metrics if name.endswith("_as_drawn")] == []


def test_that_metrics_set_to_different_classes_leave_the_choice_to_their_names(tmp_path):
    different = {"sensitivity": {"positive": "normal"}, "f1": {"positive": "lesion"}}
    run, record = measured(tmp_path, different)
    assert record.positive == "lesion"
    subject = Subject(run, "validation", None, lambda event: None)
    assert asked_in(subject.analysis, subject.place) == ""


def test_that_a_class_that_is_not_there_is_not_asked_for():
    assert positive_of("classification", CLASSES, "normal") == 1
    assert positive_of("classification", CLASSES, "nodule") == 0
    assert positive_of("segmentation", CLASSES, "normal") is None
