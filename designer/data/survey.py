"""What the Data workspace knows of a folder, gathered from the records of `netloom survey` as they come."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTemporaryDir, Signal

from designer.process import CommandProcess, End
from runtime.data.catalogue import Box, Sample
from runtime.data.taken import Point
from runtime.data.warnings_looks import Looks, Twins


@dataclass
class Found:
    """The facts of one folder so far."""

    folder: Path
    series: list[Mapping[str, Any]] = field(default_factory=list)
    listed: list[Mapping[str, Any]] = field(default_factory=list)  # all files that can be read
    cases: list[Mapping[str, Any]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)  # the cases, made as they come: no long pause at the end
    traits: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # how a series was made, by its uid
    findings: list[Mapping[str, Any]] = field(default_factory=list)  # as runtime.data.warning_record has them
    files: int = 0
    dataset: Mapping[str, Any] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    taking: tuple[str, ...] = ()  # what made one case when it was read
    mended: tuple[str, ...] = ()  # the corrections by hand that the findings know of
    looks: Looks | None = None  # what was seen in the pixels
    compared: int = 0  # cases whose pixels were
    unseen: str = ""  # why the pixels were not looked at, once that is sure

    @property
    def label(self) -> str:
        """What there is to learn: class, number, mask, or "" when nothing was found."""
        return str(self.dataset.get("label", ""))

    @property
    def settings(self) -> Mapping[str, Any]:
        """What a source node stores of this folder."""
        found = self.dataset.get("settings", {})
        return found if isinstance(found, dict) else {}


def sample_of(case: Mapping[str, Any]) -> Sample:
    """A case as the survey tells of it."""
    labels, boxes = case.get("labels"), case.get("boxes")
    return Sample(
        path=case["path"], frame=case["frame"], channels=case["channels"], size=tuple(case["size"]),
        group=case["group"], patient=case["patient"], part=case["part"], label=case["label"], number=case["number"],
        mask=case["mask"], labels=tuple(labels) if labels is not None else None,
        boxes=tuple(Box(**box) for box in boxes) if boxes is not None else None,
        point=Point(tuple(case["point"]["at"]), tuple(case["point"]["image"])) if case.get("point") else None,
        slices=tuple((str(path), int(frame)) for path, frame in case.get("slices", ())),
        turn=tuple((int(axis), int(way)) for axis, way in case.get("turn", ())),
        numbers=tuple(map(float, case.get("numbers", ()))),
        resampled=tuple(case.get("resampled", ())),
        values=tuple(math.nan if value is None else float(value) for value in case.get("values", ())),
    )  # fmt: skip


class Survey(QObject):
    """Surveys one folder in a process of its own, and says when there is more to show."""

    progress = Signal(str, int, int)
    facts = Signal()  # `found` holds more
    thumbnail = Signal(object)  # a record with path, file, truth and patient
    ended = Signal(object)  # End

    def __init__(
        self,
        folder: Path,
        labels: str = "",
        patients: str = "",
        parent: QObject | None = None,
        taking: Sequence[str] = (),
        mended: Sequence[str] = (),
        pictures: bool = True,
    ) -> None:
        """`taking`: what makes one case, as words of the command line (see designer.data.use.taking_of); `mended`:
        corrections by hand, as a source node stores them. Without `pictures` no pixel is read."""
        super().__init__(parent)
        self.found = Found(folder, taking=tuple(taking), mended=tuple(mended))
        self._pictures = QTemporaryDir()
        words = ["survey", str(folder)]
        words += ["--thumbnails", self._pictures.path(), "--pixels"] if pictures else []
        words += ["--labels", labels] if labels else []
        words += ["--patients", patients] if patients else []
        words += [*taking, *self._mended()]
        self._process = CommandProcess(words, self)
        self._process.record.connect(self._on_record)
        self._process.ended.connect(self._on_end)

    def _mended(self) -> list[str]:
        if not self.found.mended:
            return []
        file = Path(self._pictures.path()) / "corrections.json"
        file.write_text(json.dumps(self.found.mended), encoding="utf-8")
        return ["--corrections", str(file)]

    def start(self) -> None:
        """Begin; returns at once."""
        self._process.start()

    def stop(self) -> None:
        """End it; what was found so far stays."""
        self._process.stop()

    def abandon(self) -> None:
        """End it without a word."""
        self.blockSignals(True)
        self._process.abandon()

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self._process.running

    def _on_record(self, record: Mapping[str, Any]) -> None:
        found = self.found
        match record.get("record"):
            case "progress":
                self.progress.emit(str(record["what"]), int(record["done"]), int(record["total"]))
                return
            case "thumbnail":
                self.thumbnail.emit(record)
                return
            case "folder":
                found.files = int(record.get("files", 0))
                found.skipped = [(item["path"], item["reason"]) for item in record.get("skipped", ())]
                found.warnings = list(record.get("problems", ()))
            case "series":
                found.series += record["series"]
                return
            case "files":
                found.listed += record["files"]
                return
            case "cases":
                found.cases += record["cases"]
                found.samples += [sample_of(case) for case in record["cases"]]
                return
            case "traits":
                found.traits |= record["traits"]
            case "dataset":
                self._take_dataset(record)
            case "looks":
                self._take_looks(record)
            case "unreadable":
                found.skipped.append((str(record["path"]), str(record["reason"])))
            case "problem":
                found.problems += [str(text) for text in record.get("problems", ())]
        self.facts.emit()

    def _take_dataset(self, record: Mapping[str, Any]) -> None:
        found = self.found
        found.dataset = record
        found.findings = list(record.get("findings", ()))
        found.told = list(record.get("said", ()))
        found.warnings += [text for text in record.get("warnings", ()) if text not in found.warnings]
        known = {path for path, _ in found.skipped}
        more = [(item["path"], item["reason"]) for item in record.get("skipped", ())]
        found.skipped += [(path, reason) for path, reason in more if path not in known]

    def _take_looks(self, record: Mapping[str, Any]) -> None:
        found = self.found
        if "problem" in record:
            found.unseen = str(record["problem"])
            return
        twins = tuple(Twins(first, second) for first, second in record["twins"])
        found.looks = Looks(twins, tuple(record["text"]), int(record["searched"]))
        found.compared = int(record["compared"])

    def _on_end(self, end: End) -> None:
        if self.found.dataset and self.found.looks is None and not self.found.unseen:
            self.found.unseen = end.message
            self.facts.emit()
            if not end.stopped:
                end = End(True)  # all but the comparison was done: the warnings tell what came of it
        if not end.ok and not end.stopped and end.message not in self.found.problems:
            self.found.problems.append(end.message)
            self.facts.emit()
        self.ended.emit(end)
