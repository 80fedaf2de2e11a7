"""The names of measures and numbers as readers know them."""

from __future__ import annotations

from typing import Any

_MEASURES = {
    "auc": "AUC", "ppv": "PPV", "npv": "NPV", "f1": "F1", "iou": "IoU", "r2": "R²", "brier": "Brier score",
    "ece": "Expected calibration error", "mean_dice": "Mean Dice", "mean_iou": "Mean IoU", "dice": "Dice",
    "hausdorff": "Hausdorff distance (95 %)", "average_precision": "Average precision",
    "map_50": "mAP at IoU 0.5", "map_50_95": "mAP at IoU 0.5 to 0.95", "ap_50": "AP at IoU 0.5",
    "ap_50_95": "AP at IoU 0.5 to 0.95", "froc": "FROC (mean sensitivity)", "map": "mAP",
    "psnr": "PSNR (dB)", "ssim": "SSIM", "psnr_gain": "Gain in PSNR (dB)", "ssim_gain": "Gain in SSIM",
    "baseline_psnr": "PSNR of what came in (dB)", "baseline_ssim": "SSIM of what came in",
    "baseline_mean_absolute_error": "Mean absolute error of what came in",
    "baseline_root_mean_squared_error": "Root mean squared error of what came in",
    "root_mean_squared_error": "Root mean squared error", "rate": "Learning rate",
}  # fmt: skip
_PARTS = {
    "test": "Test part", "validation": "Validation part", "train": "Training part",
    "all": "External test: another folder",
}  # fmt: skip


def measure(name: str) -> str:
    """“sensitivity:ill” as “Sensitivity (ill)”."""
    plain, _, of = name.partition(":")
    words = _MEASURES.get(plain) or plain.replace("_", " ").capitalize()
    return f"{words} ({of})" if of else words


def part(name: str) -> str:
    """The name of an evaluation, as `evaluation-NAME.json` has it."""
    if name.startswith("external-"):
        return f"External test: {_PARTS.get(name.removeprefix('external-'), name).lower()} of another folder"
    return _PARTS.get(name, name.replace("-", " ").capitalize())


def number(value: Any) -> str:
    """A number with as many digits as mean something; what is not known is a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f")
    if isinstance(value, float):
        return f"{value:.3f}" if 0.0005 <= abs(value) < 10 else f"{value:.4g}"
    return "×".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def label(name: str) -> str:
    """The name of a setting as readers know it."""
    return name.replace("_", " ").capitalize()


def setting(value: Any) -> str:
    """The value of a setting as a person would write it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(setting, value)) or "none"
    return str(value) or "none"


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
