"""How the folds of a queue read: rows of the table, and where the queue stands in one line."""

from __future__ import annotations

from collections.abc import Sequence

from designer.evaluation.wording import metric_row, spelled_value, title_of
from designer.process import spoken
from designer.tables import Cell, Row, Short
from runtime.evaluation.fold_queue import FoldStanding, Standing
from runtime.evaluation.headlines import headlines
from runtime.evaluation.record import Evaluation

_UNDER_WAY = ("training", "trained", "measuring")


def fold_headers(standing: Standing) -> list[str]:
    """The heads of the table: what was left out only where something was."""
    left_out = [f"{standing.asked.column} left out"] if standing.asked.column else []
    metrics = [title_of(name) for name in _metrics(standing)]
    return ["Fold", *left_out, "State", "Epochs", "Cases", *metrics, "Remark"]


def fold_rows(standing: Standing) -> list[Row]:
    """A row for each fold, in their order."""
    return [_row(number, fold, standing) for number, fold in enumerate(standing.runs, start=1)]


def _row(number: int, fold: FoldStanding, standing: Standing) -> Row:
    left_out: list[Cell] = [fold.held_out] if standing.asked.column else []
    record = fold.record
    measured = [_value(name, record) for name in _metrics(standing)]
    epochs = f"{fold.epoch} of {fold.epochs}" if fold.epochs else ""
    return [number, *left_out, fold.state, epochs, record.cases if record else "", *measured, fold.reason]


def _value(name: str, record: Evaluation | None) -> Cell:
    if record is None:
        return ""
    value = record.metrics.get(name)
    return Short(spelled_value(name, value), value) if value is not None else None


def _metrics(standing: Standing) -> Sequence[str]:
    records = [fold.record for fold in standing.runs if fold.record is not None]
    known = {name for record in records for name in record.metrics}
    return headlines(records[0].task, known) if records else ()


def where_it_stands(standing: Standing) -> str:
    """ "Fold 2 of 5, epoch 3 of 20 · about 4 min left"."""
    whole, done = len(standing.runs), sum(fold.state == "done" for fold in standing.runs)
    if not whole:
        return "Not begun yet."
    if not standing.working or standing.pooled is not None:
        return f"{done} of {whole} folds are done."
    if done == whole:
        return "Putting the folds together …"
    number, fold = next((number, one) for number, one in enumerate(standing.runs, start=1) if one.state != "done")
    if fold.state == "measuring":
        return f"Fold {number} of {whole}: answering for its test cases."
    if fold.state != "training" or not fold.epochs:
        return f"Fold {number} of {whole}: beginning …"
    left = spoken(_remaining(standing, fold))
    epoch = min(fold.epoch + 1, fold.epochs)
    return f"Fold {number} of {whole}, epoch {epoch} of {fold.epochs}" + (f" · {left}" if left else "")


def _remaining(standing: Standing, fold: FoldStanding) -> float | None:
    """Seconds until all epochs of all folds are trained."""
    waiting = sum(one.state not in ("done", *_UNDER_WAY) for one in standing.runs)
    return fold.epoch_s * (fold.epochs - fold.epoch + waiting * fold.epochs) if fold.epoch else None


def how_far(standing: Standing) -> tuple[int, int]:
    """Epochs that are done, and all that there are to be; (0, 0) while that is not known."""
    epochs = max((fold.epochs for fold in standing.runs), default=0)
    done = sum(epochs if fold.state in ("done", "trained", "measuring") else fold.epoch for fold in standing.runs)
    return done, epochs * len(standing.runs)


def pooled_rows(record: Evaluation) -> list[Row]:
    """Each metric of all cases together with its interval, and its lowest and highest value among the folds."""
    kept = record.as_dict()
    rows: list[Row] = []
    for name, value in record.metrics.items():
        of_folds = [fold[name] for fold in record.folds if name in fold]
        ends: list[Cell] = [None, None]
        if of_folds:
            ends = [Short(spelled_value(name, end), end) for end in (min(of_folds), max(of_folds))]
        rows.append([*metric_row(name, value, kept), *ends])
    return rows
