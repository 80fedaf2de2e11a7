"""One case large: in the viewer of the Data workspace, with outlines and all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from designer.data.pixel_server import PixelServer
from designer.data.slices import SliceRef
from designer.data.viewer import Shown, Viewer
from designer.evaluation.case_files import CaseFiles
from designer.evaluation.case_side import CaseSide
from designer.evaluation.contours import Contours
from designer.evaluation.measured import Measured
from designer.parts import button, label, row_of, scrolled, set_possible

_SIDE = 340


class CasePage(QWidget):
    """Goes through the cases of the gallery one by one; Escape goes back to where it was opened."""

    said = Signal(str, str)
    left = Signal()

    def __init__(
        self, server: PixelServer, files: CaseFiles, contours: Contours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._files, self._contours = files, contours
        self._measured: Measured | None = None
        self._cases: list[int] = []
        self.case = -1
        self.viewer = Viewer(server, files.book.names)
        self.side = CaseSide(files, contours)
        self.back = button(self.tr("Back"), self.tr("Back to where the case was opened (Esc)"))
        self.before = button(self.tr("Previous"))
        self.after = button(self.tr("Next"))
        self.place = label("", "small", wrap=False)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        side = scrolled(self.side)
        side.setFixedWidth(_SIDE)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.viewer, 1)
        row.addWidget(side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(row_of(self.back, self.before, self.after, self.place))
        column.addLayout(row, 1)

    def _connect(self) -> None:
        for keys, does in (
            ("Esc", self.left.emit),
            ("Alt+Left", lambda: self.go(-1)),
            ("Alt+Right", lambda: self.go(1)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(does)
        self.back.clicked.connect(self.left)
        self.before.clicked.connect(lambda: self.go(-1))
        self.after.clicked.connect(lambda: self.go(1))
        self.side.said.connect(self.said)
        self.side.outlines_changed.connect(self._outline)
        self.viewer.looked_at.connect(lambda _ref: self._outline())
        self.viewer.slices.came.connect(lambda _place: self._outline())
        self._contours.came.connect(lambda _case: self._outline())
        self._files.changed.connect(self._on_files)

    def show_case(self, measured: Measured, case: int, among: Sequence[int]) -> None:
        """Look at a case, one of some that can be gone through."""
        self._measured, self.case, self._cases = measured, case, list(among)
        self.side.show_case(measured, case)
        at = self._cases.index(case) if case in self._cases else -1
        self.place.setText(self.tr("Case %s of %s") % (at + 1, len(self._cases)) if at >= 0 else "")
        set_possible(self.before, "" if at > 0 else self.tr("This is the first one."), self.tr("Alt+Left"))
        last = at >= len(self._cases) - 1
        set_possible(self.after, self.tr("This is the last one.") if last else "", self.tr("Alt+Right"))
        self._show_picture()

    def go(self, step: int) -> None:
        """The next case, or the one before."""
        if self._measured is None or self.case not in self._cases:
            return
        at = self._cases.index(self.case) + step
        if 0 <= at < len(self._cases):
            self.show_case(self._measured, self._cases[at], self._cases)

    def forget(self) -> None:
        """Other cases come."""
        self._measured, self.case, self._cases = None, -1, []
        self.viewer.clear(" ")

    def _show_picture(self) -> None:
        shown = self._files.shown(self.case)
        if shown is None:
            self.viewer.clear(self._files.why or self.tr("Its file is still being looked for …"))
            return
        refs = tuple(replace(ref, mask=None, boxes=()) for ref in shown.refs)
        self.viewer.show_stack(Shown(refs, shown.at, shown.title, whole=shown.whole))
        self._outline()

    def _on_files(self) -> None:
        if self._measured is not None and self.case >= 0:
            self._show_picture()

    def _outline(self) -> None:
        """The outlines of the slice that is shown, which may be that of another case."""
        slices, view = self.viewer.slices, self.viewer.view
        picture = slices.picture(slices.at) if slices.refs else None
        drawn = []
        if picture is not None and picture.values is not None and slices.plane == "axial":
            ref: SliceRef = slices.refs[slices.at]
            case = self.case if ref.index is not None else self._files.case_of(ref.case)
            if case is not None:
                self._contours.want([case])
                rows, columns = picture.values.shape[-2:]
                drawn = self._contours.of(case, (rows, columns), ref.index or 0, max(1, len(slices.refs)))
        view.marks.outlines = drawn
        view.update()
