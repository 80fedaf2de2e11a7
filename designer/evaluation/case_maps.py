"""The maps that the gallery lays over its pictures: asked for when they are seen, made by a process of their own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from designer.data.pixel_server import Answer, PixelServer
from designer.evaluation.case_files import CaseFiles
from designer.evaluation.measured import Measured
from runtime.errors import RunError
from runtime.looking.heat import coloured
from runtime.looking.record import Record, read_record
from runtime.plan import FittedSize

_KIND = "case-map"
_DOUBTFUL = ("alike", "partly", "unknown")


class CaseMaps(QObject):
    """Maps of one method by case; `came` when one is there, or why it is not. Without a method nothing is asked."""

    came = Signal(int)

    def __init__(self, files: CaseFiles, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files = files
        self._server = PixelServer(self, "maps")
        self._measured: Measured | None = None
        self.fits: tuple[FittedSize, ...] = ()  # what brought images to the size of their source
        self.method = ""
        self._kept: dict[int, Record | str] = {}
        self._images: dict[int, QImage] = {}
        self._wanted: list[int] = []
        self._asked: tuple[int, int] | None = None  # the case, and the number of the question

    @property
    def counts(self) -> tuple[int, int]:
        """How many maps are there, and how many of them hardly depend on what was learned."""
        made = [held for held in self._kept.values() if isinstance(held, Record)]
        return len(made), sum(record.facts["sanity"]["verdict"] in _DOUBTFUL for record in made)

    @property
    def faults(self) -> list[str]:
        """Why there are no maps, each reason once."""
        return list(dict.fromkeys(held for held in self._kept.values() if isinstance(held, str)))

    @property
    def busy(self) -> bool:
        """Whether a map is on its way."""
        return self._asked is not None

    def show(self, measured: Measured | None, fits: tuple[FittedSize, ...]) -> None:
        """Other cases, and what brought their images to the size of their source."""
        self._measured, self.fits = measured, fits
        self._forget()

    def use(self, method: str) -> None:
        """Maps of another method; "" for none."""
        if method != self.method:
            self.method = method
            self._forget()

    def want(self, cases: Sequence[int]) -> None:
        """These are seen now; what was wanted before and has not begun is not."""
        self._wanted = [case for case in cases if case not in self._kept] if self.method else []
        self._ask_next()

    def image(self, case: int) -> QImage | None:
        """The colours of a map, as large as it is kept; None while it is not there."""
        held = self._kept.get(case)
        if not isinstance(held, Record):
            return None
        if case not in self._images:
            colours = np.ascontiguousarray(coloured(held.arrays["share"].astype(np.float32) / 127))
            rows, columns = colours.shape[:2]
            made = QImage(colours.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
            self._images[case] = made.copy()
        return self._images[case]

    def said(self, case: int) -> str:
        """What is to be known of a map: its class, and whether it depends on what was learned; or why there is none."""
        held = self._kept.get(case)
        if not isinstance(held, Record):
            return held or ""
        return self.tr("Map for %s. %s") % (held.facts["class"], held.facts["sanity"]["sentence"])

    def close_down(self) -> None:
        """The window is closing."""
        self._forget()
        self._server.close_down()

    def _forget(self) -> None:
        if self._asked is not None:
            self._server.forget([self._asked[1]])
        self._asked, self._wanted = None, []
        self._kept.clear()
        self._images.clear()

    def _ask_next(self) -> None:
        measured = self._measured
        while self._wanted and self._asked is None and measured is not None:
            case = self._wanted.pop(0)
            key = self._files.key_of(case)
            if key is None:
                continue
            request = {
                "run": str(measured.home_of(case)), "data": str(self._files.external or ""), "case": key,
                "method": self.method,
            }  # fmt: skip
            self._asked = case, self._server.ask(request, partial(self._on_answer, case))

    def _on_answer(self, case: int, answer: Answer) -> None:
        self._asked = None
        if "error" in answer:
            self._kept[case] = self._files.book.names.hidden_in(str(answer["error"]))
        else:
            self._kept[case] = _read(Path(str(answer["file"])))
        self.came.emit(case)
        self._ask_next()


def _read(file: Path) -> Record | str:
    try:
        return read_record(file, _KIND)
    except RunError as error:
        return str(error)
