"""Cases of an evaluation made of random numbers."""

import numpy as np

from runtime.evaluation.calibration import sigmoid, softmax
from runtime.evaluation.record import Cases


def named(count, patients=None, generator=None):
    generator = generator or np.random.default_rng(0)
    owner = np.arange(count) if patients is None else generator.integers(0, patients, count)
    return {
        "case": np.array([f"{number:016x}" for number in range(count)]),
        "patient": np.array([f"{number:016x}" for number in owner]),
        "patient_known": np.full(count, patients is not None),
    }


def classified(seed, count, classes, rounded=False, patients=None):
    """Each class occurs; rounded scores have many ties between cases, and none within one."""
    generator = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(classes), generator.integers(0, classes, count - classes)])
    scores = generator.normal(size=(count, classes)) + 1.2 * (truth[:, None] == np.arange(classes))
    if rounded:
        scores = scores.round() + 0.1 * np.arange(classes)
    shares, taken = softmax(scores), scores.argmax(axis=1)
    return Cases(
        **named(count, patients, generator), error=1 - shares[np.arange(count), truth], correct=taken == truth,
        confidence=shares.max(axis=1), scores=scores, probabilities=shares, truth=truth, predicted=taken,
    )  # fmt: skip


def labelled(seed, count, labels, patients=None):
    generator = np.random.default_rng(seed)
    truth = generator.random((count, labels)) < 0.4
    truth[0], truth[1] = True, False
    scores = generator.normal(size=(count, labels)) + truth
    scores[2] = 1.0
    shares = sigmoid(scores)
    return Cases(
        **named(count, patients, generator), error=np.abs(shares - truth).max(axis=1),
        correct=((scores > 0) == truth).all(axis=1), confidence=np.maximum(shares, 1 - shares).min(axis=1),
        scores=scores, probabilities=shares, truth=truth.astype(int), predicted=(scores > 0).astype(int),
    )  # fmt: skip


def counted(truth, found, patients=None):
    """Cases of a regression."""
    truth, found = np.asarray(truth, float), np.asarray(found, float)
    count = len(truth)
    return Cases(
        **named(count, patients), error=np.abs(found - truth), correct=np.ones(count, bool),
        confidence=np.full(count, np.nan), truth=truth, predicted=found,
    )  # fmt: skip
