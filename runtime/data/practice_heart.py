"""Made-up ECGs: every wave of a beat is a Gaussian, after McSharry and others (doi:10.1109/TBME.2003.808805)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Rhythm = Literal["normal", "atrial fibrillation", "wide QRS"]
RHYTHMS: tuple[Rhythm, ...] = ("normal", "atrial fibrillation", "wide QRS")
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
_MEASURED = 8  # I, II, V1 to V6; the other four follow from I and II

# Of each wave: seconds after the R peak, width (standard deviation, s), and height in mV in I, II, V1 ... V6.
_WAVES = {
    "P": (-0.16, 0.022, (0.08, 0.13, 0.05, 0.07, 0.07, 0.07, 0.07, 0.06)),
    "Q": (-0.030, 0.009, (-0.05, -0.08, 0.00, 0.00, -0.02, -0.06, -0.09, -0.08)),
    "R": (0.000, 0.011, (0.60, 1.05, 0.18, 0.35, 0.70, 1.20, 1.25, 1.00)),
    "S": (0.030, 0.012, (-0.08, -0.15, -0.85, -1.10, -0.70, -0.40, -0.18, -0.08)),
    "T": (0.260, 0.050, (0.18, 0.28, -0.05, 0.28, 0.36, 0.34, 0.28, 0.22)),
}
_WIDER = 2.6  # how many times as wide the QRS complex of a bundle branch block is


@dataclass(frozen=True, slots=True)
class Heart:
    """What a patient keeps from recording to recording. Heights have a factor for each wave and measured lead."""

    rhythm: Rhythm
    rate: float  # beats in a minute
    spread: float  # of the times between beats, as a share of their mean
    heights: NDArray[np.float64]  # (waves, measured leads), mV
    widths: NDArray[np.float64]  # (waves,), s
    places: NDArray[np.float64]  # (waves,), s after the R peak
    flutter: float  # mV of the waves of fibrillating atria


def make_heart(rhythm: Rhythm, rng: np.random.Generator) -> Heart:
    """A patient's heart."""
    places = np.array([wave[0] for wave in _WAVES.values()]) * rng.uniform(0.93, 1.07)
    widths = np.array([wave[1] for wave in _WAVES.values()]) * rng.uniform(0.85, 1.15, len(_WAVES))
    heights = np.array([wave[2] for wave in _WAVES.values()]) * rng.uniform(0.7, 1.35)
    heights *= rng.normal(1, 0.12, heights.shape)
    heart = Heart(rhythm, float(rng.uniform(58, 95)), float(rng.uniform(0.015, 0.05)), heights, widths, places, 0.0)
    if rhythm == "atrial fibrillation":
        heights[0] = 0.0  # no P wave
        rate, spread, flutter = rng.uniform(70, 125), rng.uniform(0.16, 0.26), rng.uniform(0.02, 0.06)
        return replace(heart, rate=float(rate), spread=float(spread), flutter=float(flutter))
    if rhythm == "wide QRS":
        widths[1:4] *= _WIDER * rng.uniform(0.85, 1.15)
        places[1], places[3] = -0.07, 0.08
        heights[4] = -0.35 * heights[2]  # T points away from R
        places[4] += 0.06
    return heart


def record(heart: Heart, rate_hz: float, seconds: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """A recording of a heart, (12 leads, samples) in mV, with breathing, mains hum and the noise of muscles."""
    times = np.arange(round(rate_hz * seconds)) / rate_hz
    signal = np.zeros((_MEASURED, len(times)))
    for beat in _beats(heart, seconds, rng):
        squeezed = min(1.0, (heart.rate / 70) ** -0.3)  # in a quick heart, T follows sooner
        for wave, (place, width) in enumerate(zip(heart.places, heart.widths, strict=True)):
            where = beat + place * (squeezed if place > 0.1 else 1.0)
            near = slice(*np.searchsorted(times, (where - 5 * width, where + 5 * width)))
            shape = np.exp(-0.5 * ((times[near] - where) / width) ** 2)
            signal[:, near] += heart.heights[wave][:, None] * rng.normal(1, 0.03) * shape
    signal += _atria(heart, times, rng)
    wander = np.sin(2 * np.pi * (rng.uniform(0.15, 0.35) * times + rng.random()))
    signal += rng.uniform(0, 0.15, (_MEASURED, 1)) * wander
    signal += rng.uniform(0, 0.01) * np.sin(2 * np.pi * 50 * times)
    signal += rng.normal(0, rng.uniform(0.008, 0.025), signal.shape)
    return _twelve(signal).astype(np.float32)


def _beats(heart: Heart, seconds: float, rng: np.random.Generator) -> list[float]:
    """When the R peaks are, from before the recording to after its end."""
    found, at = [], -1.0 - rng.random()
    while at < seconds + 1:
        found.append(at)
        at += 60 / heart.rate * float(np.clip(rng.normal(1, heart.spread), 0.45, 1.9))
    return found


def _atria(heart: Heart, times: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """The waves of fibrillating atria: several sines of 4 to 8 Hz, greatest in V1."""
    share = np.array([0.4, 0.7, 1.0, 0.7, 0.4, 0.3, 0.3, 0.3])[:, None]
    waves = sum(np.sin(2 * np.pi * (rng.uniform(4, 8) * times + rng.random())) for _ in range(4))
    return np.asarray(heart.flutter * share * waves / 2)


def _twelve(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """All leads of I, II, V1 ... V6, by the laws of Einthoven and Goldberger."""
    first, second = signal[0], signal[1]
    limbs = [first, second, second - first, -(first + second) / 2, first - second / 2, second - first / 2]
    return np.stack([*limbs, *signal[2:]])
