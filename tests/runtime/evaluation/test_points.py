"""FROC of candidate points, counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from runtime.evaluation.measuring import measured
from tests.runtime.evaluation.cases import classified

NAMES = ("lesion", "no finding")


def points(scores, images, findings, missed, patients=None):
    """Cases of two images or more; `scores` are those of a lesion against none."""
    count = len(scores)
    cases = classified(0, count, 2, patients=patients)
    scores = np.stack([np.asarray(scores, float), np.zeros(count)], axis=1)
    arrays = {"image": np.array(list(images)), "finding": np.array(findings), "missed": np.array(missed)}
    return replace(cases, scores=scores, points=arrays)


def test_that_several_points_on_one_finding_count_once_and_unmet_findings_are_missed() -> None:
    # Image a: finding 0 twice (the second is no false positive), one false point; a finding that no point is on.
    # Image b: two false points. From the highest score: hit, again, false (b), false (a), false (b).
    cases = points([9, 8, 5, 7, 3], "aaabb", [0, 0, -1, -1, -1], [1, 1, 1, 0, 0])
    found = measured(cases, "classification", NAMES).metrics
    rates = [found[f"sensitivity_at_{rate:g}"] for rate in (0.125, 0.25, 0.5, 1, 2, 4, 8)]
    assert rates == [0.5] * 7
    assert found["froc"] == pytest.approx(0.5)


def test_that_sensitivity_rises_with_the_false_positives_allowed_in_an_image() -> None:
    # Four images; false, hit, false, false, hit: the first hit costs 1/4 false positive an image, the second 3/4.
    cases = points([9, 8, 7, 6, 5], "abcdd", [-1, 0, -1, -1, 0], [0] * 5)
    found = measured(cases, "classification", NAMES).metrics
    rates = [found[f"sensitivity_at_{rate:g}"] for rate in (0.125, 0.25, 0.5, 1, 2, 4, 8)]
    assert rates == [0, 0.5, 0.5, 1, 1, 1, 1]
    assert found["froc"] == pytest.approx(sum(rates) / 7)


def test_that_froc_has_an_interval_by_patient() -> None:
    generator = np.random.default_rng(1)
    hit = generator.random(240) < 0.3
    images = np.repeat([f"{number:03}" for number in range(60)], 4)
    scores = generator.normal(size=240) + 2 * hit
    cases = points(scores, images, np.where(hit, np.arange(240) % 4, -1), np.zeros(240, int))
    cases = replace(cases, patient=images)
    found = measured(cases, "classification", NAMES)
    interval = found.intervals["froc"]
    assert interval.patients == 60
    assert interval.low < found.metrics["froc"] < interval.high


def test_that_classes_without_one_of_nothing_have_no_froc() -> None:
    cases = points([1, 2, 3], "abc", [0, 0, 0], [0, 0, 0])
    assert "froc" not in measured(cases, "classification", ("haemorrhage", "microaneurysm")).metrics
    assert "froc" not in measured(classified(0, 30, 2), "classification", NAMES).metrics
