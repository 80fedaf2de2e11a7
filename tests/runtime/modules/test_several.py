"""Metrics and the loss of several yes-or-no labels, against counts by hand and scikit-learn."""

import pytest
import torch
from sklearn import metrics as known

from runtime.modules import several
from runtime.modules.losses import BinaryCrossEntropy

SCORES = torch.tensor([[2.0, -1.0, 0.3], [-0.5, 0.7, -2.0], [1.1, -0.2, -0.1], [0.4, 0.9, -0.3], [-1.0, 0.2, 0.8]])
TRUTH = torch.tensor([[1.0, 0, 0], [0, 1, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]])


def measured(metric: several.Metric) -> float:
    metric.update(SCORES[:2], TRUTH[:2])
    metric.update(SCORES[2:], TRUTH[2:])
    return metric.compute()


@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("Accuracy", lambda true, taken: (true == taken).mean()),
        ("Sensitivity", known.recall_score),
        ("Specificity", lambda true, taken: known.recall_score(1 - true, 1 - taken)),
        ("Precision", known.precision_score),
        ("F1", known.f1_score),
        ("Balanced", known.balanced_accuracy_score),
    ],
)
def test_that_each_metric_is_the_mean_over_the_labels(name: str, oracle) -> None:
    taken, true = (SCORES > 0).int().numpy(), TRUTH.int().numpy()
    each = [float(oracle(true[:, label], taken[:, label])) for label in range(3)]
    assert measured(getattr(several, name)(3)) == pytest.approx(sum(each) / 3)
    assert measured(getattr(several, name)(3, positive=1)) == pytest.approx(each[1])


def test_that_the_auc_is_the_mean_over_the_labels() -> None:
    assert measured(several.AUC(3)) == pytest.approx(known.roc_auc_score(TRUTH, SCORES, average="macro"))


def test_that_a_label_without_cases_is_left_out_of_the_mean() -> None:
    metric = several.Sensitivity(2)
    metric.update(torch.tensor([[1.0, 1.0], [-1.0, 1.0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
    assert metric.compute() == 0.5


def test_that_a_metric_forgets() -> None:
    metric = several.F1(3)
    measured(metric)
    metric.reset()
    assert metric.compute() != metric.compute()


def test_that_binary_cross_entropy_takes_one_score_for_each_label() -> None:
    expected = torch.nn.functional.binary_cross_entropy_with_logits(SCORES, TRUTH)
    assert torch.allclose(BinaryCrossEntropy()(SCORES, TRUTH), expected)
    one = BinaryCrossEntropy()(SCORES[:, :1], TRUTH[:, :1])
    assert torch.allclose(one, torch.nn.functional.binary_cross_entropy_with_logits(SCORES[:, :1], TRUTH[:, :1]))
