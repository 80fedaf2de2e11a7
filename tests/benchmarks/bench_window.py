"""Does the window stay free? `python -P -m tests.benchmarks.bench_window FOLDER [--clicks 20] [--stacks]`.

Prints JSON, in milliseconds. A timer beats every 5 ms on the window's thread; what lies between two beats is a gap: the
longest, the 99th percentile, and how many are longer than 100 ms, by the clock and of the processor for this thread
alone, which other programs disturb less. `scanning` is from the drop of the folder on the window until its survey is
over, `clicking` are clicks of the mouse on series and files of the tree, on cases of the table and on small pictures,
`turning` the pages on both sides. The scan is the first one: it has a cache of its own. With `--stacks` a thread notes
what ran in the long gaps, which takes a little time itself.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import PySide6
from PySide6.QtCore import QMimeData, QModelIndex, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication

import nodes  # noqa: F401 - fills the registry
from designer import theme
from designer.data.workspace import DataWorkspace
from designer.window import MainWindow
from tests.benchmarks.heartbeat import Gaps, Heartbeat, spin

_REST = 0.4  # seconds after a click
_PATIENCE = 300


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clicks", type=int, default=20)
    parser.add_argument("--stacks", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["NETLOOM_CACHE"] = str(Path(place) / "cache")
        os.environ["NETLOOM_SETTINGS"] = str(Path(place) / "settings.ini")
        result = measured(asked.folder.resolve(), asked.clicks, asked.stacks)
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")


def measured(folder: Path, clicks: int, stacks: bool) -> dict[str, object]:
    """All figures."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if isinstance(app, QApplication):
        theme.apply(app, Qt.ColorScheme.Dark)
    window = MainWindow()
    window.resize(1400, 900)
    window.show()
    spin(1.0)
    heart = Heartbeat(stacks=stacks)
    found: dict[str, object] = {
        "python": platform.python_version(), "PySide6": PySide6.__version__, "cores": os.cpu_count(),
        "load before": [round(one, 2) for one in os.getloadavg()],
    }  # fmt: skip
    for name, gaps in {
        "scanning": scanning(heart, window, folder),
        "clicking": clicking(heart, window.data, clicks),
        "turning": turning(heart, window.data),
    }.items():
        found[name] = gaps.told()
    found["cases"] = len(window.data.browser.book.samples)
    if stacks:
        found["long gaps"] = [{"clock": round(clock * 1000), "own": round(own * 1000), "what": what}
                              for clock, own, what in sorted(heart.where, reverse=True)[:25]]  # fmt: skip
    window.project.new()
    window.close()
    return found


def scanning(heart: Heartbeat, window: MainWindow, folder: Path) -> Gaps:
    """From the drop of a folder until all is known of it."""
    gaps = heart.begin()
    drop(window, folder)
    until = time.monotonic() + _PATIENCE
    while window.data.survey is None or window.data.survey.running or window.data.busy.isVisible():
        spin(0.2)
        if time.monotonic() > until:
            raise SystemExit("the survey did not end")
    spin(1.0)
    return gaps


def drop(window: MainWindow, folder: Path) -> None:
    """What the file manager does when a folder is dropped."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder))])
    where, left, none = QPoint(400, 300), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    action = Qt.DropAction.CopyAction
    QApplication.sendEvent(window, QDragEnterEvent(where, action, mime, left, none))
    QApplication.sendEvent(window, QDropEvent(where.toPointF(), action, mime, left, none))


def clicking(heart: Heartbeat, data: DataWorkspace, clicks: int) -> Gaps:
    """Clicks through the tree, the table and the small pictures."""
    browser, gaps = data.browser, heart.begin()
    browser.left.setCurrentWidget(browser.tree)
    browser.right.setCurrentWidget(browser.cases)
    spin(_REST)
    for index in spread(list(lines(browser.tree.tree)), clicks):
        click(browser.tree.tree, index)
    rows = browser.cases.table.model()
    for index in spread([rows.index(row, 0) for row in range(rows.rowCount())], clicks):
        click(browser.cases.table, index)
    browser.left.setCurrentWidget(browser.grid)
    spin(_REST)
    for index in spread([browser.grid.pictures.index(row) for row in range(browser.grid.pictures.rowCount())], clicks):
        click(browser.grid, index)
    return gaps


def turning(heart: Heartbeat, data: DataWorkspace) -> Gaps:
    """Every page of both sides is opened."""
    gaps = heart.begin()
    for tabs in (data.browser.left, data.browser.right):
        for place in range(tabs.count()):
            bar = tabs.tabBar()
            QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
            spin(_REST)
    return gaps


def click(view: QAbstractItemView, index: QModelIndex) -> None:
    """A click of the mouse on a line, and the time that a hand takes for the next."""
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
    spin(_REST)


def lines(view: QAbstractItemView, above: QModelIndex | None = None) -> Iterator[QModelIndex]:
    """The lines of a tree that are there already."""
    model = view.model()
    above = above or QModelIndex()
    for row in range(model.rowCount(above)):
        index = model.index(row, 0, above)
        yield index
        yield from lines(view, index)


def spread(found: list[QModelIndex], most: int) -> list[QModelIndex]:
    """So many of them, from the first to the last."""
    return found[:: max(1, -(-len(found) // most))] if found else []


if __name__ == "__main__":
    main()
