"""docs/templates.md, written from what was seen (docs/templates.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runtime.templates import known

ROOT = Path(__file__).resolve().parents[2]
SEEN, PAGE = ROOT / "docs" / "templates.json", ROOT / "docs" / "templates.md"
_HEAD = """# Templates

What each template was seen to do, written by `python -m tools.evidence --real FOLDER` on a machine with two cores and
no GPU: `netloom new`, `train`, `evaluate` and `export`, with the template's own settings, and with the data and the
epochs named here. A result is that of the test part, of so many cases, at the epoch that was best in validation; seed 0
unless another is named. The time is that of the processor, all of the training with reading the images, by one
or two threads. The last column is the largest difference between the exported ONNX file and the trained model.

“One step” means what it says: the network was trained for one step on a few cases and exported, which shows that it
learns and leaves, and nothing of how good it is. Its parameters are those for these data; for 1,000 classes of colour
images they are as many as the authors count (`tests/runtime/test_template_networks.py`).

Image distance says how far made images are from real ones as a crowd; less is better. Of 1,500 digits in values from
0 to 1 it is 0.015 for 1,500 others, 0.11 for noise with the mean and spread of each pixel, and 0.17 for the mean image
over and over; in values with mean 0 and spread 1, as the template “GAN” has them, 0.05, 0.40 and 0.57.

Image distance of details compares pieces of 7×7 pixels. Of practice slices with mean 0 and spread 1, T1 slices as
they are are 0.11 to 0.13 from T2 slices, and T2 slices of other patients 0.02 to 0.03. What the CycleGAN made of
the test part is in between; in its validation part it was 0.042. To the eye the contrast is that of T2 (dark fat,
bright fissure), and what is small is noisy: ventricles come out in some slices only. Of six new patients (77 slices)
it is nearer to the true T2 slice of the same place than the T1 slice is: a PSNR of 17.4 dB beside 15.5 dB.

| template | task | parameters | data | epochs | result | time of training | ONNX difference |
| --- | --- | ---: | --- | ---: | --- | ---: | ---: |
"""
_SPOKEN = {
    "auc": "AUC", "mean_dice": "Dice", "psnr": "PSNR in dB", "psnr_gain": "PSNR above the image that came in, in dB,",
    "map_50": "mAP@0.5", "image_distance_of_b": "image distance of details, T1 made into T2,",
}  # fmt: skip
FALLS = ("image_distance", "image_distance_of_b", "mean_absolute_error")
"""Measures of which less is better."""


def seen() -> dict[str, dict[str, Any]]:
    """What was seen of each template so far."""
    found: dict[str, dict[str, Any]] = json.loads(SEEN.read_text(encoding="utf-8")) if SEEN.is_file() else {}
    return found


def keep(more: dict[str, dict[str, Any]]) -> None:
    """Write what was seen, with these rows new and those of templates that are no more left out, and the page of it."""
    found = {**seen(), **more}
    found = {entry.name: found[entry.name] for entry in known() if entry.name in found}
    SEEN.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8", newline="\n")
    PAGE.write_text(page(found), encoding="utf-8", newline="\n")


def page(found: dict[str, dict[str, Any]]) -> str:
    """The page, a row for each template in the order of the gallery; of those never tried, that."""
    return _HEAD + "".join(_line(entry.title, entry.task, found.get(entry.name)) for entry in known())


def _line(title: str, task: str, row: dict[str, Any] | None) -> str:
    if row is None:
        return f"| {title} | {task} | | not tried | | | | |\n"
    result = "one step" if row["value"] is None else _result(row)
    cells = (title, task, f"{row['parameters']:,}", row["data"], row["epochs"], result, _time(row["seconds"]),
             f"{row['difference']:.0e}")  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |\n"


def _result(row: dict[str, Any]) -> str:
    """The measure with what it was to be, the number of test cases, and the seed where it is not 0."""
    value, aim, fell = row["value"], row["aim"], row["measure"] in FALLS
    told = f"{spoken(row['measure'])} {value:.3f}"
    if aim:
        reached = value <= aim if fell else value >= aim
        told += f", aim {'≤' if fell else '≥'} {aim:g}{'' if reached else ': not reached'}"
    seed = f", seed {row['seed']}" if row["seed"] else ""
    return f"{told} ({row['cases']:,} cases{seed})"


def spoken(measure: str) -> str:
    """A measure as people say it."""
    return _SPOKEN.get(measure, measure.replace("_", " "))


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
