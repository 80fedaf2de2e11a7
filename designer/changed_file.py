"""The question what to do when something else has changed the project's file."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMessageBox, QWidget

Way = Literal["elsewhere", "overwrite", "reload", ""]


def ask_way(window: QWidget, name: str) -> Way:
    """Save as another file, overwrite, reload; "" when the user does nothing for now."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(_tr("Changed on disk"))
    box.setText(_tr("“%s” was changed by something else since it was opened or saved here.") % name)
    box.setInformativeText(_tr("Another file keeps both. Overwrite keeps what is drawn, Reload what is in the file."))
    roles = QMessageBox.ButtonRole
    ways: dict[object, Way] = {
        box.addButton(_tr("Save as another file …"), roles.AcceptRole): "elsewhere",
        box.addButton(_tr("Overwrite"), roles.DestructiveRole): "overwrite",
        box.addButton(_tr("Reload"), roles.DestructiveRole): "reload",
    }
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.exec()
    return ways.get(box.clickedButton(), "")


def may_reload(window: QWidget, name: str) -> bool:
    """Whether what is drawn here may be given up."""
    buttons = QMessageBox.StandardButton
    text = _tr("Reload “%s”? What was changed here and not saved is lost.") % name
    answer = QMessageBox.question(window, _tr("Reload?"), text, buttons.Yes | buttons.Cancel, buttons.Cancel)
    return answer == buttons.Yes


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChangedFile", text)
