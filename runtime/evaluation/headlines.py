"""Which metrics are told of groups and folds, of which there is little room to tell all; the record holds all."""

from __future__ import annotations

from collections.abc import Iterable

_OF_TASK = {
    "classification": ("accuracy", "balanced_accuracy", "sensitivity", "specificity", "auc", "froc"),
    "several labels": ("all_labels_right", "sensitivity", "specificity", "auc"),
    "regression": ("mean_absolute_error", "bias", "r2"),
    "segmentation": ("mean_dice", "mean_iou"),
    "detection": ("map_50", "map_50_95", "froc"),
    "image": ("psnr", "ssim", "psnr_gain"),
}


def headlines(task: str, known: Iterable[str]) -> tuple[str, ...]:
    """Those of the known metrics that are told first; `task` is that of an Evaluation."""
    there, told = dict.fromkeys(known), _OF_TASK.get(task, ())
    each = [name for first in told for name in there if name.startswith(f"{first}:")]
    if task == "regression" and each:  # several numbers; a mean over all of them mixes their units
        return tuple(each)
    return tuple(name for name in told if name in there)
