"""The sections at both ends of the report: summary and purpose, what follows from it, and how to do it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from runtime.evaluation.operating_point import load_operating_point
from runtime.report.gathering import Gathered
from runtime.report.performance import performance_section
from runtime.report.section import Section
from runtime.report.statements import STATEMENTS, statements_of

_HEADLINE = {
    "classification": ("accuracy", "balanced_accuracy", "auc", "sensitivity", "specificity", "froc"),
    "several labels": ("auc", "sensitivity", "specificity"),
    "regression": ("mean_absolute_error", "root_mean_squared_error", "r2"),
    "segmentation": ("mean_dice", "mean_iou", "hausdorff"),
    "detection": ("map_50", "map_50_95", "froc"),
    "image": ("psnr", "ssim", "psnr_gain"),
}


def summary_section(found: Gathered, project: str) -> Section:
    """The whole in a few lines."""
    missing = [one.key for one in STATEMENTS if one.key not in found.statements]
    facts = {
        "project": project,
        "written": datetime.now(UTC).isoformat(timespec="minutes"),
        "task": next((meaning.task for meaning in found.analysis.meanings.values() if meaning.task), None),
        "headlines": [_headline(one) for one in performance_section(found).facts["measured"]],
        "not_reported": missing,
    }
    return Section("summary", "Summary", facts)


def purpose_section(found: Gathered) -> Section:
    """What the model is for: only its author knows."""
    return Section("purpose", "Purpose", {"statements": statements_of("purpose", found.statements)})


def discussion_section(found: Gathered) -> Section:
    """What follows from the results: only the author knows."""
    return Section("discussion", "Discussion", {"statements": statements_of("discussion", found.statements)})


def reproducing_section(found: Gathered) -> Section:
    """Versions, seeds and hashes: what somebody needs who wants to do it again."""
    environment = found.environment
    point = load_operating_point(found.run.folder, int(found.best.get("epoch", 0)))
    facts = {
        "began": found.facts.began,
        "python": environment.get("python"),
        "system": f"{environment.get('system', '')} {environment.get('machine', '')}".strip(),
        "packages": {name: version for name, version in environment.get("packages", {}).items() if version},
        "cuda": environment.get("cuda"),
        "threads": environment.get("threads"),
        "seed": found.run.job.training.seed,
        "data_sha256": found.split.fingerprint,
        "weights_sha256": found.best.get("sha256"),
        "epoch": found.best.get("epoch"),
        "thresholds": {"values": dict(point.thresholds), "chosen": point.chosen, "rule": point.rule} if point else None,
        "statements": statements_of("reproducing", found.statements),
    }
    return Section("reproducing", "Reproducing it", facts)


def _headline(measured: Mapping[str, Any]) -> dict[str, Any]:
    """The few metrics of an evaluation that readers look at first."""
    wanted = _HEADLINE.get(measured["task"], ())
    chosen = [row for row in measured["metrics"] if row["name"] in wanted] or measured["metrics"][:3]
    return {**{name: measured[name] for name in ("name", "cases", "patients", "patients_unknown")}, "metrics": chosen}
