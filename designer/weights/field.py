"""Where weights to begin with come from: a file, a run folder or nothing, and a look at what of them fits."""

from __future__ import annotations

import os

from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from designer.inspector.fields import FolderField
from designer.parts import set_possible
from designer.project import Project
from designer.weights.report_window import ReportWindow
from nodes.settings import Setting


class WeightsField(FolderField):
    """A path of a file or of a run folder, which may be emptied again."""

    wide = True

    def __init__(self, setting: Setting, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(setting, parent)
        self._project = project
        self.line.setPlaceholderText(self.tr("none: at random"))
        self.look = QPushButton(self.tr("Look"))
        self.look.setAccessibleName(self.tr("Look at what of the weights fits"))
        self.look.clicked.connect(self._on_look)
        self.row.addWidget(self.look)
        self._follow()

    def show_value(self, value: object) -> None:
        super().show_value(value)
        self.line.setCursorPosition(len(self.line.text()))  # the name at the end tells most
        self._follow()

    def _follow(self) -> None:
        if hasattr(self, "look"):
            tip = self.tr("Show which layers these weights fit, and which begin at random; trains nothing")
            set_possible(self.look, "" if self._value else self.tr("Name a file or the folder of a run first."), tip)

    def _why_not(self, text: str) -> str:
        place = os.path.expanduser(text)
        if not text or (os.path.isabs(place) and os.path.exists(place)):
            return ""
        return self.tr(
            "There is no file and no run “{0}”; type the whole path of one that exists, or choose it with “…”. The "
            "project is as before."
        ).format(text)

    def _take(self, text: str) -> None:
        if not text:
            self._value = ""
            self.edited.emit("")
        else:
            super()._take(text)
        self._follow()

    def _ask(self) -> None:
        menu = QMenu(self)
        menu.addAction(self.tr("A file of weights …"), self._ask_file)
        menu.addAction(self.tr("The folder of a run …"), self._ask_run)
        if self._value:
            menu.addAction(self.tr("None: begin at random"), self._empty)
        menu.exec(self.mapToGlobal(self.rect().bottomLeft()))

    def _ask_file(self) -> None:
        kinds = self.tr("Weights (*.safetensors *.pth *.pt *.bin *.ckpt *.tar *.onnx *.nnp);;All files (*)")
        self._chosen(QFileDialog.getOpenFileName(self, self.setting.label, self.line.text(), kinds)[0])

    def _ask_run(self) -> None:
        self._chosen(QFileDialog.getExistingDirectory(self, self.setting.label, self.line.text()))

    def _chosen(self, path: str) -> None:
        if path:
            self._take(path)

    def _empty(self) -> None:
        self.line.clear()
        self._say("")
        self._take("")

    def _on_look(self) -> None:
        window = ReportWindow(self._project, self.window())
        window.show()
        window.begin()
