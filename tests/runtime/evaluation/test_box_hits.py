"""Average precision and FROC: against numbers found by hand, a slow plain way, and COCO's own program where it is."""

from __future__ import annotations

import importlib.util
import math

import numpy as np
import pytest

from runtime.evaluation.box_hits import (
    OVERLAPS,
    Froc,
    average_precisions,
    chosen,
    hits_of,
    mean_precisions,
    overlaps_of,
    precision_recall,
)
from tests.builders.boxes import drawn_boxes

CORNER = np.array([0.0, 0.0, 0.0, 10.0, 10.0])  # class 0, ten pixels wide and high


def plain_overlap(one, other) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    area = (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1])
    return wide * high / (area - wide * high)


def plain_precision(true, found, kind: int, least: float) -> float:
    """One box after the other, one sensitivity after the other."""
    told, count = [], 0
    for case, (own, boxes) in enumerate(zip(true, found, strict=True)):
        free = [box[1:] for box in own if box[0] == kind]
        count += len(free)
        for box in sorted((box for box in boxes if box[5] == kind), key=lambda box: -box[4]):
            best = max(range(len(free)), key=lambda at: plain_overlap(box, free[at]), default=None)
            right = best is not None and plain_overlap(box, free[best]) >= least
            if right:
                free.pop(best)
            told.append((box[4], case, right))
    if not count:
        return math.nan
    told.sort(key=lambda one: (-one[0], one[1]))
    curve, right = [], 0
    for number, (_, _, hit) in enumerate(told, start=1):
        right += hit
        curve.append((right / count, right / number))
    wanted = [max((p for r, p in curve if r >= step), default=0.0) for step in np.linspace(0, 1, 101)]
    return sum(wanted) / 101


def test_that_overlaps_are_shared_area_over_joined_area() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30], [4, 4, 4, 9]], float)
    assert overlaps_of(boxes[:1], boxes).tolist() == [[1.0, pytest.approx(50 / 150), 0.0, 0.0]]


def test_that_the_most_probable_box_chooses_first_and_each_true_box_is_found_once() -> None:
    assert chosen(np.array([[0.7, 0.9], [0.6, 0.8], [0.6, 0.2]]), 0.5).tolist() == [1, 0, -1]


def test_that_the_precision_of_a_curve_by_hand_is_found() -> None:
    """Two true boxes; right, wrong, right: precision 1 up to one half, then 2/3."""
    found = np.array([[0, 0, 10, 10, 0.9, 0], [50, 50, 60, 60, 0.8, 0], [20, 0, 30, 10, 0.7, 0]], float)
    true = np.array([CORNER, CORNER + np.array([0, 20, 0, 20, 0])])
    (hits,) = hits_of([true], [found], 1, (0.5,))
    assert average_precisions(hits)[0] == pytest.approx((51 * 1 + 50 * 2 / 3) / 101)
    recall, precision = precision_recall(hits)
    assert recall.tolist() == [0.5, 0.5, 1.0]
    assert precision.tolist() == pytest.approx([1, 0.5, 2 / 3])


@pytest.mark.parametrize("seed", range(6))
def test_that_average_precision_is_that_of_a_slow_plain_way(seed: int) -> None:
    true, found = drawn_boxes(seed)
    for kind, hits in enumerate(hits_of(true, found, 3)):
        wanted = [plain_precision(true, found, kind, least) for least in OVERLAPS]
        assert average_precisions(hits) == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize("seed", range(3))
def test_that_a_weight_counts_a_case_as_often(seed: int) -> None:
    true, found = drawn_boxes(seed)
    weights = np.random.default_rng(seed).integers(0, 4, len(true))
    many = hits_of(np.repeat(true, weights, axis=0), np.repeat(found, weights, axis=0), 3)
    once = hits_of(true, found, 3)
    assert mean_precisions(once, weights) == pytest.approx(mean_precisions(many), nan_ok=True)
    assert Froc(once).sensitivities(weights) == pytest.approx(Froc(many).sensitivities())


def test_that_nothing_to_find_has_no_precision_and_nothing_found_has_none_of_it() -> None:
    nothing, none = np.full((2, 1, 5), -1.0), np.full((2, 1, 6), -1.0)
    assert np.isnan(mean_precisions(hits_of(nothing, none, 2))).all()
    assert mean_precisions(hits_of([CORNER[None]], [none[0]], 2)).tolist() == [0.0] * 10
    assert np.isnan(Froc(hits_of(nothing, none, 2)).sensitivities()).all()


def test_that_froc_is_the_sensitivity_with_so_many_false_positives_in_an_image() -> None:
    """Two images, three true boxes. Falling: right, false, right, false, false, right."""
    far = [50, 50, 60, 60]
    true = [np.array([CORNER, CORNER + np.array([0, 20, 0, 20, 0])]), CORNER[None]]
    found = [
        np.array([[0, 0, 10, 10, 0.9, 0], [*far, 0.8, 0], [*far, 0.6, 0], [20, 0, 30, 10, 0.4, 0]], float),
        np.array([[0, 0, 10, 10, 0.7, 0], [*far, 0.5, 0]], float),
    ]
    froc = Froc(hits_of(true, found, 1))
    false, sensitivity = froc.curve()
    assert false.tolist() == [0, 0.5, 0.5, 1.0, 1.5, 1.5]
    assert sensitivity == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3, 2 / 3, 1])
    assert froc.sensitivities() == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3, 1, 1, 1])


@pytest.mark.skipif(importlib.util.find_spec("pycocotools") is None, reason="pycocotools is not installed")
@pytest.mark.parametrize("seed", range(8))
def test_that_average_precision_is_that_of_pycocotools(seed: int) -> None:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    true, found = drawn_boxes(seed, cases=20, false=150 if seed == 0 else 10)

    def width(box) -> list[float]:
        return [float(box[0]), float(box[1]), float(box[2] - box[0]), float(box[3] - box[1])]

    truths = [(case, box) for case, own in enumerate(true) for box in own if box[0] >= 0]
    coco = COCO()
    coco.dataset = {
        "images": [{"id": case} for case in range(len(true))],
        "categories": [{"id": kind} for kind in range(3)],
        "annotations": [
            {"id": number, "image_id": case, "category_id": int(box[0]), "bbox": width(box[1:]), "iscrowd": 0,
             "area": float((box[3] - box[1]) * (box[4] - box[2]))}
            for number, (case, box) in enumerate(truths, start=1)
        ],
    }  # fmt: skip
    coco.createIndex()
    answers = coco.loadRes([
        {"image_id": case, "category_id": int(box[5]), "bbox": width(box), "score": float(box[4])}
        for case, boxes in enumerate(found) for box in boxes if box[5] >= 0
    ])  # fmt: skip
    judge = COCOeval(coco, answers, "bbox")
    judge.evaluate()
    judge.accumulate()
    table = judge.eval["precision"][:, :, :, 0, -1]  # overlaps, sensitivities, classes; all areas, 100 boxes
    for kind, hits in enumerate(hits_of(true, found, 3)):
        assert average_precisions(hits) == pytest.approx(table[:, :, kind].mean(axis=1), abs=1e-9)
