"""Metrics against scikit-learn and against formulas written out by hand."""

import math
import warnings

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from runtime.modules import metrics


@st.composite
def predictions(draw, most=5):
    """Raw scores, some of them equal, and classes, of which some may be missing."""
    classes = draw(st.integers(2, most))
    cases = draw(st.integers(1, 40))
    coarse = draw(st.sampled_from([1.0, 4.0, 1000.0]))
    chance = torch.Generator().manual_seed(draw(st.integers(0, 10_000)))
    scores = (torch.randn(cases, classes, generator=chance) * coarse).round() / coarse * 3
    # Equal highest scores would leave it open which class is meant.
    scores = scores + torch.arange(classes) * 1e-4
    truth = torch.randint(0, draw(st.integers(1, classes)), (cases,), generator=chance)
    return scores, truth


def measured(metric, scores, truth, batch=7):
    for start in range(0, len(truth), batch):
        metric.update(scores[start : start + batch], truth[start : start + batch])
    return metric.compute()


def same(found, expected):
    return found == pytest.approx(float(expected), abs=1e-9, nan_ok=True)


@given(predictions())
@settings(max_examples=60, deadline=None)
def test_that_decided_classes_are_measured_as_scikit_learn_does(case):
    scores, truth = case
    classes = scores.shape[1]
    taken = scores.argmax(1).numpy()
    true = truth.numpy()
    assert same(measured(metrics.Accuracy(classes), scores, truth), sk.accuracy_score(true, taken))
    assert same(measured(metrics.F1(classes), scores, truth), sk.f1_score(true, taken, average="macro"))
    precision = sk.precision_score(true, taken, average="macro", zero_division=0)
    assert same(measured(metrics.Precision(classes), scores, truth), precision)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of classes that are predicted and do not occur
        balanced = sk.balanced_accuracy_score(true, taken)
    assert same(measured(metrics.Sensitivity(classes), scores, truth), balanced)


@given(predictions())
@settings(max_examples=60, deadline=None)
def test_that_grades_agree_as_scikit_learn_says(case):
    scores, truth = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns where there is one grade only
        grades = range(scores.shape[1])
        wanted = sk.cohen_kappa_score(truth.numpy(), scores.argmax(1).numpy(), labels=grades, weights="quadratic")
    assert same(measured(metrics.WeightedKappa(len(grades)), scores, truth), wanted)


@given(predictions())
@settings(max_examples=60, deadline=None)
def test_that_each_class_asked_for_is_measured_as_scikit_learn_does(case):
    scores, truth = case
    classes = scores.shape[1]
    for index in range(classes):
        true, taken = (truth == index).numpy(), (scores.argmax(1) == index).numpy()
        sensitivity = sk.recall_score(true, taken, zero_division=numpy.nan)
        specificity = sk.recall_score(~true, ~taken, zero_division=numpy.nan)
        assert same(measured(metrics.Sensitivity(classes, index), scores, truth), sensitivity)
        assert same(measured(metrics.Specificity(classes, index), scores, truth), specificity)
        f1 = sk.f1_score(true, taken, zero_division=numpy.nan)
        assert same(measured(metrics.F1(classes, index), scores, truth), f1)


@given(predictions())
@settings(max_examples=60, deadline=None)
def test_that_top_k_is_measured_as_scikit_learn_does(case):
    scores, truth = case
    classes = scores.shape[1]
    for k in range(1, classes):
        expected = sum(
            int(t) in row.argsort(descending=True)[:k].tolist() for row, t in zip(scores, truth, strict=True)
        )
        assert same(measured(metrics.TopK(k), scores, truth), expected / len(truth))


@given(predictions())
@settings(max_examples=80, deadline=None)
def test_that_auc_with_ties_is_the_macro_one_against_the_rest_of_scikit_learn(case):
    scores, truth = case
    chances = scores.double().softmax(1)
    areas = [
        sk.roc_auc_score((truth == index).numpy(), chances[:, index].numpy())
        for index in range(scores.shape[1])
        if 0 < int((truth == index).sum()) < len(truth)
    ]
    expected = sum(areas) / len(areas) if areas else math.nan
    assert measured(metrics.AUC(scores.shape[1]), scores, truth) == pytest.approx(expected, abs=1e-6, nan_ok=True)


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=40))
@settings(deadline=None)
def test_that_auc_of_one_score_counts_ties_half(cases):
    scores = torch.tensor([[float(score)] for score, _ in cases])
    truth = torch.tensor([int(positive) for _, positive in cases])
    yes, no = scores[truth == 1, 0], scores[truth == 0, 0]
    found = measured(metrics.AUC(2), scores, truth)
    if not len(yes) or not len(no):
        assert math.isnan(found)
        return
    gaps = yes[:, None] - no[None, :]
    assert found == pytest.approx(float(((gaps > 0).double() + 0.5 * (gaps == 0)).mean()))
    assert found == pytest.approx(sk.roc_auc_score(truth.numpy(), scores[:, 0].numpy()))


def test_that_auc_ranks_scores_whose_probabilities_are_all_1():
    scores = torch.tensor([[0.0, 200.0], [0.0, 300.0], [0.0, 400.0]])
    assert measured(metrics.AUC(2), scores, torch.tensor([0, 0, 1])) == 1.0


@pytest.mark.parametrize("extra", [(7, 5), (3, 4, 5)])
@pytest.mark.parametrize("empty", ["left out", "counts 1"])
@pytest.mark.parametrize("kind", ["dice", "iou"])
def test_that_overlap_is_the_mean_over_the_images_of_each_class(kind, empty, extra):
    torch.manual_seed(0)
    scores, truth = torch.randn(9, 4, *extra), torch.randint(0, 3, (9, *extra))
    truth[:3][truth[:3] == 1] = 0
    scores[:2, 1] = -9
    scores[:, 3] = -9  # class 3 is never drawn and never found
    means = []
    for index in (1, 2, 3):
        values = []
        for taken, true in zip(scores.argmax(1) == index, truth == index, strict=True):
            shared, either = int((taken & true).sum()), int((taken | true).sum())
            if either:
                values.append(2 * shared / (shared + either) if kind == "dice" else shared / either)
            elif empty == "counts 1":
                values.append(1.0)
        means += [sum(values) / len(values)] if values else []
    expected = sum(means) / len(means)
    assert measured(metrics.Overlap(4, kind, empty=empty), scores, truth, batch=4) == pytest.approx(expected)


def test_that_overlap_over_all_pixels_is_f1_and_jaccard_of_all_pixels():
    torch.manual_seed(1)
    scores, truth = torch.randn(6, 1, 8, 8), torch.randint(0, 2, (6, 8, 8))
    flat, taken = truth.flatten().numpy(), (scores[:, 0] > 0).long().flatten().numpy()
    dice = measured(metrics.Overlap(2, "dice", over="all pixels"), scores, truth, batch=4)
    assert dice == pytest.approx(sk.f1_score(flat, taken))
    iou = measured(metrics.Overlap(2, "iou", over="all pixels"), scores, truth, batch=4)
    assert iou == pytest.approx(sk.jaccard_score(flat, taken))
    assert measured(metrics.F1(2, positive=1), scores, truth) == pytest.approx(dice)


def test_that_errors_are_the_mean_and_the_root_of_the_mean_square():
    found, true = torch.tensor([[1.0], [5.0], [2.0]]), torch.tensor([[2.0], [2.0], [2.0]])
    assert measured(metrics.Deviation("absolute"), found, true, batch=2) == pytest.approx(4 / 3)
    assert measured(metrics.Deviation("squared"), found, true, batch=2) == pytest.approx(math.sqrt(10 / 3))


def all_metrics():
    decided = [metrics.Accuracy, metrics.Sensitivity, metrics.Specificity, metrics.Precision, metrics.F1, metrics.AUC]
    return [*(kind(2) for kind in decided), metrics.TopK(1)]


@pytest.mark.parametrize("metric", all_metrics(), ids=lambda metric: type(metric).__name__)
def test_that_a_reset_forgets_and_nothing_counted_is_not_a_number(metric):
    assert math.isnan(metric.compute())
    scores, truth = torch.tensor([[0.0, 1.0], [1.0, 0.0]]), torch.tensor([1, 0])
    with torch.inference_mode():
        metric.update(scores, truth)
    assert metric.compute() == 1.0
    metric.reset()
    assert math.isnan(metric.compute())
    metric.update(scores, 1 - truth)
    assert metric.compute() == 0.0
    assert metric.state_dict() == {}
