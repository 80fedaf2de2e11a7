"""95 % intervals cover what is true in at least 93 % of simulated studies, and say so where they cannot."""

import math

import numpy as np
import pytest
from scipy.special import betaincinv, ndtr, ndtri

from runtime.evaluation.areas import auc, auc_interval, mean_auc_interval
from runtime.evaluation.intervals import Interval, effective_size, share_interval, t_quantile
from runtime.evaluation.means import mean_share_interval
from runtime.evaluation.precision import (
    average_precision,
    average_precision_interval,
    mean_average_precision_interval,
)
from runtime.evaluation.predictive import predictive_intervals, predictive_values
from runtime.evaluation.regression import numbers_measured
from runtime.evaluation.resampling import AMOUNT, Patients, mean_of
from runtime.evaluation.thresholds import Ranked
from tests.runtime.evaluation.cases import counted

LEAST = 0.93


def covered(interval, true):
    return interval.low - 1e-12 <= true <= interval.high + 1e-12


def coverage(draw, true, studies):
    found = [draw() for _ in range(studies)]
    known = [one for one in found if one.low is not None]
    assert len(known) > studies / 3
    return sum(covered(one, true) for one in known) / len(known)


def patients_of(generator, patients, images, uneven=True):
    sizes = generator.integers(1, 2 * images, patients) if uneven and images > 1 else np.full(patients, images)
    return np.repeat(np.arange(patients), sizes)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
@pytest.mark.parametrize(("patients", "images", "alike"), [(20, 1, 0), (20, 5, 0.3), (40, 5, 0.7), (100, 3, 0.3)])
def test_that_the_interval_of_a_share_covers_it(share, patients, images, alike):
    generator = np.random.default_rng(1)

    def study():
        owner = patients_of(generator, patients, images)
        own = np.full(patients, share)
        if alike:
            own = generator.beta(share * (1 - alike) / alike, (1 - share) * (1 - alike) / alike, patients)
        return share_interval(generator.random(len(owner)) < own[owner], owner)

    assert coverage(study, share, 1000) >= LEAST


@pytest.mark.long
@pytest.mark.parametrize("area", [0.6, 0.8, 0.95])
@pytest.mark.parametrize(
    ("patients", "images", "alike", "having"),
    [(20, 1, 0, 0.5), (40, 1, 0, 0.25), (40, 5, 0.5, 0.5), (100, 3, 0.5, 0.3)],
)
def test_that_the_interval_of_an_area_covers_it(area, patients, images, alike, having):
    generator = np.random.default_rng(2)
    apart = math.sqrt(2) * ndtri(area)

    def study():
        owner = patients_of(generator, patients, images, uneven=False)
        truth = (np.arange(patients) < round(patients * having))[owner]
        own = generator.normal(size=patients)[owner] * math.sqrt(alike)
        scores = generator.normal(size=len(owner)) * math.sqrt(1 - alike) + own + apart * truth
        return auc_interval(scores, truth, owner)

    assert coverage(study, area, 10_000) >= LEAST


@pytest.mark.long
@pytest.mark.parametrize(("patients", "images"), [(20, 1), (40, 4), (100, 2)])
def test_that_the_interval_of_the_average_precision_covers_it(patients, images):
    generator = np.random.default_rng(3)
    many = np.arange(400_000) < 200_000
    true = average_precision(generator.normal(size=400_000) + many, many)

    def study():
        owner = patients_of(generator, patients, images, uneven=False)
        truth = (np.arange(patients) < patients // 2)[owner]
        return average_precision_interval(generator.normal(size=len(owner)) + truth, truth, owner)

    assert coverage(study, true, 150) >= LEAST


@pytest.mark.long
def test_that_the_intervals_of_means_over_three_classes_cover_them():
    generator = np.random.default_rng(6)

    def answered(kind):
        return generator.normal(size=(len(kind), 3)) + 1.2 * (kind[:, None] == np.arange(3))

    many = generator.integers(0, 3, 300_000)
    scores = answered(many)
    taken = scores.argmax(axis=1)
    areas = np.mean([average_precision(scores[:, k], many == k) for k in range(3)])
    values = np.mean([(many[taken == k] == k).mean() for k in range(3)])
    hits, studies = [0, 0], 200
    for _ in range(studies):
        owner = patients_of(generator, 40, 3, uneven=False)
        kind = generator.integers(0, 3, len(owner))
        scores = answered(kind)
        own, called = (each[:, None] == np.arange(3) for each in (kind, scores.argmax(axis=1)))
        hits[0] += covered(mean_average_precision_interval(scores, own, owner), areas)
        hits[1] += covered(mean_share_interval(own & called, called, owner), values)
    assert min(hits) / studies >= LEAST


@pytest.mark.long
@pytest.mark.parametrize(("patients", "images", "prevalence"), [(40, 1, 0.1), (30, 1, 0.5), (40, 4, 0.02)])
def test_that_the_intervals_of_predictive_values_at_a_prevalence_cover_them(patients, images, prevalence):
    generator = np.random.default_rng(7)
    true = dict(zip(("ppv", "npv"), predictive_values(0.8, 0.9, prevalence), strict=True))
    hits, studies = dict.fromkeys(true, 0), 1000
    for _ in range(studies):
        owner = patients_of(generator, patients, images, uneven=False)
        truth = owner % 2 == 1
        called = generator.random(len(owner)) < np.where(truth, 0.8, 0.1)
        ranked = Ranked(called.astype(float), truth, owner)
        counts = ranked.counts(0.5)
        found = predictive_intervals(counts.sensitivity, counts.specificity, ranked.intervals(0.5), prevalence)
        for name, value in true.items():
            hits[name] += covered(found[name], value)
    assert min(hits.values()) / studies >= LEAST


@pytest.mark.long
@pytest.mark.parametrize(("patients", "images"), [(20, 1), (40, 4), (100, 1)])
def test_that_the_intervals_of_errors_cover_them(patients, images):
    generator = np.random.default_rng(4)
    spread = math.sqrt(13)  # 2² within patients, 3² between images
    error = generator.normal(1, spread, 2_000_000)
    true = {
        "mean_absolute_error": np.abs(error).mean(),
        "root_mean_squared_error": math.sqrt(14),
        "bias": 1.0,
        "limit_low": 1 - 1.959964 * spread,
        "limit_high": 1 + 1.959964 * spread,
        "r2": 1 - 14 / 101,
        "correlation": math.sqrt(101 / 114),
    }
    hits = dict.fromkeys(true, 0)
    studies = 3000
    for _ in range(studies):
        owner = patients_of(generator, patients, images)
        truth = generator.normal(50, 10, len(owner)) + generator.normal(size=len(owner))
        found = truth + 1 + 2 * generator.normal(size=patients)[owner] + 3 * generator.normal(size=len(owner))
        cases = counted(truth, found)
        measured = numbers_measured(type(cases)(**{
            name: getattr(cases, name) for name in cases.__dataclass_fields__
        } | {"patient": owner}))  # fmt: skip
        for name in true:
            hits[name] += covered(measured.intervals[name], true[name])
    assert {name: hit / studies for name, hit in hits.items() if hit / studies < LEAST} == {}


@pytest.mark.long
@pytest.mark.parametrize(("patients", "images"), [(20, 1), (40, 4)])
def test_that_the_interval_of_a_mean_dice_and_of_a_balanced_accuracy_covers_them(patients, images):
    generator = np.random.default_rng(5)

    def dice():
        owner = patients_of(generator, patients, images)
        own = generator.beta(4, 1, len(owner))
        return Patients(owner).intervals(np.stack([own, np.ones(len(own))], axis=1), {"dice": mean_of(0)})["dice"]

    def balanced():
        owner = patients_of(generator, 2 * patients, images)
        kind = np.stack([owner < patients, owner >= patients], axis=1)
        right = kind & (generator.random(len(owner)) < np.where(owner < patients, 0.95, 0.7))[:, None]
        return mean_share_interval(right, kind, owner)

    assert coverage(dice, 0.8, 2000) >= LEAST
    assert coverage(balanced, 0.825, 5000) >= LEAST


def ceiling(given):
    return np.clip(0.9 + 0.15 * given, 0, 1)


ENDS = np.array([-0.9, 0.1]) / 0.15  # of `ceiling`, in standard deviations
ERRORS = {  # from numbers of the normal distribution: the errors, their mean, how long the interval may be against t's
    "normal": (lambda given: given, 0.0, 1.1),
    "uniform": (ndtr, 0.5, 1.1),
    "bounded, a quarter at its end": (
        ceiling,
        0.9 * np.diff(ndtr(ENDS))[0] - 0.15 * np.diff(np.exp(-(ENDS**2) / 2))[0] / math.sqrt(2 * math.pi)
        + ndtr(-ENDS[1]),
        1.2,
    ),
    "Dice": (lambda given: betaincinv(8, 1.5, ndtr(given)), 8 / 9.5, 1.25),
    "their sizes": (np.abs, math.sqrt(2 / math.pi), 1.25),
    "exponential": (lambda given: -np.log(ndtr(-given)), 1.0, 1.6),
    "log-normal, σ 0.5": (lambda given: np.exp(given / 2), math.exp(1 / 8), 1.4),
    "log-normal, σ 1": (np.exp, math.exp(1 / 2), 2.1),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("patients", [15, 20, 40, 100])
def test_that_the_interval_of_a_mean_of_skewed_errors_covers_it(kind, patients):
    generator = np.random.default_rng(8)
    error, true, longest = ERRORS[kind]
    widths = []

    def study():
        values = error(generator.normal(size=patients))
        terms = np.stack([values, np.ones(patients)], axis=1)
        found = Patients(np.arange(patients)).intervals(terms, {"mean": mean_of(0)})["mean"]
        plain = 2 * t_quantile(patients) * values.std(ddof=1) / math.sqrt(patients)
        widths.append((found.high - found.low) / plain)
        return found

    near = patients == 15 and kind == "log-normal, σ 1"  # the only one that covers hardly more than it should
    assert coverage(study, true, 4000 if near else 1000) >= LEAST
    assert np.median(widths) < longest


@pytest.mark.long
@pytest.mark.parametrize("patients", [15, 20, 40])
def test_that_the_interval_of_a_mean_of_skewed_errors_of_patients_with_few_and_many_images_covers_it(patients):
    generator = np.random.default_rng(9)

    def study():
        owner = patients_of(generator, patients, 4)
        values = np.exp(0.7 * generator.normal(size=patients))[owner] * generator.exponential(size=len(owner))
        terms = np.stack([values, np.ones(len(owner))], axis=1)
        return Patients(owner).intervals(terms, {"mean": mean_of(0, bounds=AMOUNT)})["mean"]

    assert coverage(study, math.exp(0.245), 1000) >= LEAST


def test_that_strongly_skewed_errors_have_a_longer_interval_on_the_side_of_the_large_ones_alone():
    values = np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.1, 0.4, 0.2, 0.3, 0.1, 0.2, 0.3, 0.2, 0.1, 4.0])
    terms = np.stack([values, np.ones(15)], axis=1)
    found = Patients(np.arange(15)).intervals(terms, {"mean": mean_of(0, bounds=AMOUNT)})["mean"]
    plain = t_quantile(15) * values.std(ddof=1) / math.sqrt(15)
    assert found.high - values.mean() > 3 * plain
    assert 0 <= found.low < values.mean() - 0.1


def test_that_predictive_values_at_the_ends_have_intervals_that_end_there():
    sure = {"sensitivity": Interval(40, 0.8, 1.0), "specificity": Interval(40, 0.8, 1.0)}
    found = predictive_intervals(1.0, 1.0, sure, 0.1)
    assert (found["ppv"].high, found["npv"].high) == (1.0, 1.0)
    assert 0.2 < found["ppv"].low < 0.5 < 0.9 < found["npv"].low < 1
    none = predictive_intervals(0.0, 0.5, {**sure, "sensitivity": Interval(4, note="too few")}, 0.1)
    assert {one.note for one in none.values()} == {"too few"}
    assert predictive_intervals(0.9, 0.9, {}, 0.1) == {}
    with pytest.raises(ValueError, match="a share from 0 to 1"):
        predictive_intervals(0.9, 0.9, sure, 20)


def test_that_cases_all_apart_have_an_interval_that_is_not_a_point():
    truth, owner = np.arange(40) % 2 == 1, np.arange(40) // 2
    perfect = auc_interval(truth.astype(float), truth, owner)
    assert auc(truth.astype(float), truth) == 1
    assert perfect.method == "Newcombe"
    assert 0.7 < perfect.low < 0.95
    assert perfect.high == 1
    assert average_precision_interval(truth.astype(float), truth, owner).low < 0.95
    both = np.stack([truth, ~truth], axis=1)
    balanced = mean_share_interval(both, both, owner)
    assert balanced.low < 0.95
    assert balanced.high == 1


def test_that_the_interval_of_one_area_is_delongs_where_each_patient_has_one_image():
    generator = np.random.default_rng(0)
    truth = np.arange(60) < 25
    scores = generator.normal(size=60) + truth
    above = (scores[truth][:, None] > scores[~truth]).astype(float)
    # DeLong et al. 1988: the variance from the placements of both kinds
    variance = above.mean(axis=1).var(ddof=1) / 25 + above.mean(axis=0).var(ddof=1) / 35
    found = auc_interval(scores, truth, np.arange(60))
    area = above.mean()
    half = (math.log(found.high / (1 - found.high)) - math.log(found.low / (1 - found.low))) / 2
    assert half * area * (1 - area) / t_quantile(25) == pytest.approx(math.sqrt(variance), rel=0.01)
    assert mean_auc_interval(np.stack([scores] * 2, 1), np.stack([truth] * 2, 1), np.arange(60)) == found


def test_that_images_of_one_patient_are_no_independent_witnesses():
    assert effective_size(np.full(10, 5.0), np.array([5.0] * 5 + [0.0] * 5)) == pytest.approx(10, rel=0.12)
    mixed = np.array([3.0, 2.0] * 10)
    assert 60 < effective_size(np.full(20, 5.0), mixed) <= 100
    assert effective_size(np.array([91.0] + [1.0] * 9), np.array([91.0] + [1.0] * 9)) < 1.3


def test_that_the_same_seed_gives_the_same_interval_and_another_almost_the_same():
    generator = np.random.default_rng(0)
    terms = np.stack([generator.exponential(size=200), np.ones(200)], axis=1)
    owner = np.arange(200) // 4
    one, two, other = (Patients(owner, seed).intervals(terms, {"mean": mean_of(0)})["mean"] for seed in (0, 0, 7))
    assert one == two
    assert other != one
    assert (other.low, other.high) == pytest.approx((one.low, one.high), rel=0.05)


def test_that_of_few_patients_none_is_given_and_the_note_says_how_many_are_needed():
    owner = np.repeat(np.arange(9), 20)
    truth = np.arange(180) % 2 == 1
    for found in (share_interval(truth, owner), auc_interval(truth * 1.0, truth, owner)):
        assert found.low is None
        assert found.note == "9 patients: too few to say how sure this is (10 or more are needed)."
    few = auc_interval(np.arange(60.0), np.arange(60) < 3, np.arange(60))
    assert few.note == "3 patients of one of the two kinds: too few to say how sure this is (5 or more are needed)."
    twelve = Patients(np.arange(12)).intervals(np.ones((12, 2)), {"mean": mean_of(0)})["mean"]
    assert "15 or more are needed" in twelve.note


def test_that_a_measure_that_never_varies_has_no_interval():
    found = Patients(np.arange(30)).intervals(np.ones((30, 2)), {"mean": mean_of(0)})["mean"]
    assert found.low is None
    assert "the same for all patients" in found.note
