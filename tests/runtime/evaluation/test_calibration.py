"""Probabilities, how far they are off, and the temperature that brings them right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from runtime.evaluation.calibration import (
    calibration_error,
    fitted_temperature,
    histogram,
    reliability,
    sigmoid,
    softmax,
)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999), bins=st.integers(2, 15))
def test_that_reliability_is_that_of_scikit_learn_and_the_error_is_its_mean_distance(seed, bins):
    generator = np.random.default_rng(seed)
    share = np.concatenate([generator.random(80), [1.0]])
    truth = generator.random(81) < share
    found = [one for one in reliability(share, truth, bins=bins) if one.cases]
    seen, said = calibration_curve(truth, share, n_bins=bins)
    assert [one.seen for one in found] == pytest.approx(seen)
    assert [one.said for one in found] == pytest.approx(said)
    mean = sum(one.cases * abs(one.seen - one.said) for one in found) / 81
    assert calibration_error(share, truth, bins) == pytest.approx(mean)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_that_the_temperature_that_made_the_scores_too_sure_is_found_again(temperature):
    generator = np.random.default_rng(0)
    right = generator.normal(size=(20_000, 3)) * 2
    truth = (softmax(right).cumsum(axis=1) > generator.random((20_000, 1))).argmax(axis=1)
    assert fitted_temperature(right * temperature, truth) == pytest.approx(temperature, rel=0.05)
    assert softmax(right * temperature, temperature) == pytest.approx(softmax(right))
    labels = generator.random(right.shape) < sigmoid(right)
    assert fitted_temperature(right * temperature, labels) == pytest.approx(temperature, rel=0.05)


def test_that_the_fitted_temperature_brings_the_error_down():
    generator = np.random.default_rng(1)
    right = generator.normal(size=(5_000, 2))
    truth = (softmax(right)[:, 1] > generator.random(5_000)).astype(int)
    sure = right * 4
    fitted = fitted_temperature(sure, truth)
    assert calibration_error(softmax(sure, fitted)[:, 1], truth) < calibration_error(softmax(sure)[:, 1], truth) / 4


def test_that_cases_all_apart_get_a_small_temperature_and_not_none():
    assert 0.05 <= fitted_temperature(np.array([[3.0, -3.0], [-3.0, 3.0]]), np.array([0, 1])) < 0.2


def test_that_the_histogram_counts_both_kinds():
    edges, having, lacking = histogram(np.array([0.05, 0.5, 1.0, 0.99]), np.array([False, True, True, True]), 10)
    assert len(edges) == 11
    assert having[9] == 2
    assert having.sum() == 3
    assert lacking[0] == 1
