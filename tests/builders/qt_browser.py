"""Qt WebEngine as a program: loads a page without a window, and tells its document or prints it to a file."""

import os
import sys

os.environ |= {
    "QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1", "QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu",
}  # fmt: skip

from PySide6.QtCore import QUrl
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWidgets import QApplication


def main(file: str, pdf: str = "") -> int:
    """0 when the page was loaded, and printed."""
    app = QApplication([])
    page = QWebEnginePage()
    told: list[str] = []

    def take(text: str) -> None:
        told.append(text)
        app.quit()

    def loaded(well: bool) -> None:
        if not well:
            app.exit(1)
        elif pdf:
            page.printToPdf(pdf)
        else:
            page.toHtml(take)

    page.loadFinished.connect(loaded)
    page.pdfPrintingFinished.connect(lambda _file, well: app.exit(0 if well else 1))
    page.load(QUrl.fromLocalFile(file))
    ended = app.exec()
    sys.stdout.write("".join(told))
    page.deleteLater()
    app.processEvents()  # the page goes before the application, which it needs to the end
    return ended


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
