"""The answers of a model for images, in a table that grows while they come; refused images stand with their reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.parts import counted, label
from designer.tables import Row, RowsTable, Short

_LITTLE = 0.001  # of an image, below which a share is not told in digits
_SHOWN_MS = 100  # what comes within this time is shown together


class Answers(QWidget):
    """The table and how many of what there are."""

    def __init__(self) -> None:
        super().__init__()
        headers = (self.tr("File"), self.tr("Answer"), self.tr("Probability"), self.tr("Why it is not answered"))
        self.table = RowsTable(headers, self.tr("Answers of the model"), wrapped=True)
        self.count = label("", "small", wrap=False)
        self.answered = self.refused = 0
        self._coming: list[Row] = []
        self._later = QTimer(self, interval=_SHOWN_MS, singleShot=True)
        self._later.timeout.connect(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.count)
        column.addWidget(self.table, 1)
        for place, width in enumerate((220, 150, 96)):
            self.table.setColumnWidth(place, width)

    def clear(self) -> None:
        """Nothing was answered yet."""
        self._coming = []
        self.answered = self.refused = 0
        self.table.content.show([])
        self._tell()

    def add(self, record: Mapping[str, Any]) -> None:
        """One answer, as `netloom predict --lines` tells it."""
        problem = str(record["problem"])
        share = _share(record) if not problem else None
        path = str(record["path"])
        spelled = Short(f"{share:.3f}", share) if share is not None else None
        self._coming.append((path, self._answer(record), spelled, problem.removeprefix(f"{path} ")))
        self.refused += bool(problem)
        self.answered += not problem
        if not self._later.isActive():
            self._later.start()

    def _answer(self, record: Mapping[str, Any]) -> str | None:
        """What was answered; the classes of a mask with the share of the image that each of them has."""
        words = [str(one) for one in record["predicted"]]
        shares: Mapping[str, float] = record.get("shares", {})
        if not shares:
            return "; ".join(words) or None
        little = self.tr("below 0.1 %")
        told = {name: f"{100 * share:.1f} %" if share >= _LITTLE else little for name, share in shares.items()}
        words[0] = ", ".join(f"{name} {share}" for name, share in told.items())
        return Short("; ".join(words), self.tr("{0} of the image").format("; ".join(words)))

    def show_now(self) -> None:
        """No more is coming for now."""
        self._later.stop()
        self._show()

    def _show(self) -> None:
        if self._coming:
            self.table.content.append(self._coming)
            self._coming = []
        self._tell()

    def _tell(self) -> None:
        words = [self.tr("%s answered") % counted(self.answered, "image")]
        if self.refused:
            words.append(self.tr("%s not answered, with the reason in the last column") % self.refused)
        self.count.setText(", ".join(words) if self.answered + self.refused else "")


def _share(record: Mapping[str, Any]) -> float | None:
    """The probability of the class that was answered, which a threshold may have chosen though another is likelier; of
    several labels the highest."""
    shares: Mapping[str, float] = record["probabilities"]
    answered = next(iter(record["predicted"]), "")
    return shares.get(answered, max(shares.values(), default=None))
