"""The plots of the report, drawn from the facts of its sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from runtime.report.plots import Axis, Line, plot
from runtime.report.words import measure

_SHARE = (0.0, 1.0)


def learning_curves(curves: Mapping[str, Sequence[Sequence[float]]]) -> list[Markup]:
    """A plot for each measure, with its training and validation values by epoch."""
    names = list(dict.fromkeys(name.partition("_")[2] for name in curves))
    drawn = []
    for name in names:
        lines = [
            Line(part, [(epoch, value) for epoch, value in curves[f"{part}_{name}"]])
            for part in ("train", "validation")
            if f"{part}_{name}" in curves
        ]
        drawn.append(plot(measure(name), Axis("epoch", whole=True), Axis(measure(name)), lines))
    return drawn


def answer_curves(curves: Sequence[Mapping[str, Any]]) -> list[Markup]:
    """ROC, precision against recall, and calibration, each with one line for every class."""
    if not curves:
        return []
    return [
        plot("ROC", Axis("1 − specificity", _SHARE), Axis("sensitivity", _SHARE), _lines(curves, "roc"), True),
        plot("Precision and recall", Axis("sensitivity (recall)", _SHARE), Axis("PPV (precision)", _SHARE),
             _lines(curves, "precision_recall")),
        plot("Calibration", Axis("predicted probability", _SHARE), Axis("share that has it", _SHARE),
             [_calibration(one) for one in curves], True),
    ]  # fmt: skip


def box_curves(curves: Mapping[str, Any]) -> list[Markup]:
    """Precision against recall of each class, and FROC."""
    lines = [Line(one["class"], [(x, y) for x, y in one["points"]]) for one in curves["precision_recall"]]
    froc = [Line("", [(x, y) for x, y in curves["froc"]])]
    return [
        plot("Precision and recall", Axis("sensitivity (recall)", _SHARE), Axis("PPV (precision)", _SHARE), lines),
        plot("FROC", Axis("false positives in an image"), Axis("sensitivity", _SHARE), froc),
    ]


def agreement(scatter: Sequence[Mapping[str, Any]]) -> list[Markup]:
    """Of each number, true against predicted, and their difference against their mean (Bland and Altman 1986)."""
    return [picture for one in scatter for picture in _agreement(one)]


def _agreement(one: Mapping[str, Any]) -> list[Markup]:
    named = f" ({one['unit']})" if one["unit"] else ""
    of = f": {one['name']}" if one["name"] else ""
    pairs = [(truth, predicted) for truth, predicted in one["points"]]
    differences = [((truth + predicted) / 2, predicted - truth) for truth, predicted in pairs]
    return [
        plot(f"Truth and prediction{of}", Axis(f"true{named}"), Axis(f"predicted{named}"), [Line("", pairs, True)],
             True),
        plot(f"Bland–Altman{of}", Axis(f"mean of both{named}"), Axis(f"predicted − true{named}"),
             [Line("", differences, True)]),
    ]  # fmt: skip


def _lines(curves: Sequence[Mapping[str, Any]], what: str) -> list[Line]:
    return [Line(one["class"], [(x, y) for x, y in one[what]]) for one in curves]


def _calibration(one: Mapping[str, Any]) -> Line:
    return Line(one["class"], [(band["predicted"], band["observed"]) for band in one["calibration"]])
