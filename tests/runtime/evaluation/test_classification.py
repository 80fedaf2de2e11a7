"""Measures of classes and labels are those of scikit-learn, on whatever numbers come."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from runtime.evaluation.classification import classes_measured, log_odds
from runtime.evaluation.measuring import confusion_of, measured
from runtime.evaluation.positive import positive_of
from runtime.evaluation.several_labels import labels_measured
from tests.runtime.evaluation.cases import classified, labelled


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(12, 60), rounded=st.booleans())
def test_that_the_measures_of_two_classes_are_those_of_scikit_learn(seed, count, rounded):
    cases = classified(seed, count, 2, rounded)
    truth, taken, shares = cases.truth, cases.predicted, cases.probabilities
    found = classes_measured(cases, ("no", "yes")).metrics
    expected = {
        "accuracy": sk.accuracy_score(truth, taken),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, taken),
        "sensitivity": sk.recall_score(truth, taken),
        "specificity": sk.recall_score(truth, taken, pos_label=0),
        "f1": sk.f1_score(truth, taken),
        "auc": sk.roc_auc_score(truth, cases.scores[:, 1] - cases.scores[:, 0]),
        "average_precision": sk.average_precision_score(truth, cases.scores[:, 1] - cases.scores[:, 0]),
        "brier": sk.brier_score_loss(truth, shares[:, 1]),
        "log_loss": sk.log_loss(truth, shares),
    }
    if 0 < taken.sum() < count:
        expected["ppv"] = sk.precision_score(truth, taken)
        expected["npv"] = sk.precision_score(truth, taken, pos_label=0)
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)
    assert np.array_equal(confusion_of(cases, 2), sk.confusion_matrix(truth, taken))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), classes=st.integers(3, 6))
def test_that_the_measures_of_more_classes_are_those_of_scikit_learn(seed, classes):
    cases = classified(seed, 60, classes)
    truth, taken, shares = cases.truth, cases.predicted, cases.probabilities
    names = tuple("abcdef"[:classes])
    found = classes_measured(cases, names).metrics
    own = truth[:, None] == np.arange(classes)
    expected = {
        "accuracy": sk.accuracy_score(truth, taken),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, taken),
        "f1": sk.f1_score(truth, taken, average="macro"),
        "auc": sk.roc_auc_score(truth, shares, multi_class="ovr"),
        "average_precision": sk.average_precision_score(own, shares),
        "top_2": sk.top_k_accuracy_score(truth, cases.scores, k=2),
        "brier": sk.brier_score_loss(truth, shares),
        "log_loss": sk.log_loss(truth, shares),
        "sensitivity:a": sk.recall_score(own[:, 0], taken == 0),
        "specificity:a": sk.recall_score(~own[:, 0], taken != 0),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_that_the_measures_of_several_labels_are_those_of_scikit_learn(seed):
    cases = labelled(seed, 40, 3)
    truth, taken, shares = cases.truth, cases.predicted, cases.probabilities
    found = labels_measured(cases, ("a", "b", "c")).metrics
    expected = {
        "all_labels_right": sk.accuracy_score(truth, taken),
        "accuracy": 1 - sk.hamming_loss(truth, taken),
        "sensitivity": sk.recall_score(truth, taken, average="macro"),
        "auc": sk.roc_auc_score(truth, shares, average="macro"),
        "average_precision": sk.average_precision_score(truth, shares, average="macro"),
        "f1": sk.f1_score(truth, taken, average="macro"),
        "brier": np.mean([sk.brier_score_loss(truth[:, k], shares[:, k]) for k in range(3)]),
        "log_loss": np.mean([sk.log_loss(truth[:, k], shares[:, k]) for k in range(3)]),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)


def test_that_a_measure_is_within_its_interval_and_every_interval_says_how_it_was_found():
    cases = classified(3, 200, 3, patients=40)
    found = classes_measured(cases, ("a", "b", "c"), temperature=2.0)
    assert {"accuracy", "auc", "f1:b", "average_precision:c", "brier_calibrated"} <= set(found.intervals)
    for name, interval in found.intervals.items():
        assert interval.note or interval.low <= found.metrics[name] <= interval.high, name
        assert bool(interval.note) != bool(interval.method), name
    assert "resampling" in found.intervals["calibration_error"].note


def test_that_scores_far_apart_are_still_ranked():
    scores = np.array([[0.0, 900.0], [0.0, 901.0], [0.0, -900.0]])
    assert list(np.argsort(log_odds(scores)[:, 1])) == [2, 0, 1]
    assert log_odds(np.array([[0.3, -1.2, 2.0]])) == pytest.approx(
        np.array([[0.3 - np.logaddexp(-1.2, 2.0), -1.2 - np.logaddexp(0.3, 2.0), 2.0 - np.logaddexp(0.3, -1.2)]])
    )


def test_that_a_class_without_cases_is_not_defined_and_the_means_leave_it_out():
    cases = classified(1, 60, 2, patients=20)
    three = type(cases)(**{name: getattr(cases, name) for name in cases.__dataclass_fields__} | {
        "scores": np.hstack([cases.scores, np.full((60, 1), -9.0)]),
        "probabilities": np.hstack([cases.probabilities, np.zeros((60, 1))]),
    })  # fmt: skip
    found = classes_measured(three, ("a", "b", "c"))
    assert np.isnan(found.metrics["auc:c"])
    assert found.metrics["balanced_accuracy"] == pytest.approx(
        sk.balanced_accuracy_score(cases.truth, cases.predicted)
    )
    assert np.isfinite(found.metrics["auc"])


@pytest.mark.parametrize(
    ("classes", "found"), [(("benign", "malignant"), 1), (("covid", "normal"), 0), (("no finding", "nodule"), 1)]
)
def test_that_sensitivity_is_about_the_class_that_is_to_be_found(classes, found):
    cases = classified(3, 60, 2)
    assert positive_of("classification", classes) == found
    metrics = measured(cases, "classification", classes).metrics
    assert metrics["sensitivity"] == metrics[f"sensitivity:{classes[found]}"]
    assert metrics["specificity"] == metrics[f"sensitivity:{classes[1 - found]}"]
    assert positive_of("classification", ("a", "b", "c")) is None

