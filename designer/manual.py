"""The manual in a window of its own, beside the work; nothing but the file itself is read."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

_SIZE = (820, 720)


class Manual(QDialog):
    """Shows a Markdown file; it can stay open while the user works."""

    def __init__(self, file: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Manual"))
        self.setModal(False)
        self._folder = file.parent
        self.text = QTextBrowser()
        self.text.setAccessibleName(self.tr("Manual"))
        self.text.setOpenLinks(False)
        self.text.document().setBaseUrl(QUrl.fromLocalFile(f"{file.parent}/"))
        self.text.setMarkdown(file.read_text(encoding="utf-8"))
        self.text.anchorClicked.connect(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        self.resize(*_SIZE)

    def _go(self, link: QUrl) -> None:
        """Go to a place in the manual, or to another page beside it; other places are named, not visited."""
        page = self._folder / link.path()
        if link.isRelative() and link.path() and page.suffix == ".md" and page.is_file():
            self.text.setMarkdown(page.read_text(encoding="utf-8"))
            self._folder = page.parent
        elif link.hasFragment() and not link.path():
            self.text.scrollToAnchor(link.fragment())
        else:
            self.setWindowTitle(self.tr("Manual · %s") % link.toString())
