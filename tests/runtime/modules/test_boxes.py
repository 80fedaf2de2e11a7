"""Boxes in torch: overlaps, anchors, matching, losses, suppression and RoI align, against numbers found by hand and
slow plain ways."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from runtime.evaluation.box_hits import overlaps_of
from runtime.modules.anchors import AnchorBoxes, RefineBoxes
from runtime.modules.box_losses import (
    BoxClass,
    GeneralisedOverlap,
    Objectness,
    SmoothOffsets,
    matches,
    offsets,
)
from runtime.modules.boxes import NOTHING, answered_boxes, box_overlaps, generalised_overlaps
from runtime.modules.regions import RegionAlign
from runtime.modules.suppression import Suppression
from tests.builders.boxes import drawn_boxes

HOW = {"positive": 0.5, "negative": 0.4, "best": 1}


def box_list(boxes: list[list[float]], anchors: list[list[float]], scores: list[list[float]]) -> Tensor:
    """A list of one case: boxes, anchors, and the score of there being anything with those of the classes."""
    return torch.cat([torch.tensor(part, dtype=torch.float32) for part in (boxes, anchors, scores)], 1).T[None]


def truth(*boxes: tuple[float, ...]) -> Tensor:
    return torch.tensor([boxes], dtype=torch.float32)


def test_that_overlaps_are_those_of_the_evaluation() -> None:
    boxes = torch.tensor(drawn_boxes(3)[1][..., :4])
    for own in boxes:
        assert torch.allclose(box_overlaps(own, own), torch.tensor(overlaps_of(own.numpy(), own.numpy())))


def test_that_the_generalised_overlap_is_that_by_hand() -> None:
    own = torch.tensor([0.0, 0.0, 10.0, 10.0])
    assert float(generalised_overlaps(own, own)) == pytest.approx(1.0)
    half = torch.tensor([5.0, 0.0, 15.0, 10.0])
    assert float(generalised_overlaps(own, half)) == pytest.approx(50 / 150)  # the box around is filled
    apart = torch.tensor([20.0, 0.0, 30.0, 10.0])
    assert float(generalised_overlaps(own, apart)) == pytest.approx(0 - 100 / 300)


@pytest.mark.parametrize("cell", [True, False])
def test_that_numbers_of_zero_give_the_anchors_themselves(cell: bool) -> None:
    anchors = AnchorBoxes((4.0, 8.0), (6.0, 2.0), (2, 3), (8, 12), cell)
    found = anchors(torch.zeros(1, 2 * 7, 2, 3), torch.zeros(1, 1, 8, 12))
    assert found.shape == (1, 11, 12)
    assert torch.equal(found[:, :4], found[:, 4:8])
    assert found[0, :4, 0].tolist() == [0.0, -1.0, 4.0, 5.0]  # around (2, 2), four wide and six high
    assert found[0, :4, 11].tolist() == [6.0, 5.0, 14.0, 7.0]  # around (10, 6), eight wide and two high


def test_that_each_anchor_reads_its_own_channels() -> None:
    anchors = AnchorBoxes((4.0, 8.0), (4.0, 8.0), (1, 2), (4, 8), False)
    scores = torch.arange(2 * 7 * 2, dtype=torch.float32).reshape(1, 14, 1, 2) / 100
    found = anchors(scores, torch.zeros(1, 1, 4, 8))
    assert torch.allclose(found[0, 8:, 0], scores[0, 4:7, 0, 0])
    assert torch.allclose(found[0, 8:, 3], scores[0, 11:14, 0, 1])
    sides = found[0, 2:4, 1] - found[0, :2, 1]
    assert torch.allclose(sides, 4 * scores[0, 2:4, 0, 1].exp())


def test_that_offsets_are_the_reverse_of_moved_anchors() -> None:
    torch.manual_seed(0)
    anchors = AnchorBoxes((4.0, 8.0), (6.0, 2.0), (2, 3), (8, 12), False)
    told = torch.randn(2, 14, 2, 3)
    found = anchors(told, torch.zeros(2, 1, 8, 12)).transpose(1, 2)
    wanted = told.unflatten(1, (2, 7))[:, :, :4].flatten(3).movedim(2, 3).flatten(1, 2)
    assert torch.allclose(offsets(found[..., :4], found[..., 4:8]), wanted, atol=1e-4)


def test_that_anchors_learn_what_they_overlap_and_each_box_is_learned() -> None:
    anchors = [[0, 0, 10, 10], [0, 0, 10, 9], [4, 0, 14, 10], [50, 50, 60, 60], [80, 80, 90, 90]]
    found = box_list(anchors, anchors, [[0.0]] * 5)
    match = matches(found, truth((1, 0, 0, 10, 10), (2, 53, 53, 75, 75), (-1, 80, 80, 90, 90)), **HOW)
    assert match.learns.tolist() == [[True, True, False, True, False]]  # the fourth as the best of the second box
    assert match.empty.tolist() == [[False, False, False, False, True]]  # the third lies between both bounds
    assert match.box[0, [0, 1, 3], 0].tolist() == [1, 1, 2]


def test_that_several_anchors_may_learn_a_box_that_fits_none() -> None:
    anchors = [[0, 0, 40, 40], [0, 0, 30, 30], [0, 0, 20, 20], [50, 50, 60, 60]]
    found = box_list(anchors, anchors, [[0.0]] * 4)
    learns = [matches(found, truth((0, 0, 0, 10, 10)), 0.5, 0.4, best).learns[0].tolist() for best in (0, 1, 2, 9)]
    assert learns == [[False] * 4, [False, False, True, False], [False, True, True, False], [True, True, True, False]]


def test_that_losses_are_those_by_hand() -> None:
    anchors = [[0.0, 0, 10, 10], [50, 50, 60, 60]]
    found = box_list([[5, 0, 15, 10], [50, 50, 60, 60]], anchors, [[1.0, 0.0, 2.0], [-1.0, 0.0, 0.0]])
    true = truth((1, 0, 0, 10, 10))
    assert float(GeneralisedOverlap(**HOW)(found, true)) == pytest.approx(1 - 1 / 3)
    assert float(SmoothOffsets(**HOW, beta=0.1)(found, true)) == pytest.approx(0.5 - 0.05)
    assert float(BoxClass(**HOW)(found, true)) == pytest.approx(math.log(1 + math.exp(-2)))
    plain = Objectness(**HOW, gamma=0, alpha=0.25, negatives=0, quality=False)
    surprise = math.log(1 + math.exp(-1))
    assert float(plain(found, true)) == pytest.approx(2 * surprise)
    focal = Objectness(**HOW, gamma=2, alpha=0.25, negatives=0, quality=False)
    wrong = 1 / (1 + math.exp(1))
    assert float(focal(found, true)) == pytest.approx(surprise * wrong**2 * (0.25 + 0.75))
    quality = Objectness(**HOW, gamma=0, alpha=0.25, negatives=0, quality=True)
    third = functional.binary_cross_entropy_with_logits(torch.tensor(1.0), torch.tensor(1 / 3))
    assert float(quality(found, true)) == pytest.approx(float(third) + surprise)


def test_that_only_the_hardest_empty_anchors_count() -> None:
    anchors = [[0.0, 0, 10, 10], *([50.0 + 20 * step, 50, 60 + 20 * step, 60] for step in range(4))]
    found = box_list(anchors, anchors, [[0.0], [3.0], [-3.0], [1.0], [-1.0]])
    loss = Objectness(**HOW, gamma=0, alpha=0.25, negatives=2, quality=False)(found, truth((0, 0, 0, 10, 10)))
    wanted = math.log(2) + math.log(1 + math.exp(3)) + math.log(1 + math.exp(1))
    assert float(loss) == pytest.approx(wanted)


def test_that_losses_of_images_without_boxes_are_of_empty_anchors_alone() -> None:
    anchors = [[0.0, 0, 10, 10], [50, 50, 60, 60]]
    found = box_list(anchors, anchors, [[0.0, 1.0]] * 2)
    none = truth((-1, 0, 0, 0, 0))
    for loss in (GeneralisedOverlap(**HOW), SmoothOffsets(**HOW, beta=0.1), BoxClass(**HOW)):
        assert float(loss(found, none)) == 0
    told = Objectness(**HOW, gamma=2, alpha=0.25, negatives=0, quality=False)(found, none)
    assert float(told) > 0


def plain_suppression(boxes, scores, kinds, overlap: float, least: float, by_class: bool) -> list[int]:
    order = sorted(range(len(boxes)), key=lambda at: -scores[at])
    kept: list[int] = []
    for at in order:
        alike = [one for one in kept if kinds[one] == kinds[at] or not by_class]
        shared = [float(overlaps_of(boxes[at : at + 1], boxes[one : one + 1])[0, 0]) for one in alike]
        if scores[at] >= least and all(one <= overlap for one in shared):
            kept.append(at)
    return kept


@pytest.mark.parametrize("by_class", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_that_suppression_is_that_of_a_slow_plain_way(seed: int, by_class: bool) -> None:
    torch.manual_seed(seed)
    corners = torch.rand(3, 120, 2) * 60
    boxes = torch.cat([corners, corners + 10 + torch.rand(3, 120, 2) * 25], -1).clamp(0, 80)
    scores, kinds = torch.randn(3, 120), torch.randint(0, 2, (3, 120))
    classes = functional.one_hot(kinds, 2).float() * 200 - 100
    found = torch.cat([boxes, boxes, scores.unsqueeze(-1), classes], -1).transpose(1, 2)
    module = Suppression((80, 80), 0.4, 0.3, 120, 100, by_class)
    answers = answered_boxes(module(found, torch.zeros(3, 1, 80, 80)))
    assert answers.shape == (3, 100, 6)
    for case in range(3):
        sure = scores[case].sigmoid()
        kept = plain_suppression(boxes[case].numpy(), sure.tolist(), kinds[case].tolist(), 0.4, 0.3, by_class)
        told = answers[case][answers[case][:, 5] >= 0]
        assert torch.allclose(told[:, :4], boxes[case][kept])
        assert torch.allclose(told[:, 4], sure[kept])
        assert told[:, 5].tolist() == kinds[case][kept].tolist()


def test_that_boxes_are_cut_off_at_the_image_and_what_is_none_stays_none() -> None:
    anchors = [[-5.0, -5, 10, 10], [30, 30, 60, 60], [0, 0, 5, 5]]
    found = box_list(anchors, anchors, [[3.0, 0.0], [2.0, 0.0], [NOTHING, 0.0]])
    answers = answered_boxes(Suppression((40, 50), 0.5, 0.1, 10, 10, True)(found, torch.zeros(1, 1, 40, 50)))[0]
    assert answers[0, :4].tolist() == [0, 0, 10, 10]
    assert answers[1, :4].tolist() == [30, 30, 50, 40]
    assert answers[2].tolist() == [0, 0, 0, 0, 0, -1]


def test_that_a_second_look_moves_the_boxes_of_the_first() -> None:
    boxes = box_list([[0.0, 0, 10, 10], [0, 0, 0, 0]], [[1.0, 1, 2, 2]] * 2, [[0.5], [NOTHING]])
    found = RefineBoxes()(torch.tensor([[0.1, 0.0, math.log(2), 0.0, 4.0, 1.0, 2.0]] * 2).T[None], boxes)
    assert found.shape == (1, 11, 2)
    assert found[0, :4, 0].tolist() == pytest.approx([-4, 0, 16, 10])
    assert found[0, 4:8, 0].tolist() == [0, 0, 10, 10]
    assert found[0, 8:, 0].tolist() == [4, 1, 2]
    assert float(found[0, 8, 1]) == NOTHING


def plain_align(features: Tensor, box: list[float], side: int, samples: int, step: float) -> Tensor:
    """One place after the other, read between the four pixels around it; features (C, rows, columns)."""
    rows, columns = features.shape[1:]
    made = torch.zeros(features.shape[0], side, side)
    for down in range(side * samples):
        for across in range(side * samples):
            x = (box[0] + (box[2] - box[0]) * (across + 0.5) / (side * samples)) / step - 0.5
            y = (box[1] + (box[3] - box[1]) * (down + 0.5) / (side * samples)) / step - 0.5
            x, y = min(max(x, 0), columns - 1), min(max(y, 0), rows - 1)
            left, top = int(x), int(y)
            right, bottom = min(left + 1, columns - 1), min(top + 1, rows - 1)
            upper = features[:, top, left] * (1 - x + left) + features[:, top, right] * (x - left)
            lower = features[:, bottom, left] * (1 - x + left) + features[:, bottom, right] * (x - left)
            made[:, down // samples, across // samples] += upper * (1 - y + top) + lower * (y - top)
    return made / samples**2


def test_that_roi_align_is_that_of_a_slow_plain_way() -> None:
    torch.manual_seed(0)
    features = torch.randn(2, 3, 6, 8)
    boxes = torch.tensor([[4.0, 3, 20, 17], [0, 0, 32, 24], [-6, 10, 40, 30]])
    listed = torch.cat([boxes, boxes, torch.zeros(3, 1)], 1).T.expand(2, -1, -1)
    found = RegionAlign((24, 32), 3, 2)(features, listed, torch.zeros(2, 1, 24, 32))
    assert found.shape == (2, 27, 3)
    for case in range(2):
        for place, box in enumerate(boxes.tolist()):
            wanted = plain_align(features[case], box, 3, 2, 4.0)
            assert torch.allclose(found[case, :, place].reshape(3, 3, 3), wanted, atol=1e-5)
