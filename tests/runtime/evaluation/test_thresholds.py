"""A threshold, its rates and the cases that flip are what counting by hand gives; curves are scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from runtime.evaluation.predictive import predictive_values
from runtime.evaluation.rates import Counts
from runtime.evaluation.thresholds import Ranked

shares = st.lists(st.integers(0, 20).map(lambda number: number / 20), min_size=2, max_size=60)


@settings(max_examples=60, deadline=None)
@given(probability=shares, seed=st.integers(0, 999), threshold=st.floats(0, 1), other=st.floats(0, 1))
def test_that_counts_and_flips_are_those_of_counting(probability, seed, threshold, other):
    probability = np.array(probability)
    truth = np.random.default_rng(seed).random(len(probability)) < 0.5
    ranked = Ranked(probability, truth)
    called = probability >= threshold
    assert np.array_equal(ranked.called(threshold), called)
    assert ranked.counts(threshold) == Counts(
        (called & truth).sum(), (called & ~truth).sum(), (~called & ~truth).sum(), (~called & truth).sum()
    )
    flips = ranked.flips(threshold, other)
    assert sorted(flips) == list(np.flatnonzero(called != (probability >= other)))
    assert list(probability[flips]) == sorted(probability[flips], reverse=True)


@settings(max_examples=60, deadline=None)
@given(probability=shares, seed=st.integers(0, 999))
def test_that_the_curves_are_those_of_scikit_learn(probability, seed):
    probability = np.array(probability)
    truth = np.random.default_rng(seed).random(len(probability)) < 0.5
    truth[:2] = False, True
    ranked = Ranked(probability, truth)
    x, y, thresholds = sk.roc_curve(truth, probability, drop_intermediate=False)
    roc = ranked.roc()
    assert (roc.x, roc.y) == (pytest.approx(x), pytest.approx(y))
    assert np.array_equal(roc.thresholds, thresholds)
    precision, recall, thresholds = sk.precision_recall_curve(truth, probability)
    curve = ranked.precision_recall()
    assert curve.x == pytest.approx(recall[-2::-1])
    assert curve.y == pytest.approx(precision[-2::-1])
    assert curve.thresholds == pytest.approx(thresholds[::-1])


@settings(max_examples=60, deadline=None)
@given(probability=shares, seed=st.integers(0, 999), least=st.floats(0.01, 1))
def test_that_a_chosen_threshold_gives_what_was_wished_for_and_none_gives_more(probability, seed, least):
    probability = np.array(probability) * 0.9 + 0.05
    truth = np.random.default_rng(seed).random(len(probability)) < 0.5
    truth[:2] = False, True
    ranked = Ranked(probability, truth)
    tried = [ranked.counts(one) for one in (*np.unique(probability), 1.0)]
    best = ranked.counts(ranked.best())
    assert best.balanced_accuracy == pytest.approx(max(one.balanced_accuracy for one in tried))
    for wish, other in (("sensitivity", "specificity"), ("specificity", "sensitivity")):
        found = ranked.counts(ranked.best(wish, least))
        fits = [one for one in tried if getattr(one, wish) >= least - 1e-12]
        assert getattr(found, wish) >= least - 1e-12
        assert getattr(found, other) == pytest.approx(max(getattr(one, other) for one in fits))


def test_that_rates_at_a_threshold_lie_within_their_intervals_and_patients_are_counted():
    generator = np.random.default_rng(0)
    truth = generator.random(300) < 0.3
    ranked = Ranked(np.clip(0.3 * truth + 0.6 * generator.random(300), 0, 1), truth, generator.integers(0, 40, 300))
    rates, intervals = ranked.counts(0.4).rates(), ranked.intervals(0.4)
    for name in ("sensitivity", "specificity", "ppv", "npv", "f1", "accuracy", "balanced_accuracy"):
        assert intervals[name].low <= rates[name] <= intervals[name].high, name
    assert intervals["accuracy"].patients == 40


def test_that_predictive_values_follow_the_prevalence():
    # Altman and Bland 1994: the liver scan finds 231 of 258 and spares 54 of 86; at a prevalence of 0.25
    ppv, npv = predictive_values(231 / 258, 54 / 86, 0.25)
    assert (ppv, npv) == (pytest.approx(0.45, abs=0.01), pytest.approx(0.95, abs=0.01))
    counts = Counts(231, 32, 54, 27)
    assert predictive_values(counts.sensitivity, counts.specificity, 258 / 344) == pytest.approx(
        (counts.ppv, counts.npv)
    )
    with pytest.raises(ValueError, match="a share from 0 to 1"):
        predictive_values(0.9, 0.9, 20)


def test_that_a_threshold_cannot_be_chosen_on_one_kind_of_cases():
    with pytest.raises(ValueError, match="cases that have it and cases that do not"):
        Ranked(np.array([0.1, 0.9]), np.array([True, True])).best()
