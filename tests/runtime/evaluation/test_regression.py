"""Measures of numbers are those of scikit-learn, scipy and of Bland and Altman's own example."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr
from sklearn import metrics as sk

from runtime.evaluation.regression import agreement, numbers_measured
from tests.runtime.evaluation.cases import counted

# Bland and Altman 1986, table: peak expiratory flow by the Wright and the mini Wright meter, first measurements, l/min
WRIGHT = (494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427)
MINI = (512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(3, 50), far=st.sampled_from([0.0, 1e6]))
def test_that_the_measures_are_those_of_the_libraries(seed, count, far):
    generator = np.random.default_rng(seed)
    truth = generator.normal(far, 10, count)
    found = truth + generator.normal(1, 4, count)
    measured = numbers_measured(counted(truth, found)).metrics
    expected = {
        "mean_absolute_error": sk.mean_absolute_error(truth, found),
        "root_mean_squared_error": sk.root_mean_squared_error(truth, found),
        "r2": sk.r2_score(truth, found),
        "correlation": pearsonr(truth, found).statistic,
        "bias": np.mean(found - truth),
    }
    assert {name: measured[name] for name in expected} == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_that_the_limits_of_agreement_are_those_of_bland_and_altman():
    plot = agreement(np.array(MINI), np.array(WRIGHT))
    assert plot.bias == pytest.approx(-2.1, abs=0.05)
    assert (plot.high - plot.bias) / 1.959964 == pytest.approx(38.8, abs=0.05)
    measured = numbers_measured(counted(MINI, WRIGHT))
    assert (measured.metrics["limit_low"], measured.metrics["limit_high"]) == pytest.approx((plot.low, plot.high))
    # They give -114.3 to -45.1 and 40.9 to 110.1 for the limits, with 2 instead of 1.96, and by a rougher formula.
    low, high = measured.intervals["limit_low"], measured.intervals["limit_high"]
    assert low.low < -110 < -50 < low.high < plot.bias
    assert plot.bias < high.low < 45 < 105 < high.high


def test_that_each_of_several_numbers_has_the_measures_that_it_has_alone():
    truth = np.stack([MINI, np.array(MINI[::-1]) / 100], axis=1)
    found = np.stack([WRIGHT, np.array(WRIGHT[::-1]) / 100], axis=1)
    measured = numbers_measured(counted(truth, found), ("flow", "hundredths"))
    for place, name in enumerate(("flow", "hundredths")):
        alone = numbers_measured(counted(truth[:, place], found[:, place]))
        assert {key: measured.metrics[f"{key}:{name}"] for key in alone.metrics} == alone.metrics
        assert {key: measured.intervals[f"{key}:{name}"] for key in alone.intervals} == alone.intervals
    assert len(measured.metrics) == 2 * len(alone.metrics)


def test_that_numbers_that_are_all_the_same_have_no_correlation():
    measured = numbers_measured(counted([5.0] * 20, np.arange(20)))
    assert np.isnan(measured.metrics["r2"])
    assert np.isnan(measured.metrics["correlation"])
    assert "r2" not in measured.intervals


def test_that_of_few_patients_there_is_no_interval_and_the_note_says_so():
    measured = numbers_measured(counted([1.0, 2.0, 3.0], [1.5, 2.5, 2.0]))
    assert {one.note for one in measured.intervals.values()} == {
        "3 patients: too few to say how sure this is (10 or more are needed)."
    }


def test_that_where_one_patient_alone_errs_no_interval_is_made_up():
    truth = np.arange(20.0)
    measured = numbers_measured(counted(truth, truth + (np.arange(20) == 3)))
    for name in ("root_mean_squared_error", "limit_low", "limit_high"):
        assert measured.intervals[name].low is None
        assert "A single patient" in measured.intervals[name].note
