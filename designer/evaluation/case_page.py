"""One case large: in the viewer of the Data workspace, with outlines and all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from designer.data.outlines import Outline
from designer.data.patches import frame_of, patch_box, slice_of
from designer.data.pixel_server import PixelServer
from designer.data.slices import SliceRef
from designer.data.viewer import Shown, Viewer
from designer.evaluation.case_files import CaseFiles
from designer.evaluation.case_side import CaseSide
from designer.evaluation.contours import POINT_COLOUR, Contours
from designer.evaluation.layers_page import LayersPage
from designer.evaluation.measured import Measured
from designer.looking.map_panel import MapPanel
from designer.parts import button, label, row_of, scrolled, set_possible, whole
from designer.segments import Segments
from runtime.data.catalogue import Sample

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
        self._asked: tuple[object, ...] = ()  # what is looked at inside
        self.case = -1
        self.viewer = Viewer(server, files.book.names)
        self.map, self.layers = MapPanel(), LayersPage()
        self.map.name_of = self.layers.features.name_of = files.name_of_key
        self.views = Segments(self.tr("Views of the case"))
        self.side = CaseSide(files, contours)
        self.back = button(self.tr("Back"), self.tr("Back to where the case was opened (Esc)"))
        self.before = button(self.tr("Previous"))
        self.after = button(self.tr("Next"))
        self.place = label("", "small", wrap=False)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        for name, title, page, tip in (
            ("picture", self.tr("Picture"), self.viewer, self.tr("The case as the Data page shows it")),
            ("map", self.tr("Map"), self.map, self.tr("Which pixels speak for the answer")),
            ("layers", self.tr("Layers"), self.layers, self.tr("What each node gives for this case")),
        ):
            self.views.add(name, title, page, tip)
        side = scrolled(self.side)
        side.setFixedWidth(_SIDE)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.views.pages, 1)
        row.addWidget(side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(row_of(self.back, self.before, self.after, self.views, self.place))
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
        self.map.said.connect(lambda text: self.said.emit(text, "error"))
        self.layers.features.case_chosen.connect(self._on_key)
        self.views.changed.connect(lambda _name: self._look_inside())
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
        self.place.setText(self.tr("Case %s of %s") % (whole(at + 1), whole(len(self._cases))) if at >= 0 else "")
        set_possible(self.before, "" if at > 0 else self.tr("This is the first one."), self.tr("Alt+Left"))
        last = at >= len(self._cases) - 1
        set_possible(self.after, self.tr("This is the last one.") if last else "", self.tr("Alt+Right"))
        self._show_picture()
        self._look_inside()

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
        self.side.forget()
        self.viewer.clear(" ")
        self.views.show_page("picture")
        self.close_down()

    def close_down(self) -> None:
        """Nobody looks any more."""
        self._asked = ()
        self.map.close_down()
        self.layers.close_down()

    def _look_inside(self) -> None:
        """Ask for what the chosen view needs, of the network that answered this case."""
        measured = self._measured
        drawn = measured is not None and measured.record.task != "detection"
        self.views.buttons["map"].setVisible(drawn)
        if not drawn and self.views.current == "map":
            self.views.show_page("picture")
        key = self._files.key_of(self.case) if measured is not None else None
        if measured is None or key is None:
            return
        asked = (self.views.current, measured.home_of(self.case), key, self._files.external)
        if asked == self._asked:
            return
        self._asked = asked
        view, run, _, data = asked
        if view == "map":
            self.map.show_case(run, key, measured.record.classes, data=data)
        elif view == "layers":
            self.layers.show_case(run, key, data)

    def _on_key(self, key: str) -> None:
        """A case among those that excite a channel: looked at if it was measured."""
        case = self._files.case_of(key)
        if self._measured is not None and case is not None:
            self.show_case(self._measured, case, self._cases)

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
            self._look_inside()

    def _outline(self) -> None:
        """The outlines of the slice that is shown, which may be that of another case."""
        slices, view = self.viewer.slices, self.viewer.view
        picture = slices.picture(slices.at) if slices.refs else None
        drawn = []
        if picture is not None and picture.values is not None and slices.plane == "axial":
            ref: SliceRef = slices.refs[slices.at]
            rows, columns = picture.values.shape[-2:]
            point = self._files.point_of(self.case)
            case = self.case if ref.index is not None else self._files.case_of(ref.case)
            if point is not None:
                drawn = self._patch(point, ref, (rows, columns))
            elif case is not None:
                self._contours.want([case])
                before = self._files.resampling_of(case)
                drawn = self._contours.of(case, (rows, columns), ref.index or 0, max(1, len(slices.refs)), before)
        view.marks.outlines = drawn
        view.update()

    def _patch(self, sample: Sample, ref: SliceRef, size: tuple[int, int]) -> list[Outline]:
        """What was cut out round the point that is looked at, on its own slices."""
        own = self._files.shown(self.case)
        if own is None:
            return []
        mine = own.refs[own.at]
        if (ref.path, ref.frame) != (mine.path, mine.frame) or (ref.index or 0) != (slice_of(sample) or 0):
            return []
        return [frame_of(patch_box(sample, *size), POINT_COLOUR)]
