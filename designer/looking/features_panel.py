"""What a node sees in a case: its feature maps, its kernels, and the cases that excite a channel most."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from designer.busy import BusyLine
from designer.looking.picture_grid import PictureGrid
from designer.looking.question import Question
from designer.parts import Empty, counted, label, scrolled
from runtime.looking.flat_kernels import flat_kernels
from runtime.looking.record import Record


class FeaturesPanel(QWidget):
    """Shows a node of a run as soon as it is told with `show_node`. `case_chosen` brings the key of a case."""

    case_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Path | None = None
        self._node = ""
        self.name_of: Callable[[str], str] = str  # how a case is named on the screen, by its key
        self._maps, self._kernels = Question("features", parent=self), Question("kernels", parent=self)
        self._strongest = Question("strongest", parent=self)
        self._keys: list[str] = []
        self.maps = PictureGrid(self.tr("Feature maps"))
        self.kernels = PictureGrid(self.tr("Learned kernels"), 48)
        self.cases = PictureGrid(self.tr("Cases that excite the channel most"), 96)
        self.about, self.of_kernels, self.of_cases = label(""), label(""), label("")
        self.fault = label("", "wrong")
        self.busy = BusyLine(self.tr("Stop looking"))
        self.empty = Empty(
            self.tr("What does a layer see?"),
            self.tr("Choose a case and click a node: each picture is one of its channels. Click a channel to find the "
                    "cases that excite it most."),
        )  # fmt: skip
        self._lay_out()
        self._connect()

    def show_node(self, run: Path, case: str, node: str, data: Path | None = None) -> None:
        """Show what leaves a node (its id) of a run for a case (its key) of its data, or of another folder."""
        self.close_down()
        self._run, self._node = run, node
        self.fault.hide()
        for part in (self.of_kernels, self.kernels, self.of_cases, self.cases):
            part.hide()
        self.pages.setCurrentIndex(1)
        of = ["--data", str(data)] if data is not None else []
        self._maps.ask(["features", str(run), f"--case={case}", f"--node={node}", *of])
        self._kernels.ask(["kernels", str(run), f"--node={node}"])

    def close_down(self) -> None:
        """End what is on its way."""
        for question in (self._maps, self._kernels, self._strongest):
            question.forget()

    def _on_maps(self, record: Record) -> None:
        facts = record.facts
        shape = "×".join(map(str, facts["shape"]))
        case = self.name_of(facts["case"])
        self.about.setText(self.tr("“{0}” gives {1} for {2}.").format(facts["node"], shape, case))
        if "values" in record.arrays:
            own = record.arrays["values"]
            low, high = float(own.min()), float(own.max())
            share = (own - low) / max(high - low, 1e-12)
            pictures = [np.full((1, 1), round(255 * float(one)), np.uint8) for one in share]
            tips = [self.tr("Number {0}: {1:.4g}").format(place, float(one)) for place, one in enumerate(own)]
        else:
            pictures = list(record.arrays["maps"])
            tips = [self.tr("Channel {0}").format(place) for place in range(len(pictures))]
        self.maps.show_pictures(pictures, tips)

    def _on_kernels(self, record: Record) -> None:
        own = flat_kernels(record)
        top = max(float(np.abs(own).max()), 1e-12)
        pictures = list(((own / top + 1) * 127.5).round().astype(np.uint8))
        self.of_kernels.setText(self.tr("{0}, mean over what comes in: white is positive, black negative.").format(
            counted(len(pictures), "learned kernel")
        ))  # fmt: skip
        self.kernels.show_pictures(pictures, [self.tr("Kernel {0}").format(place) for place in range(len(pictures))])
        self.of_kernels.show()
        self.kernels.show()

    def _on_channel(self, channel: int) -> None:
        if self._run is not None:
            words = ["strongest", str(self._run), f"--node={self._node}", "--channel", str(channel)]
            self._strongest.ask(words)

    def _on_cases(self, record: Record) -> None:
        facts = record.facts
        self._keys = list(facts["cases"])
        values = record.arrays["values"]
        tips = [f"{self.name_of(key)}: {float(value):.4g}" for key, value in zip(self._keys, values, strict=True)]
        marks = _marks(record)
        text = self.tr("Channel {0} is excited most by these of {1} validation cases; the ring marks where.") if marks \
            else self.tr("Channel {0} is excited most by these of {1} validation cases.")
        self.of_cases.setText(text.format(facts["channel"], facts["of"]))
        self.cases.show_pictures(list(record.arrays["pictures"]), tips, marks)
        self.of_cases.show()
        self.cases.show()

    def _on_case(self, place: int) -> None:
        self.case_chosen.emit(self._keys[place])

    def _on_change(self) -> None:
        busy = self._maps.busy or self._strongest.busy
        if busy:
            self.busy.begin(self.tr("Looking into the network …"))
        self.busy.setVisible(busy)

    def say(self, reason: str) -> None:
        """Say why there is nothing to see."""
        self.fault.setText(reason)
        self.fault.show()

    def _connect(self) -> None:
        for question in (self._maps, self._strongest):
            question.failed.connect(self.say)
            question.changed.connect(self._on_change)
        self._maps.answered.connect(self._on_maps)
        self._kernels.answered.connect(self._on_kernels)  # a node without kernels has nothing to show
        self._strongest.answered.connect(self._on_cases)
        self.maps.taken.connect(self._on_channel)
        self.cases.taken.connect(self._on_case)
        self.busy.cancelled.connect(self.close_down)

    def _lay_out(self) -> None:
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        for part in (self.about, self.maps, self.of_cases, self.cases, self.of_kernels, self.kernels):
            inside.addWidget(part)
        inside.addStretch(1)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(scrolled(content))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.busy)
        column.addWidget(self.fault)
        column.addWidget(self.pages, 1)
        self.fault.hide()


def _marks(record: Record) -> list[tuple[float, float]]:
    """Where in each picture a channel is excited most; of a signal only when is known, not in which lead."""
    places = record.arrays["places"]
    if record.facts["axes"] > 1:
        return [(float(one[-2]), float(one[-1])) for one in places]
    return [(0.5, float(one[-1])) for one in places] if record.facts["axes"] and record.facts["signals"] else []
