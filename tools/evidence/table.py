"""docs/templates.md, written from what was seen (docs/templates.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runtime.templates import known

ROOT = Path(__file__).resolve().parents[2]
SEEN, PAGE = ROOT / "docs" / "templates.json", ROOT / "docs" / "templates.md"
_HEAD = """# Templates

What each template was seen to do, by `python -m tools.evidence --real FOLDER` on two cores without a GPU: `netloom
new`, `train`, `evaluate` and `export` with the template's own settings, the folder and the epochs named here, seed 0.
Where no measure stands, the network is large: it was trained for one epoch on practice data, which shows that it
learns and leaves, not how good it is. The last column is the largest difference between the exported ONNX file and the
trained model.

| template | task | parameters | data | epochs | result | time of training | ONNX difference |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def seen() -> dict[str, dict[str, Any]]:
    """What was seen of each template so far."""
    found: dict[str, dict[str, Any]] = json.loads(SEEN.read_text(encoding="utf-8")) if SEEN.is_file() else {}
    return found


def keep(found: dict[str, dict[str, Any]]) -> None:
    """Write what was seen, and the page made of it."""
    SEEN.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8", newline="\n")
    PAGE.write_text(page(found), encoding="utf-8", newline="\n")


def page(found: dict[str, dict[str, Any]]) -> str:
    """The page, a row for each template in the order of the gallery; of those never tried, that."""
    return _HEAD + "".join(_line(entry.title, entry.task, found.get(entry.name)) for entry in known())


def _line(title: str, task: str, row: dict[str, Any] | None) -> str:
    if row is None:
        return f"| {title} | {task} | | not tried | | | | |\n"
    result = "one step" if row["value"] is None else f"{spoken(row['measure'])} {row['value']:.3f} ({row['part']})"
    if row["least"] and row["value"] is not None:
        result += f", aim {row['least']:g}" + ("" if row["value"] >= row["least"] else ": not reached")
    cells = (title, task, f"{row['parameters']:,}", row["data"], row["epochs"], result, _time(row["seconds"]),
             f"{row['difference']:.0e}")  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |\n"


def spoken(measure: str) -> str:
    """A measure as people say it."""
    return {"auc": "AUC", "mean_dice": "Dice", "psnr": "PSNR", "map_50": "mAP@0.5"}.get(
        measure, measure.replace("_", " ")
    )


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
