"""One way out of the program: what it gives, the button that begins it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from designer.parts import Role, button, counted, label, row_of

_MARGIN = 16


class Card(QFrame):
    """Shows the result below the button; a written file can be gone to, and its place copied.

    `choices` stand above the button, other buttons `beside` it. A card that `opens` shows its file in the program that
    the system has for it. One without a frame is a part of another card.
    """

    def __init__(
        self,
        title: str,
        says: str,
        made: QPushButton,
        choices: Sequence[QWidget] = (),
        beside: Sequence[QPushButton] = (),
        opens: bool = False,
        frame: bool = True,
    ) -> None:
        super().__init__()
        if frame:
            self.setProperty("role", "card")
            self.setMaximumWidth(760)
        self.file: Path | None = None
        self.result = label("", "small")
        self.says = label(says, "muted")
        self._row = self._of_file(title, opens)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        inside.setSpacing(8)
        inside.addWidget(label(title, "title"))
        inside.addWidget(self.says)
        if choices:
            inside.addLayout(row_of(*choices))
        inside.addLayout(row_of(made, *beside))
        inside.addWidget(self.result)
        inside.addWidget(self._row)
        self.clear()

    def _of_file(self, title: str, opens: bool) -> QWidget:
        """What can be done with the file that was written."""
        self.open_folder = button(self.tr("Open folder"), self.tr("Show the folder in which the file lies"))
        self.open_folder.setAccessibleName(self.tr("Open folder of the file of “%s”") % title)
        self.open_folder.clicked.connect(self._open)
        self.copy_path = button(self.tr("Copy path"), self.tr("Copy the name of the file with its folders"))
        self.copy_path.setAccessibleName(self.tr("Copy path of the file of “%s”") % title)
        self.copy_path.clicked.connect(self._copy)
        self.open_file = button(self.tr("Open"), self.tr("Show the file in the program that opens such files"))
        self.open_file.setAccessibleName(self.tr("Open the file of “%s”") % title)
        self.open_file.clicked.connect(self._open_file)
        row = QWidget()
        ways = row_of(*([self.open_file] if opens else []), self.open_folder, self.copy_path)
        ways.setContentsMargins(0, 0, 0, 0)
        row.setLayout(ways)
        return row

    def clear(self) -> None:
        """Nothing was made yet."""
        self.result.hide()
        self._row.hide()

    def tell(self, text: str, role: Role = "small", file: Path | None = None) -> None:
        """Say what came of it; `file` is what was written."""
        self.file = file
        self.result.setProperty("role", role)
        self.result.style().unpolish(self.result)
        self.result.style().polish(self.result)
        self.result.setText(text)
        self.result.show()
        self._make_room()
        self._row.setVisible(file is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrapped text needs another height at another width."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """A scrolled column asks no text for its height at the width it gets: it would cut the last lines off."""
        width = self.contentsRect().width() - 2 * _MARGIN
        for text in (self.says, self.result):
            text.setMinimumHeight(max(0, text.heightForWidth(width)))

    def _open_file(self) -> None:
        if self.file is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.file)))

    def _open(self) -> None:
        if self.file is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.file.parent)))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(str(self.file or ""))


def export_text(record: Mapping[str, Any]) -> str:
    """What the check of an export found, in plain words."""
    opset = f" (ONNX opset {record['opset']})" if record.get("opset") else ""
    count, difference = int(record["checked_cases"]), float(record["max_abs_difference"])
    cases = f"{counted(count, 'draw')} of noise" if record.get("drawn") else counted(count, "held-out case")
    found = f"the largest difference is {plainly(difference)}" if difference else "the answers are exactly the same"
    if record.get("precision", "single") != "single":
        lines = [
            f"{name.replace('_', ' ').capitalize()}: {full:.4g} in full precision, {less:.4g} in this file"
            for name, (full, less) in record["loss"].items()
        ]
        return "\n".join([f"Written and checked{opset}, with smaller numbers.", *lines, str(record["file"])])
    checked = f"Compared with the trained model on {cases}: {found}. It fits."
    return f"Written and checked{opset}. {checked}\n{record['file']}"


def plainly(number: float) -> str:
    """A small number with all its zeros: 0.00000012."""
    return f"{Decimal(f'{number:.1e}'):f}"
