"""What cells of the table of runs say and sort by, and how a run is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt

from designer.training.history import LOSSES, spoken_name
from runtime.amounts import memory, short
from runtime.run_facts import RunFacts

WORDS = {"running": "running", "finished": "finished", "stopped": "stopped", "failed": "failed", "died": "broke off"}
COLUMNS = (
    "run", "state", "best", "loss", "epochs", "parameters", "multiply_adds", "time", "device", "size", "tags", "note",
)  # fmt: skip
_RIGHT = {"best", "loss", "epochs", "parameters", "multiply_adds", "time", "size"}


def main_metric(best: Mapping[str, float | None]) -> str:
    """The metric that people look at first: of the validation part, and no loss where there is another."""
    known = [name for name, value in best.items() if value is not None and name.startswith("validation_")]
    return next((name for name in known if name not in LOSSES), "validation_loss")


def title_of_facts(folder: Path, facts: RunFacts | None) -> str:
    """When the run began and how it stands; below, its best epoch."""
    if facts is None:
        return began(folder)
    head = f"{began(folder)} · {WORDS[facts.status]}"
    if facts.value is None:
        return head
    return f"{head}\nepoch {facts.best_epoch} · {spoken_name(facts.metric)} {facts.value:.3g}"


def began(folder: Path) -> str:
    """When the run began, from its folder's name, or else the name itself."""
    try:
        moment = datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S")
    except ValueError:
        return folder.name
    return f"{moment:%d %b %H:%M:%S}" + folder.name[15:]


def time_text(seconds: float) -> str:
    """How long something took: 12 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


CSV_HEAD = (
    "run", "state", "metric", "value", "validation_loss", "best_epoch", "epochs", "parameters", "multiply_adds",
    "seconds", "device", "bytes", "tags", "note", "folder",
)  # fmt: skip


def csv_rows(known: Iterable[RunFacts]) -> Iterable[Sequence[object]]:
    """The whole table with its numbers in full, without its head."""
    for one in known:
        yield [
            one.name, one.status, one.metric, one.value, one.loss, one.best_epoch, one.epochs, one.parameters,
            one.multiply_adds, one.seconds, one.device, one.bytes, ", ".join(one.tags), one.note, one.run,
        ]  # fmt: skip


def text_of(folder: Path, facts: RunFacts | None, column: str) -> str:
    """What a cell says."""
    if column == "run":
        return began(folder)
    if facts is None:
        return "…" if column == "state" else ""
    match column:
        case "state":
            return WORDS[facts.status]
        case "best":
            return "–" if facts.value is None else f"{_plain(facts.metric)} {facts.value:.4g}"
        case "loss":
            return "–" if facts.loss is None else f"{facts.loss:.4g}"
        case "epochs":
            return f"{facts.epochs} / {facts.planned}" if facts.planned else str(facts.epochs)
        case "parameters":
            return "–" if facts.parameters is None else short(facts.parameters)
        case "multiply_adds":
            return "–" if facts.multiply_adds is None else short(facts.multiply_adds)
        case "time":
            return time_text(facts.seconds)
        case "device":
            return facts.device
        case "size":
            return memory(facts.bytes)
        case "tags":
            return ", ".join(facts.tags)
    return facts.note


def sort_key(folder: Path, facts: RunFacts | None, column: str) -> object:
    """What a cell is sorted by; None for what is not known."""
    if column == "run":
        return facts.began if facts is not None else folder.name
    if facts is None:
        return None
    numbers = {
        "best": facts.value, "loss": facts.loss, "epochs": facts.epochs, "parameters": facts.parameters,
        "multiply_adds": facts.multiply_adds, "time": facts.seconds, "size": facts.bytes,
    }  # fmt: skip
    if column in numbers:
        return numbers[column]
    return text_of(folder, facts, column).casefold() or None


def _plain(metric: str) -> str:
    return spoken_name(metric.removeprefix("validation_"))


def side_of(column: str) -> Qt.AlignmentFlag:
    """Numbers stand right."""
    side = Qt.AlignmentFlag.AlignRight if column in _RIGHT else Qt.AlignmentFlag.AlignLeft
    return Qt.AlignmentFlag.AlignVCenter | side
