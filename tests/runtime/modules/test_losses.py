"""Losses against formulas written out by hand and against torch."""

import math

import pytest
import torch
from torch.nn import functional

from runtime.modules.losses import BinaryCrossEntropy, CrossEntropy, Dice, DiceCrossEntropy, Focal

SCORES = torch.tensor([[2.0, -1.0, 0.5], [0.0, 1.0, -2.0]])
TRUTH = torch.tensor([0, 2])


def test_that_cross_entropy_is_the_weighted_mean_of_minus_log_p():
    logs = SCORES.log_softmax(1)
    expected = -(3.0 * logs[0, 0] + 0.5 * logs[1, 2]) / 3.5
    torch.testing.assert_close(CrossEntropy((3.0, 1.0, 0.5))(SCORES, TRUTH), expected)


def test_that_label_smoothing_spreads_its_share_over_all_classes():
    logs = SCORES.log_softmax(1)
    right = -(logs[0, 0] + logs[1, 2]) / 2
    torch.testing.assert_close(CrossEntropy(smoothing=0.3)(SCORES, TRUTH), 0.7 * right - 0.3 * logs.mean())


@pytest.mark.parametrize("extra", [(), (4, 5), (3, 4, 5)])
def test_that_one_score_equals_two_scores_of_which_the_first_is_0(extra):
    score, truth = torch.randn(6, 1, *extra), torch.randint(0, 2, (6, *extra))
    two = torch.cat([torch.zeros_like(score), score], dim=1)
    torch.testing.assert_close(BinaryCrossEntropy()(score, truth), CrossEntropy()(two, truth))
    torch.testing.assert_close(Focal(1.5)(score, truth), Focal(1.5)(two, truth))
    torch.testing.assert_close(Focal(1.5, (0.3,))(score, truth), Focal(1.5, (0.7, 0.3))(two, truth))
    if extra:
        torch.testing.assert_close(Dice()(score, truth), Dice()(two, truth))


def test_that_the_positive_weight_counts_errors_on_class_1():
    loss = BinaryCrossEntropy(3.0)(torch.tensor([[0.0], [0.0]]), torch.tensor([1, 0]))
    assert float(loss) == pytest.approx((3 + 1) * math.log(2) / 2)


def test_that_binary_cross_entropy_takes_an_image_of_shares_too():
    score, truth = torch.randn(2, 3, 4, 4), torch.rand(2, 3, 4, 4)
    expected = functional.binary_cross_entropy(score.sigmoid(), truth)
    torch.testing.assert_close(BinaryCrossEntropy()(score, truth), expected)


def by_hand(prediction, target, smooth, first, over):
    area, values = prediction.softmax(1), []
    groups = [[n] for n in range(len(target))] if over == "each image" else [list(range(len(target)))]
    for group in groups:
        for index in range(first, prediction.shape[1]):
            truth = (target[group] == index).float()
            shared = float((area[group, index] * truth).sum())
            both = float(area[group, index].sum() + truth.sum())
            values.append(1 - (2 * shared + smooth) / (both + smooth))
    return sum(values) / len(values)


@pytest.mark.parametrize("over", ["each image", "the batch"])
@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("extra", [(5, 6), (3, 4, 5)])
def test_that_dice_is_one_minus_twice_the_shared_area(extra, background, over):
    prediction, target = torch.randn(3, 4, *extra), torch.randint(0, 4, (3, *extra))
    found = float(Dice(0.5, background, over)(prediction, target))
    assert found == pytest.approx(by_hand(prediction, target, 0.5, 0 if background else 1, over), abs=1e-5)


def test_that_a_perfect_mask_costs_nothing_and_an_empty_one_does_no_harm():
    target = torch.randint(0, 3, (2, 8, 8))
    sure = 50 * functional.one_hot(target, 3).movedim(-1, 1).float()
    assert float(Dice()(sure, target)) == pytest.approx(0, abs=1e-5)
    empty = torch.zeros(2, 8, 8, dtype=torch.int64)
    nothing = torch.stack([torch.full((2, 8, 8), 50.0), torch.zeros(2, 8, 8)], dim=1)
    assert float(Dice()(nothing, empty)) == pytest.approx(0, abs=1e-5)


def test_that_dice_and_cross_entropy_are_mixed_by_their_share():
    prediction, target = torch.randn(2, 3, 6, 6), torch.randint(0, 3, (2, 6, 6))
    weights = (0.5, 1.0, 1.5)
    expected = 0.3 * Dice()(prediction, target) + 0.7 * CrossEntropy(weights)(prediction, target)
    torch.testing.assert_close(DiceCrossEntropy(0.3, weights=weights)(prediction, target), expected)
    score, lesion = torch.randn(2, 1, 6, 6), torch.randint(0, 2, (2, 6, 6))
    expected = 0.5 * Dice()(score, lesion) + 0.5 * BinaryCrossEntropy(4.0)(score, lesion)
    torch.testing.assert_close(DiceCrossEntropy(weights=(0.5, 2.0))(score, lesion), expected)


def test_that_with_a_score_for_each_class_the_background_may_weigh_nothing():
    prediction, target = torch.randn(2, 2, 6, 6), torch.randint(0, 2, (2, 6, 6))
    expected = CrossEntropy((0.0, 1.0))(prediction, target)
    torch.testing.assert_close(DiceCrossEntropy(0.0, weights=(0.0, 1.0))(prediction, target), expected)


def test_that_focal_loss_holds_back_what_is_already_right():
    p = SCORES.softmax(1)[torch.arange(2), TRUTH]
    alpha = torch.tensor([0.2, 0.3, 0.5])[TRUTH]
    expected = (-alpha * (1 - p) ** 2 * p.log()).mean()
    torch.testing.assert_close(Focal(2.0, (0.2, 0.3, 0.5))(SCORES, TRUTH), expected)
    torch.testing.assert_close(Focal(0.0)(SCORES, TRUTH), CrossEntropy()(SCORES, TRUTH))


LOSSES = [CrossEntropy(), BinaryCrossEntropy(), Dice(), Dice(over="the batch"), DiceCrossEntropy(), Focal(), Focal(0.5)]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize("size", [0.0, 1.0, 100.0, 60000.0])
@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16])
def test_that_loss_and_slope_stay_finite_for_extreme_scores_of_any_precision(loss, size, kind):
    channels = 1 if isinstance(loss, BinaryCrossEntropy) else 2
    target = torch.randint(0, 2, (2, 8, 8))
    signs = torch.randint(0, 2, (2, channels, 8, 8)) * 2.0 - 1
    prediction = (size * signs).to(kind).requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = loss(prediction, target)
    value.backward()
    assert value.dtype == torch.float32
    assert value.isfinite()
    assert prediction.grad is not None
    assert prediction.grad.isfinite().all()
