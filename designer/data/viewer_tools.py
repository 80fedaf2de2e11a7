"""The tools above the picture: what the left button does, windows, planes, the mask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.data.windowing import MASK_COLORS, Window
from designer.parts import label


class ViewerTools(QWidget):
    """Two rows of controls; those that mean nothing for an image are hidden."""

    tool_chosen = Signal(str)
    window_chosen = Signal(object)
    plane_chosen = Signal(str)
    fit_asked = Signal()
    actual_asked = Signal()
    inverted = Signal(bool)
    mask_changed = Signal(bool, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._windows: dict[str, Window] = {}
        self.window_button = self._tool(
            self.tr("Window"), "window", self.tr("Drag: left and right for contrast, up and down for brightness (W)")
        )
        self.pan_button = self._tool(self.tr("Move"), "pan", self.tr("Drag the picture (P, or the middle button)"))
        self.measure_button = self._tool(self.tr("Measure"), "measure", self.tr("Drag a line to measure it (M)"))
        self.group = QButtonGroup(self)
        for made in (self.window_button, self.pan_button, self.measure_button):
            self.group.addButton(made)
        self.window_button.setChecked(True)
        self.fit_button = _button(self.tr("Fit"), self.tr("All of the picture (F; Ctrl+wheel zooms)"))
        self.fit_button.clicked.connect(self.fit_asked)
        self.actual_button = _button(self.tr("1:1"), self.tr("Pixel for pixel (1)"))
        self.actual_button.clicked.connect(self.actual_asked)
        self.invert_button = _button(self.tr("Invert"), self.tr("Dark and bright exchanged, on the screen only (I)"))
        self.invert_button.setCheckable(True)
        self.invert_button.toggled.connect(self.inverted)
        self._make_choices()
        self._lay_out()

    def _make_choices(self) -> None:
        self.windows = QComboBox()
        self.windows.setAccessibleName(self.tr("Window presets"))
        self.windows.setToolTip(
            self.tr("Which values are spread over the greys; presets are for CT in Hounsfield units")
        )
        self.windows.setPlaceholderText(self.tr("by hand"))
        self.windows.setFixedWidth(170)
        self.windows.activated.connect(lambda _row: self.window_chosen.emit(self._windows[self.windows.currentText()]))
        self.planes = QComboBox()
        self.planes.setAccessibleName(self.tr("Plane"))
        self.planes.setToolTip(self.tr("The direction in which the volume is cut"))
        self.planes.activated.connect(lambda _row: self.plane_chosen.emit(str(self.planes.currentData())))
        self.mask_box = QCheckBox(self.tr("Mask"))
        self.mask_box.setToolTip(self.tr("Lay the mask over the picture (O)"))
        self.mask_box.setChecked(True)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(5, 100)
        self.opacity.setValue(45)
        self.opacity.setFixedWidth(90)
        self.opacity.setAccessibleName(self.tr("Opacity of the mask, in percent"))
        self.opacity.setToolTip(self.tr("How much the mask covers"))
        self.mask_box.toggled.connect(self._on_mask)
        self.opacity.valueChanged.connect(self._on_mask)
        self.legend = label("", "small", wrap=False)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.note = label("", "warning", wrap=False)
        self.loaded = label("", "small", wrap=False)

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(6)
        for made in (self.window_button, self.pan_button, self.measure_button):
            first.addWidget(made)
        first.addSpacing(10)
        for made in (self.fit_button, self.actual_button, self.invert_button):
            first.addWidget(made)
        first.addStretch(1)
        first.addWidget(self.loaded)
        for part in (self.windows, self.planes, self.mask_box, self.opacity):
            second.addWidget(part)
        second.addWidget(self.legend, 1)
        self.filler = QWidget()  # keeps the row to the left where there is no legend
        second.addWidget(self.filler, 1)
        second.addWidget(self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(first)
        column.addLayout(second)

    def show_for(
        self,
        planes: Sequence[str],
        masked: bool = False,
        classes: Sequence[str] = (),
        boxed: bool = False,
        points: bool = False,
    ) -> None:
        """What there is to choose for this stack. The first class of masks is the background; boxes have none, nor have
        `points`, which are drawn as small boxes."""
        named = classes if boxed else classes[1:]
        titles = {"axial": self.tr("axial"), "coronal": self.tr("coronal"), "sagittal": self.tr("sagittal")}
        self.planes.clear()
        for plane in planes:
            self.planes.addItem(titles[plane], plane)
        self.planes.setVisible(bool(planes))
        boxes = (self.tr("Points"), self.tr("Draw the points on the picture (O)")) if points else (
            self.tr("Boxes"), self.tr("Draw the boxes on the picture (O)")
        )  # fmt: skip
        name, tip = boxes if boxed else (self.tr("Mask"), self.tr("Lay the mask over the picture (O)"))
        self.mask_box.setText(name)
        self.mask_box.setToolTip(tip)
        self.opacity.setVisible(masked)
        for part in (self.mask_box, self.legend):
            part.setVisible(masked or boxed)
        self.filler.setVisible(not masked and not boxed)
        self.legend.setToolTip(", ".join(named))
        self.mask_note("")
        self.windows.clear()
        pairs = zip(named, MASK_COLORS * (len(classes) // len(MASK_COLORS) + 1), strict=False)
        self.legend.setText(" ".join(f'<span style="color:{colour}">■</span> {_plain(name)}' for name, colour in pairs))

    def offer_windows(self, windows: Mapping[str, Window]) -> None:
        """The presets of this stack."""
        self._windows = dict(windows)
        self.windows.clear()
        self.windows.addItems(list(windows))

    def tell_window(self, window: Window) -> None:
        """Show which preset it is, or that it was set by hand."""
        names = [name for name, known in self._windows.items() if known == window]
        self.windows.setCurrentIndex(self.windows.findText(names[0]) if names else -1)

    def tell_loaded(self, loaded: int, count: int) -> None:
        """How many slices are in memory while they still come."""
        self.loaded.setText(self.tr("%s of %s slices read") % (loaded, count) if 1 < loaded < count else "")

    def mask_note(self, note: str) -> None:
        """Why there is no mask on the picture."""
        self.note.setText(self.tr("no mask") if note else "")
        self.note.setToolTip(note)
        self.note.setVisible(bool(note))

    def press(self, name: str) -> None:
        """What the keys of the picture ask for."""
        pressed: dict[str, QAbstractButton] = {
            "window": self.window_button, "pan": self.pan_button, "measure": self.measure_button,
            "mask": self.mask_box, "invert": self.invert_button,
        }  # fmt: skip
        if pressed[name].isVisible():
            pressed[name].click()

    def _on_mask(self) -> None:
        self.mask_changed.emit(self.mask_box.isChecked(), self.opacity.value() / 100)

    def _tool(self, text: str, name: str, tip: str) -> QToolButton:
        made = _button(text, tip)
        made.setCheckable(True)
        made.clicked.connect(lambda: self.tool_chosen.emit(name))
        return made


def _button(text: str, tip: str) -> QToolButton:
    made = QToolButton()
    made.setText(text)
    made.setToolTip(tip)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
