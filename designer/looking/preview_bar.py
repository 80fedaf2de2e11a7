"""The line above the canvas that says which case the previews show, and with which weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from designer.canvas.layered_view import LayeredView
from designer.looking.live_previews import LivePreviews
from designer.parts import button, label
from designer.project import Project
from designer.trained_runs import trained_runs

_RUN = 24  # letters of a run's name that are seen at least


class PreviewBar(QWidget):
    """Hidden while previews are off; `turned` tells when they are turned on or off."""

    turned = Signal(bool)

    def __init__(self, project: Project, view: LayeredView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project, self._view = project, view
        self.previews = LivePreviews(project, view.canvas, self)
        self.far = label("", "warning", wrap=False)
        self.nearer = button(self.tr("Zoom in"))
        self.says = label("", "small", wrap=False)
        self.fault = label("", "wrong")
        self.before = button(self.tr("Previous case"))
        self.after = button(self.tr("Next case"))
        self.weights = QComboBox()
        self.close_button = button(self.tr("Hide previews"))
        self._lay_out()
        self._connect()
        self.hide()

    def turn_on(self, on: bool) -> None:
        """Show previews beside all nodes, or take them away."""
        if on:
            self._offer_runs()
            self.fault.hide()
        self.setVisible(on)
        self._tell_far()
        self.previews.turn_on(on)
        self.turned.emit(on)

    def _offer_runs(self) -> None:
        """The runs of the project as it is saved; their weights go to the nodes that are still as they were trained."""
        chosen = self.weights.currentData()
        self.weights.clear()
        self.weights.addItem(self.tr("before training"), None)
        for run in trained_runs(self._project.path) if self._project.path is not None else ():
            self.weights.addItem(self.tr("after training: {0}").format(run.title), run.folder)
        self.weights.setCurrentIndex(max(0, self.weights.findData(chosen)))

    def _tell_far(self) -> None:
        """Where names cannot be read, pictures are not drawn either."""
        for part in (self.far, self.nearer):
            part.setVisible(self._view.is_far)

    def _say(self, text: str) -> None:
        self.says.setText(text)
        self.says.setToolTip(text)  # the path of a case may be longer than there is room

    def _on_told(self, facts: Mapping[str, Any]) -> None:
        self.fault.hide()
        self.says.show()
        text = self.tr("Case {0} of {1}: {2}").format(facts["number"] + 1, facts["cases"], facts["case"])
        failed = len(facts["problems"])
        more = self.tr("; {0} nodes could not be computed").format(failed) if failed else ""
        self._say(text + more)

    def _on_failed(self, reason: str) -> None:
        self._say("")
        self.says.hide()
        self.fault.setText(reason)
        self.fault.show()

    def _on_changed(self) -> None:
        if self.previews.busy and not self.says.text():
            self._say(self.tr("Reading a case of your data …"))

    def _on_weights(self, _index: int) -> None:
        run = self.weights.currentData()
        self.previews.show_run(Path(run) if run else None)

    def _on_replaced(self) -> None:
        self._say("")
        if not self.previews.on and not self.isHidden():
            self.hide()
            self.turned.emit(False)

    def _connect(self) -> None:
        self.weights.setAccessibleName(self.tr("Weights of the previews"))
        self.weights.setToolTip(self.tr(
            "Before training weights are random; after it those of a run are used wherever a node is as it was then."
        ))  # fmt: skip
        self.before.clicked.connect(lambda: self.previews.show_case(max(0, self.previews.case - 1)))
        self.after.clicked.connect(lambda: self.previews.show_case(self.previews.case + 1))
        self.weights.activated.connect(self._on_weights)
        self.close_button.clicked.connect(lambda: self.turn_on(False))
        self.previews.told.connect(self._on_told)
        self.previews.failed.connect(self._on_failed)
        self.previews.changed.connect(self._on_changed)
        self._project.replaced.connect(self._on_replaced)
        self._view.zoomed.connect(self._tell_far)
        self.nearer.clicked.connect(self._view.actual_size)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        self.says.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.weights.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.weights.setMinimumContentsLength(_RUN)
        for part in (self.before, self.after):
            row.addWidget(part)
        row.addWidget(self.says, 1)
        row.addWidget(self.fault, 1)
        row.addWidget(self.far)
        row.addWidget(self.nearer)
        row.addWidget(self.weights)
        row.addWidget(self.close_button)
        self.far.setText(self.tr("The drawing is too small for pictures"))
        self.nearer.setToolTip(self.tr("Show the drawing at 100 % (Ctrl+1)"))
        self._tell_far()
        self.fault.hide()
