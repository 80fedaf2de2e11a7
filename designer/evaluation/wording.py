"""Metrics as a clinician reads them: shares in percent, areas and overlaps with three digits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from designer.parts import counted
from designer.tables import Row, Short
from designer.training.history import spoken_name
from runtime.evaluation.box_hits import FALSE_ALARMS


def _spelled_rate(rate: float) -> str:
    """ "1/8 false positives", "1 false positive"."""
    return f"{f'1/{round(1 / rate)}' if rate < 1 else f'{rate:g}'} false positive{'' if rate == 1 else 's'}"


_PERCENT = {
    *(f"sensitivity_at_{rate:g}" for rate in FALSE_ALARMS),
    "accuracy", "balanced_accuracy", "top_k", "top_k_accuracy", "top", "sensitivity", "specificity", "precision", "ppv",
    "npv", "all_labels_right", "pixel_accuracy",
}  # fmt: skip
_THREE = {
    "auc", "f1", "dice_score", "dice", "iou", "mean_dice", "mean_iou", "average_precision", "brier", "map", "map_50",
    "map_50_95", "ap_50", "ap_50_95", "froc", "ssim", "ssim_gain", "baseline_ssim",
}  # fmt: skip
_NEVER_LESS_THAN_0 = {"auc", "brier", "log_loss", "calibration_error"}  # what is nearly nothing is called so
_TITLES = {
    "map": "Mean average precision (mAP)",
    "psnr": "PSNR, dB",
    "ssim": "SSIM",
    "psnr_gain": "Gain in PSNR, dB",
    "ssim_gain": "Gain in SSIM",
    "baseline_psnr": "PSNR of what came in, dB",
    "baseline_ssim": "SSIM of what came in",
    "baseline_mean_absolute_error": "Mean absolute error of what came in",
    "baseline_root_mean_squared_error": "Root mean squared error of what came in",
    "ppv": "Positive predictive value (PPV)",
    "npv": "Negative predictive value (NPV)",
    "f1": "F1",
    "auc": "AUC",
    "iou": "IoU",
    "mean_iou": "Mean IoU",
    "average_precision": "Average precision",
    "brier": "Brier score",
    "map_50": "Mean average precision, overlap 0.5",
    "map_50_95": "Mean average precision, overlap 0.5 to 0.95",
    "ap_50": "Average precision, overlap 0.5,",
    "ap_50_95": "Average precision, overlap 0.5 to 0.95,",
    "froc": "FROC: mean of the sensitivities below",
    **{f"sensitivity_at_{rate:g}": f"Sensitivity at {_spelled_rate(rate)} in an image" for rate in FALSE_ALARMS},
    "log_loss": "Log loss",
    "calibration_error": "Calibration error (ECE)",
    "hausdorff_95": "Hausdorff distance, 95 %",
    "volume_error": "Volume error",
    "volume_error_absolute": "Volume error, absolute",
    "bias": "Bias (mean error)",
    "limit_low": "Lower limit of agreement",
    "limit_high": "Upper limit of agreement",
    "r2": "R²",
}
_UNITS = {
    **dict.fromkeys(("mean_absolute_error", "root_mean_squared_error", "bias", "limit_low", "limit_high"), "unit"),
    "hausdorff_95": "distance_unit", "volume_error": "volume_unit", "volume_error_absolute": "volume_unit",
}  # in which entry of an evaluation the unit of a metric stands
_CALIBRATED = "_calibrated"
_UNDEFINED = "Not defined for these cases: "  # as runtime.evaluation.evaluate writes it


def metric_row(name: str, value: float | None, result: Mapping[str, Any]) -> Row:
    """A metric's name, value and interval; the copied table holds all digits."""
    interval = result.get("intervals", {}).get(name, {})
    low, high = interval.get("low"), interval.get("high")
    between = spelled_interval(name, low, high) if low is not None and high is not None else "–"
    spelled = Short(spelled_value(name, value), value) if value is not None else None
    found = result.get("classes", ())
    positive = found.index(result["positive"]) if len(found) == 2 and result.get("positive") in found else 1
    of_two = {"sensitivity": positive, "specificity": 1 - positive}.get(name, -1)
    unit = str(result.get(_UNITS.get(_base(name), ""), ""))
    told = f"{found[of_two]} found" if of_two >= 0 and len(found) == 2 else unit
    title = f"{title_of(name)} ({told})" if told else title_of(name)
    return (title, spelled, Short(between, f"{low} – {high}") if low is not None else between)


def point_rows(point: Mapping[str, Any]) -> list[Row]:
    """What a stored threshold does to these cases."""
    after = f", {point['name']} from {point['threshold']:.3g} on"
    rows = [metric_row(name, value, point) for name, value in point["metrics"].items()]
    return [(f"{title}{after}", *cells) for title, *cells in rows]


def title_of(name: str) -> str:
    """ "sensitivity:T1" as "Sensitivity for T1"."""
    whole, _, of = name.partition(":")
    plain = whole.removesuffix(_CALIBRATED)
    spoken = spoken_name(plain)
    named = spoken if spoken.startswith("mAP") else spoken[:1].upper() + spoken[1:]
    title = _TITLES.get(plain) or named
    after = ", after temperature" if whole.endswith(_CALIBRATED) else ""
    return (f"{title} for {of}" if of else title) + after


def note_in_words(text: str) -> str:
    """A remark of an evaluation, with the metrics that it lists by their keys named as in the table."""
    begins, said, names = text.partition(_UNDEFINED)
    if begins or not said:
        return text
    return f"{said}{', '.join(map(title_of, names.removesuffix('.').split(', ')))}."


def spelled_value(name: str, value: float) -> str:
    """98.1 %, 0.981, or three significant digits, as the metric is usually given."""
    base = _base(name)
    if base in _PERCENT:
        return f"{100 * value:.1f} %".replace("100.0", "100")
    least = 0.001 if base in _THREE else 0.0001
    if base in _NEVER_LESS_THAN_0 and 0 < value < least / 2:
        return f"< {least:g}"
    return f"{value:.3f}" if base in _THREE else f"{value:.3g}"


def spelled_interval(name: str, low: float, high: float) -> str:
    """From – to, with the unit once."""
    first, last = spelled_value(name, low), spelled_value(name, high)
    return f"{first.removesuffix(' %')} – {last}"


def of_patients(result: Mapping[str, Any]) -> str:
    """Of how many patients the cases are, as far as that is known."""
    unknown, cases = int(result.get("unknown_patients", 0)), int(result.get("cases", 0))
    if unknown and unknown == cases:
        return " of unknown patients"
    known = counted(max(0, int(result.get("patients", 0)) - unknown), "patient")
    return f" of {known}, {unknown} of unknown patients" if unknown else f" of {known}"


def remarks(result: Mapping[str, Any]) -> list[str]:
    """What the intervals stand for, and why there are none; each sentence once."""
    intervals = result.get("intervals", {}).values()
    notes = [str(interval.get("note", "")) for interval in intervals]
    told = [note for note in dict.fromkeys(notes) if note]
    if any(interval.get("low") is not None for interval in intervals):
        counts = "Cases are counted, because their patients are not known" if result.get("unknown_patients") else (
            "Patients are counted, not cases; more patients make it narrower"
        )  # fmt: skip
        told.insert(0, (
            "95 % interval: where the value for all patients like these is expected to lie, given how many were "
            f"measured. {counts}."
        ))  # fmt: skip
    return told


def _base(name: str) -> str:
    """The kind of metric: without the class, and without the number of a second node of that kind."""
    plain = name.partition(":")[0].removesuffix(_CALIBRATED)
    return plain if plain in _TITLES else re.sub(r"[_ ]\d+$", "", plain)
