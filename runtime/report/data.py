"""Sections on the data: where images come from, what is true of them, how they were shared out, who was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from runtime.data.catalogue import PARTS, Found, Sample
from runtime.data.wording import by_reason
from runtime.events import Warned
from runtime.report.gathering import Gathered, OwnData
from runtime.report.privacy import without_paths
from runtime.report.section import Section
from runtime.report.statements import statements_of

_LEVELS = {
    "patient": "patient", "study": "examination", "column": "value of a column", "image": "image",
}  # fmt: skip
_MOST_REASONS = 20
_KINDS = {"dicom": "DICOM", "image": "PNG, JPEG or TIFF", "volume": "NIfTI", "signal": "signals"}


def data_section(found: Gathered) -> Section:
    """Which images there are, by what the files themselves say."""
    source, data = found.source, found.data
    learned = {
        "label": str(getattr(source, "label", "")),
        "images": int(getattr(source, "images", 0)),
        "channels": int(getattr(source, "channels", 0)),
        "commonest_size": [*getattr(source, "found_size", ())],
        "modality": str(getattr(source, "modality", "")) or None,
        "one_case_is": str(getattr(source, "taken", "")) or "one image as found",
    }
    facts = {
        **learned,
        "format": _KINDS[data.dataset.kind] if data else None,
        "files": _of_files(data.catalogue.found) if data else None,
        "not_read": found.no_data or None,
        "changed_since_training": data.changed if data else None,
        "preparation": _preparation(found),
        "statements": statements_of("data", found.statements),
    }
    return Section("data", "Data", facts)


def reference_section(found: Gathered) -> Section:
    """What is learned, and how the labels were read."""
    source, data = found.source, found.data
    facts = {
        "kind": str(getattr(source, "label", "")) or None,
        "classes": [*getattr(source, "classes", ())],
        "counts": [*getattr(source, "counts", ())],
        "mended_by_hand": len(getattr(source, "corrections", ())),
        "how_read": [without_paths(text) for text in data.dataset.said] if data else None,
        "statements": statements_of("reference", found.statements),
    }
    return Section("reference", "Reference standard", facts)


def partitions_section(found: Gathered) -> Section:
    """How the cases were shared out, and what is disjoint."""
    training, saved = found.run.job.training, found.split_file
    unknown = _unknown_patients(found.data)
    facts = {
        "how": found.split.how,
        "disjoint_by": _LEVELS[training.split],
        "seed": training.seed,
        "folds": training.folds or None,
        "fold": training.fold if training.folds else None,
        "parts": [
            {
                "part": part,
                "cases": len(found.split.parts[part]),
                "patients": int(saved.get("patients", {}).get(part, 0)),
                "classes": _classes_of(found, part),
            }
            for part in PARTS
        ],
        "patients_unknown": unknown,
        "warnings": [without_paths(str(text)) for text in saved.get("warnings", ())],
        "statements": statements_of("partitions", found.statements),
    }
    return Section("partitions", "Data partitions", facts)


def flow_section(found: Gathered) -> Section:
    """From the files of the folder to the cases of each part, with the reasons for what was left out."""
    data = found.data
    used = sum(len(found.split.parts[part]) for part in PARTS)
    facts: dict[str, Any] = {
        "found": None,
        "excluded": None,
        "cases": None,
        "not_used": None,
        "parts": [
            {"part": part, "cases": len(found.split.parts[part]),
             "patients": int(found.split_file.get("patients", {}).get(part, 0))}
            for part in PARTS
        ],
        "not_read": found.no_data or None,
        "warnings": [without_paths(event.message) for event, _ in found.run.events() if isinstance(event, Warned)],
        "statements": statements_of("flow", found.statements),
    }  # fmt: skip
    if data is not None:
        samples = data.dataset.samples
        facts |= {
            "found": data.catalogue.files,
            "excluded": _reasons(data),
            "cases": {
                "cases": len(samples), "patients": _patients(samples), "patients_unknown": _unknown_patients(data),
            },
            "not_used": max(0, len(samples) - used),
        }
    return Section("flow", "Flow of cases", facts)


def _reasons(data: OwnData) -> list[dict[str, Any]]:
    ranked = by_reason([item for item in data.dataset.skipped if not item.folder])
    shown = [{"reason": without_paths(reason), "files": len(paths)} for reason, paths in ranked[:_MOST_REASONS]]
    left = sum(len(paths) for _, paths in ranked[_MOST_REASONS:])
    return [*shown, {"reason": "other reasons", "files": left}] if left else shown


def _of_files(found: Sequence[Found]) -> dict[str, Any]:
    spacings = [spacing for item in found if item.spacing_mm for spacing in item.spacing_mm[-2:]]
    return {
        "images": sum(item.frames for item in found),
        "patients_named": len({item.patient for item in found if item.patient}),
        "examinations": len({item.study for item in found if item.study}),
        "series": len({item.series for item in found if item.series}),
        "modalities": _tally(item.modality for item in found),
        "scanners": _tally(item.scanner for item in found),
        "bits": _tally(str(item.bits) if item.bits else "" for item in found),
        "compressed_with_loss": sum(item.lossy for item in found),
        "spacing_mm": [min(spacings), max(spacings)] if spacings else None,
    }


def _tally(values: Iterable[str]) -> list[dict[str, Any]]:
    counts = Counter(value for value in values if value)
    return [{"value": value, "files": count} for value, count in counts.most_common(_MOST_REASONS)]


def _preparation(found: Gathered) -> list[dict[str, Any]]:
    """Every preparation node with its numbers, in the order in which images pass through them."""
    from nodes.spec import Category

    steps = []
    for node_id in found.analysis.order:
        facts = found.analysis.facts[node_id]
        if facts.type is None or facts.type.category is not Category.PREPARATION:
            continue
        settings = {
            setting.label: getattr(facts.type, setting.name) for setting in facts.type.settings() if not setting.learned
        }
        steps.append(
            {
                "name": found.analysis.title(node_id),
                "type": facts.type.title,
                "training_only": bool(getattr(facts.type, "training_only", False)),
                "settings": {
                    label: [*value] if isinstance(value, tuple) else value for label, value in settings.items()
                },
            }
        )
    return steps


def _classes_of(found: Gathered, part: Any) -> dict[str, int] | None:
    """Cases of each class in a part; None where the cases cannot be counted any more."""
    data = found.data
    if data is None or data.changed or data.dataset.label not in ("class", "labels"):
        return None
    counts = dict.fromkeys(data.dataset.classes, 0)
    for index in found.split.indexes(data.dataset, part):
        sample = data.dataset.samples[index]
        for name in [sample.label] if sample.label is not None else sample.labels or ():
            counts[name] += 1
    return counts


def _unknown_patients(data: OwnData | None) -> int | None:
    return sum(not sample.patient for sample in data.dataset.samples) if data else None


def _patients(samples: Sequence[Sample]) -> int:
    return len({sample.group for sample in samples})
