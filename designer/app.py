"""The window as a program: `python -P -m designer.app [FILE]`."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, Qt, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

import nodes  # noqa: F401  (fills the registry of node types)
from designer import remember
from designer.window import MainWindow
from designer.window_commands import use_scheme

_log = logging.getLogger("netloom.window")


class LastResort(QObject):
    """The one place where what nobody foresaw is caught: a sentence in the window, the details in a log file."""

    def __init__(self, window: MainWindow, log: Path) -> None:
        super().__init__(window)
        self._window = window
        self.log = log

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Take the place of sys.excepthook."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        _log.error("%s", details)
        with self.log.open("a", encoding="utf-8") as file:
            file.write(details + "\n")
        reason = str(error).strip().splitlines()
        what = reason[0] if reason else kind.__name__
        said = self.tr("Something went wrong that was not foreseen: %s. Your drawing is still here; save it.") % what
        self._window.messages.say_with_log(said, self.log)


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window, with a project if one is named; gives the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    app = make_app()
    window = MainWindow()
    sys.excepthook = LastResort(window, remember.state_folder() / "window.log")
    if words:
        window.open_project(Path(words[0]).absolute())
    window.show()
    return app.exec()


def make_app() -> QApplication:
    """The application with its names, its look and Qt's own texts in the user's language."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Netloom")
    app.setOrganizationName("Netloom")
    app.setApplicationDisplayName("Netloom")
    app.setDesktopFileName("netloom")
    texts = QTranslator(app)
    if texts.load(QLocale(), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(texts)
    use_scheme(str(remember.settings().value("scheme", "system")))
    return app


if __name__ == "__main__":
    sys.exit(main())
