"""The viewer: a stack of slices with tools, windows, masks and what is under the mouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from designer.data.names import Names
from designer.data.pixel_server import PixelServer
from designer.data.slice_view import SliceView
from designer.data.slices import Picture, SliceRef, Slices
from designer.data.viewer_tools import ViewerTools
from designer.data.windowing import CT_WINDOWS, Window
from designer.parts import label
from runtime.data.catalogue import Box
from runtime.data.curves import MOST_LEADS


@dataclass(frozen=True, slots=True)
class Shown:
    """What the viewer is to show. `title` is written on the picture; mask values and names go by class."""

    refs: tuple[SliceRef, ...]
    at: int = 0
    title: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    mask_values: tuple[int, ...] = ()
    whole: bool = False  # one volume in one file, whose slices are counted when it is there
    begins: int = -1  # the slice of such a volume that is seen first; -1 for the middle one
    deep: Mapping[int, tuple[Box, ...]] = field(default_factory=dict)  # what is marked on its slices
    points: bool = False  # what is marked are points, not boxes


class Viewer(QWidget):
    """Shows one stack at a time; a slice that was looked at is told."""

    looked_at = Signal(object)  # the SliceRef

    def __init__(self, server: PixelServer, names: Names | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = names or Names(shown=True)
        self.shown = Shown(())
        self.slices = Slices(server, self)
        self.view = SliceView()
        self.tools = ViewerTools()
        self.slider = QSlider(Qt.Orientation.Vertical)
        self.slider.setAccessibleName(self.tr("Slice"))
        self.slider.setToolTip(self.tr("Scroll through the slices (wheel, arrow keys, Home, End)"))
        self.slider.setInvertedAppearance(True)
        self.slider.setInvertedControls(True)
        self.under = label("", "small", wrap=False)
        self.greys = label("", "small", wrap=False)
        self.under.setAccessibleName(self.tr("Value under the mouse"))
        self.greys.setAccessibleName(self.tr("Window"))
        self._fresh = True  # the window is still to be chosen for this stack
        self._unit = ""
        self._lay_out()
        self._connect()
        self.clear()

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(4)
        middle.addWidget(self.view, 1)
        middle.addWidget(self.slider)
        foot = QHBoxLayout()
        foot.addWidget(self.under, 1)
        foot.addWidget(self.greys)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.tools)
        column.addLayout(middle, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.slices.came.connect(self._on_came)
        self.slider.valueChanged.connect(self.go)
        view, tools = self.view, self.tools
        view.stepped.connect(lambda steps: self.go(self.slices.at + steps))
        view.jumped.connect(lambda last: self.go(len(self.slices.refs) - 1 if last else 0))
        view.windowed.connect(self.use_window)
        view.hovered.connect(self._tell_value)
        view.tool_asked.connect(tools.press)
        tools.tool_chosen.connect(self._use_tool)
        tools.window_chosen.connect(self.use_window)
        tools.fit_asked.connect(view.fit)
        tools.actual_asked.connect(view.actual)
        tools.inverted.connect(self._invert)
        tools.mask_changed.connect(view.show_mask)
        tools.plane_chosen.connect(self._on_plane)

    def clear(self, message: str = "") -> None:
        """Nothing is chosen."""
        self.shown = Shown(())
        self.slices.show((), 0)
        words = self.tr("Choose a series or an image at the left: it is shown here, slice by slice.")
        self.view.show_picture(None, message or words)
        self.view.marks.left, self.view.marks.right, self.view.marks.boxes = [], [], ()
        self._refresh_slider()
        self.tools.show_for(())
        self.tools.hide()
        self.greys.setText("")
        self.under.setText("")

    def show_stack(self, shown: Shown) -> None:
        """Look at a stack, from one of its slices on; the same stack only moves to the slice."""
        if shown.refs == self.shown.refs and shown.refs:
            self.shown = shown
            known = shown.begins if shown.begins >= 0 and self.slices.plane == "axial" else self.slices.at
            self.go(known if shown.whole else shown.at)
            self._tell_place()
            return
        self.shown, self._fresh = shown, True
        self.view.mask_values = shown.mask_values
        self.view.marks.ruler = None
        self.view.fit()
        masked = any(ref.mask is not None for ref in shown.refs)
        boxed = bool(shown.deep) or any(ref.boxes for ref in shown.refs)
        self.tools.show_for(self._planes(), masked, shown.classes, boxed, shown.points)
        curves = self.view.marks.curves = any(ref.kind == "signal" for ref in shown.refs)
        self.tools.setVisible(not curves)
        self.greys.setVisible(not curves)
        self._load(shown.refs, shown.at, "axial")

    def rename(self, title: tuple[str, ...]) -> None:
        """The same slices under another name."""
        self.shown = replace(self.shown, title=title)
        self._tell_place()

    def _planes(self) -> tuple[str, ...]:
        return ("axial", "coronal", "sagittal") if self.shown.whole else ()

    def _load(self, refs: Sequence[SliceRef], at: int, plane: str) -> None:
        self.slices.show(refs, at, plane)
        self.view.show_picture(None, self.tr("Reading …"))
        self._refresh_slider()
        self._show_current()

    def go(self, place: int) -> None:
        """Another slice; beyond the ends nothing happens."""
        place = min(max(place, 0), len(self.slices.refs) - 1)
        if place < 0 or place == self.slices.at:
            return
        self.slices.go(place)
        self.slider.setValue(place)
        self._show_current()
        self.looked_at.emit(self.slices.refs[place])

    def use_window(self, window: Window) -> None:
        """Other greys."""
        self.view.show_window(window)
        unit = f" {self._unit}" if self._unit else ""
        self.greys.setText(
            self.tr("Window: centre %s, width %s%s") % (_short(window.centre), _short(window.width), unit)
        )
        self.tools.tell_window(window)

    def _on_plane(self, plane: str) -> None:
        ref = self.shown.refs[0] if self.shown.refs else None
        if ref is not None:
            self._load((SliceRef(ref.path, ref.kind, ref.frame, None, ref.mask, ref.mask_kind, ref.case),), 0, plane)

    def _on_came(self, place: int) -> None:
        picture = self.slices.picture(place)
        if picture is not None and self.shown.whole and len(self.slices.refs) == 1 and picture.slices > 1:
            self._unfold(picture)
            return
        if place == self.slices.at:
            self._show_current()
        self._tell_progress()

    def _unfold(self, picture: Picture) -> None:
        """A volume was opened: now it is known how many slices it has in this plane."""
        ref = self.slices.refs[0]
        axial = self.slices.plane == "axial"
        marks = self.shown.deep if axial else {}
        refs = [
            SliceRef(ref.path, ref.kind, ref.frame, index, ref.mask, ref.mask_kind, ref.case, None,
                     marks.get(index, ()))
            for index in range(picture.slices)
        ]  # fmt: skip
        begins = min(self.shown.begins, picture.slices - 1) if axial and self.shown.begins >= 0 else picture.slices // 2
        self._load(refs, begins, self.slices.plane)

    def _show_current(self) -> None:
        place = self.slices.at
        picture = self.slices.picture(place)
        if not self.slices.refs:
            return
        if picture is not None and picture.fault:
            self.view.show_picture(None, self._names.hidden_in(picture.fault))
        elif picture is not None:  # until it comes the slice before stays, and the place says that it is being read
            self._show(picture)
        self._tell_place()

    def _show(self, picture: Picture) -> None:
        self._unit = str(picture.display.get("unit") or "")
        if self._fresh:
            self._fresh = False
            known = windows_of(picture, self._unit, self.tr("Automatic"), self.tr("Full range"))
            self.tools.offer_windows(known)
            self.use_window(next(iter(known.values())))
        self.view.show_picture(picture)
        self.tools.mask_note(self._names.hidden_in(picture.mask_fault))

    def _tell_place(self) -> None:
        count, at = len(self.slices.refs), self.slices.at
        ref = self.slices.refs[at]
        place = self.tr("Signal %s of %s") if self.view.marks.curves else self.tr("Slice %s of %s")
        lines = [place % (at + 1, count)] if count > 1 else []
        if self.slices.picture(at) is None:
            lines.append(self.tr("reading …"))
        if ref.position_mm is not None:
            lines.append(self.tr("at %s mm") % f"{ref.position_mm:.1f}")
        self.view.marks.left, self.view.marks.right = list(self.shown.title), lines
        self.view.show_boxes(ref.boxes, self.shown.classes)
        self.view.marks.leads = ref.leads[:MOST_LEADS]
        if len(ref.leads) > MOST_LEADS:
            lines.append(self.tr("the first %s of %s leads") % (MOST_LEADS, len(ref.leads)))
        if self.view.marks.letters is None and not self.view.marks.curves and self.view.picture is not None:
            lines.append(self.tr("orientation unknown"))
        said = ", ".join([*self.shown.title, *lines, self.greys.text()])
        self.view.setAccessibleDescription(said)
        self.view.update()
        self._tell_progress()

    def _tell_progress(self) -> None:
        count = len(self.slices.refs)
        self.tools.tell_loaded(self.slices.loaded, count)

    def _tell_value(self, pixel: QPointF | None) -> None:
        values = self.view.value_at(pixel) if pixel is not None else None
        if pixel is None or values is None or self.view.marks.curves:
            self.under.setText("")
            return
        unit = f" {self._unit}" if self._unit else ""
        spelled = " · ".join(_short(value) for value in values[:4])
        said = self.tr("row %s, column %s: %s%s") % (int(pixel.y()) + 1, int(pixel.x()) + 1, spelled, unit)
        drawn = self.view.mask_at(pixel)
        if drawn is not None and drawn in self.shown.mask_values:
            said += f" · {self.shown.classes[self.shown.mask_values.index(drawn)]}"
        self.under.setText(said)

    def _use_tool(self, tool: str) -> None:
        self.view.tool = tool  # type: ignore[assignment]
        shapes = {"pan": Qt.CursorShape.OpenHandCursor, "measure": Qt.CursorShape.CrossCursor}
        self.view.setCursor(shapes.get(tool, Qt.CursorShape.ArrowCursor))

    def _invert(self, inverted: bool) -> None:
        self.view.inverted = inverted
        self.view.redraw()

    def _refresh_slider(self) -> None:
        count = len(self.slices.refs)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(count - 1, 0))
        self.slider.setValue(self.slices.at)
        self.slider.blockSignals(False)
        self.slider.setPageStep(10)
        self.slider.setVisible(count > 1)


def windows_of(picture: Picture, unit: str, automatic: str, full: str) -> dict[str, Window]:
    """The windows to choose from, the one to begin with first: the file's, those for CT, and by the values."""
    found: dict[str, Window] = {}
    for place, (centre, width, called) in enumerate(picture.display.get("windows", ()), 1):
        several = called or (str(place) if len(picture.display["windows"]) > 1 else "")
        found[f"From the file{': ' if several else ''}{several}"] = Window(float(centre), float(width))
    low, high, least, most = picture.range
    colour = picture.values is not None and picture.values.shape[0] == 3
    by_values = {full: Window.between(0, 255) if colour and most <= 255 else Window.between(least, most)}
    if not colour:
        by_values = {automatic: Window.between(low, high), **by_values}
    return {**found, **by_values, **(CT_WINDOWS if unit == "HU" else {})}


def _short(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.4g}"
