"""Nine versions of a case as augmentation makes them, below the form of a node that acts in training only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, QTemporaryDir, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from designer.moving_bar import MovingBar
from designer.parts import button, label
from designer.process import CommandProcess, End
from designer.project import Project
from designer.theme import Theme
from runtime.analysis import Analysis
from runtime.files import ProjectError, save_graph

_WAIT_MS = 400  # after a change, so that typing a number asks once
_GAP = 4
_BAR = 6
_ACROSS = 3


class Pictures(QWidget):
    """Pictures in rows of three, as large as there is room."""

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = count
        self._across = min(count, _ACROSS)
        self.pictures: tuple[QPixmap, ...] = ()
        self.stale = False

    def show_pictures(self, pictures: tuple[QPixmap, ...]) -> None:
        """Put these in the place of the old."""
        self.pictures = pictures
        self.set_stale(False)

    def set_stale(self, stale: bool) -> None:
        """Fade what no longer shows how things are."""
        self.stale = stale
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the pictures are at this width."""
        super().resizeEvent(event)
        rows = -(-self._count // self._across)
        self.setFixedHeight(round(rows * self._side() + (rows - 1) * _GAP))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw them, or the places where they will be."""
        painter, theme = QPainter(self), Theme.current()
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.35 if self.stale else 1.0)
        for index in range(self._count):
            place = self._place(index)
            if index >= len(self.pictures) or self.pictures[index].isNull():
                painter.fillRect(place, QColor(theme.field))
                continue
            picture = self.pictures[index]
            size = picture.size().scaled(place.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.fillRect(place, QColor("black"))
            painter.drawPixmap(_middle(place, size), picture, QRectF(picture.rect()))

    def _side(self) -> float:
        return (self.width() - (self._across - 1) * _GAP) / self._across

    def _place(self, index: int) -> QRectF:
        step, side = self._side() + _GAP, self._side()
        return QRectF(index % self._across * step, index // self._across * step, side, side)


def _middle(place: QRectF, size: QSize) -> QRectF:
    found = QRectF(0, 0, size.width(), size.height())
    found.moveCenter(place.center())
    return found


class AugmentPreview(QWidget):
    """Closed until it is asked for. While open, it asks the program again whenever the drawing changes.

    The pictures are made by a process of their own; leaving the node ends it.
    """

    def __init__(self, project: Project, node_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._node_id = node_id
        self._folder = QTemporaryDir()
        self._process: CommandProcess | None = None
        self._asked: object = None  # what the pictures that are shown, or on their way, were asked for
        self._case, self._seed = 0, 0
        self.opened = False
        self._wait = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self.ask)
        self.open_button = button(
            self.tr("Preview nine versions"), self.tr("Show what training would see of one of your cases.")
        )
        self.grid = Pictures(9)
        self.original = Pictures(1)
        self.says = label("", "small")
        self.fault = label("", "wrong")
        self.bar = MovingBar()
        self.bar.setRange(0, 0)
        self.bar.setFixedHeight(_BAR)
        keeps = self.bar.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)  # the pictures stay where they are while new ones are made
        self.bar.setSizePolicy(keeps)
        self.others = button(self.tr("Draw again"), self.tr("Other random numbers for the same case."))
        self.next = button(self.tr("Next case"), self.tr("The same for another case of the data."))
        self._lay_out()
        self.open_button.clicked.connect(self.open)
        self.others.clicked.connect(self._draw_again)
        self.next.clicked.connect(self._next_case)
        project.analysed.connect(self._follow)

    @property
    def busy(self) -> bool:
        """Whether pictures are on their way."""
        return self._process is not None

    def open(self) -> None:
        """Show the pictures from now on."""
        self.opened = True
        self.open_button.hide()
        self._inside.show()
        self.ask()

    def ask(self) -> None:
        """Have the pictures made anew for the drawing as it is."""
        self._end_process()
        self._asked = self._question()
        file = Path(self._folder.path()) / "preview.netloom"
        try:
            save_graph(self._project.document.graph(), file)
        except ProjectError as error:
            self._fail(str(error))
            return
        words = ["preview", str(file), "--node", self._node_id, "--out", self._folder.path()]
        words += ["--case", str(self._case), "--seed", str(self._seed)]
        self._process = CommandProcess(words, self)
        self._process.record.connect(self._show)
        self._process.ended.connect(self._on_end)
        self.grid.set_stale(True)
        self.fault.hide()
        self.bar.show()
        if not self.grid.pictures:
            self.says.setText(self.tr("Reading a case of your data …"))
        self._process.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask again for what was left half done, or has changed since."""
        super().showEvent(event)
        if self.opened and self._asked != self._question():
            self._wait.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: end the work."""
        super().hideEvent(event)
        self._wait.stop()
        if self.busy:
            self._end_process()
            self._asked = None

    def _follow(self, analysis: Analysis) -> None:
        seen = self.opened and self.isVisible() and self._node_id in analysis.graph.nodes
        if seen and self._asked != self._question():
            self.grid.set_stale(True)
            self._wait.start()

    def _question(self) -> object:
        """All that the pictures depend on; where nodes stand on the canvas is not part of it."""
        graph = self._project.document.graph()
        nodes = tuple((node.id, node.type, node.sheet, repr(node.settings)) for node in graph.nodes.values())
        return nodes, graph.wires, self._case, self._seed

    def _show(self, record: Mapping[str, Any]) -> None:
        if record.get("record") != "preview":
            return
        self.grid.show_pictures(tuple(QPixmap(str(path)) for path in record["pictures"]))
        self.original.show_pictures((QPixmap(str(record["original"])),))
        self._case = int(record["number"])
        self._asked = self._question()
        text = self.tr("Case {0} of {1}, as it is without augmentation: {2}")
        self.says.setText(text.format(self._case + 1, record["cases"], record["case"]))
        self.grid.setAccessibleName(self.tr("Nine augmented versions of {0}").format(record["case"]))
        self.original.setAccessibleName(self.tr("{0} without augmentation").format(record["case"]))

    def _on_end(self, end: End) -> None:
        made, self._process = self._process, None
        if made is not None:
            made.deleteLater()
        self.bar.setVisible(False)
        if not end.ok:
            self._fail(end.message)

    def _fail(self, reason: str) -> None:
        self.bar.setVisible(False)
        self.grid.set_stale(True)
        if not self.grid.pictures:
            self.says.setText("")
        self.fault.setText(reason)
        self.fault.show()

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.abandon()
            self._process.deleteLater()
            self._process = None
        self.bar.setVisible(False)

    def _draw_again(self) -> None:
        self._seed += 1
        self.ask()

    def _next_case(self) -> None:
        self._case += 1
        self.ask()

    def _lay_out(self) -> None:
        self._inside = QWidget()
        about = QVBoxLayout()
        about.setSpacing(6)
        buttons = QHBoxLayout()
        buttons.setSpacing(_GAP)
        for part in (self.others, self.next):
            buttons.addWidget(part)
        about.addWidget(self.says, 1, Qt.AlignmentFlag.AlignTop)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.original, 1)
        top.addLayout(about, 2)
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        inside.addWidget(label(self.tr("Preview"), "title"))
        inside.addLayout(top)
        inside.addWidget(self.bar)
        inside.addWidget(self.fault)
        inside.addWidget(self.grid)
        inside.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.open_button)
        column.addWidget(self._inside)
        for hidden in (self._inside, self.bar, self.fault):
            hidden.hide()
