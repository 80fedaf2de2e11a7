"""Which cases the gallery shows, and in which order: shared by the matrix, the groups and the gallery itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from designer.evaluation.measured import Measured, worst_first

Kind = Literal["all", "right", "wrong", "flipped", "lassoed"]
Order = Literal["worst", "unsure", "best"]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted: -1 stands for every class, "" for every group."""

    truth: int = -1
    predicted: int = -1
    kind: Kind = "all"
    column: str = ""
    value: str = ""
    order: Order = "worst"


class CaseChoice(QObject):
    """What is wanted now; `changed` when other cases, or another order of them, are."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wanted = Wanted()
        self.measured: Measured | None = None
        self.flipped: frozenset[int] = frozenset()  # cases that the chosen threshold calls otherwise
        self.lassoed: frozenset[int] = frozenset()  # cases around which a lasso was drawn

    def show(self, measured: Measured | None) -> None:
        """Other cases; what was wanted of those before is forgotten, the order stays."""
        self.measured, self.flipped, self.lassoed = measured, frozenset(), frozenset()
        self.wanted = Wanted(order=self.wanted.order)
        self.changed.emit()

    def want(self, wanted: Wanted) -> None:
        """Want something else."""
        if wanted != self.wanted:
            self.wanted = wanted
            self.changed.emit()

    def want_cell(self, truth: int, predicted: int) -> None:
        """The cases of a cell of the confusion matrix."""
        self.want(Wanted(truth, predicted, order=self.wanted.order))

    def want_group(self, column: str, value: str) -> None:
        """The cases of a subgroup."""
        self.want(Wanted(column=column, value=value, order=self.wanted.order))

    def want_flipped(self) -> None:
        """The cases that the chosen threshold calls otherwise."""
        self.want(Wanted(kind="flipped", order=self.wanted.order))

    def want_lassoed(self, cases: frozenset[int]) -> None:
        """The cases around which a lasso was drawn."""
        self.lassoed = cases
        self.wanted = Wanted(kind="lassoed", order=self.wanted.order)
        self.changed.emit()

    def flip(self, cases: frozenset[int]) -> None:
        """Other cases are called otherwise now."""
        if cases != self.flipped:
            self.flipped = cases
            if self.wanted.kind == "flipped":
                self.changed.emit()

    def places(self) -> Places:
        """The wanted cases in the wanted order."""
        measured = self.measured
        if measured is None:
            return np.zeros(0, np.int64)
        cases, wanted = measured.cases, self.wanted
        kept = np.ones(len(cases), np.bool_)
        if wanted.truth >= 0:
            kept &= measured.having(wanted.truth)
        if wanted.predicted >= 0:
            kept &= measured.having(wanted.predicted, answered=True)
        if wanted.column in cases.columns:
            kept &= np.asarray(cases.columns[wanted.column] == wanted.value)
        kept &= self._of_kind(measured)
        found = np.flatnonzero(kept)
        if wanted.order == "unsure":
            return np.asarray(worst_first(-np.nan_to_num(cases.confidence, nan=1.0), found))
        return np.asarray(worst_first(cases.error if wanted.order == "worst" else -cases.error, found))

    def _of_kind(self, measured: Measured) -> NDArray[np.bool_]:
        correct = np.asarray(measured.cases.correct, np.bool_)
        match self.wanted.kind:
            case "right":
                return correct
            case "wrong":
                return ~correct
            case "flipped":
                return _these(self.flipped, len(correct))
            case "lassoed":
                return _these(self.lassoed, len(correct))
        return np.ones(len(correct), np.bool_)

    def without_filter(self) -> None:
        """All cases again."""
        self.want(replace(Wanted(), order=self.wanted.order))


def _these(cases: frozenset[int], count: int) -> NDArray[np.bool_]:
    found = np.zeros(count, np.bool_)
    found[sorted(cases)] = True
    return found
