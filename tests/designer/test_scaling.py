"""The window at 100, 150 and 300 % on a small screen, each in a process of its own: Qt takes the scale at its start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PIXELS = (1920, 1080)
SCALES = ("1", "1.5", "3")

LOOK = """
import json, sys
sys.path.insert(0, sys.argv[1])
from PySide6.QtCore import Qt, QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from designer.app import make_app
from designer.window import MainWindow
from runtime.templates import graph_of

app = make_app()
window = MainWindow()
window.project.new(graph_of("lenet"))
room = app.primaryScreen().availableGeometry()
least = window.minimumSizeHint()
window.resize(room.size())
window.show()

def settle():
    for _ in range(20):
        app.processEvents()

def cut(button):
    needed = button.fontMetrics().horizontalAdvance(button.text())
    return button.isVisible() and needed > button.width()

def outside(widget):
    area = widget.rect().translated(widget.mapTo(window, QPoint(0, 0)))
    return not window.rect().contains(area)

seen = {"room": [room.width(), room.height()], "least": [least.width(), least.height()], "cut": [], "reached": {},
        "ratio": window.devicePixelRatio()}
for name, page in {"start": window.start, **window.workspaces}.items():
    window.show_start() if name == "start" else window.show_workspace(name)
    settle()
    seen["cut"] += [f"{name}: {one.text()}" for one in window.findChildren(QPushButton) if cut(one)]
    frame, need = window.stack.frame, page.minimumSizeHint()
    beyond = [window.stack.width() - frame.viewport().width(), window.stack.height() - frame.viewport().height()]
    bars = [frame.horizontalScrollBar().maximum(), frame.verticalScrollBar().maximum()]
    seen["reached"][name] = bars == [max(0, part) for part in beyond] and (
        page.width() >= need.width() and page.height() >= need.height()
    )
    if len(sys.argv) > 2:
        window.grab().save(f"{sys.argv[2]}-{name}.png")
seen["size"] = [window.width(), window.height()]
window.show_workspace("design")
settle()
view = window.design.view
always = [*window.top.switches.values(), window.top.train, window.statusBar(), window.menuBar(), view]
seen["outside"] = [one.accessibleName() or type(one).__name__ for one in always if outside(one)]
view.fit()
settle()
bars = [view.mapFromScene(item.scene_box()).boundingRect() for item in view.canvas.node_items.values()]
seen["canvas"] = [view.width(), view.height()]
seen["fitted"] = all(view.viewport().rect().contains(bar) for bar in bars)
left = Qt.MouseButton.LeftButton
QTest.mouseClick(view.viewport(), left, pos=bars[0].center())
seen["selected"] = len(view.canvas.selected_ids())
before = len(window.project.document.nodes)
QTest.mouseDClick(view.viewport(), left, pos=QPoint(8, 8))
settle()
box = view.finder.box
seen["box"] = view.rect().contains(box.geometry()) and box.isVisible()
QTest.keyClicks(box.field, "relu")
QTest.keyClick(box.field, Qt.Key.Key_Return)
seen["added"] = len(window.project.document.nodes) - before
window.show_workspace("design")
window.design.show_statistics(True)
settle()
table = window.design.statistics.table
seen["rows"] = table.viewport().height() // table.rowHeight(0)
window.design.show_statistics(False)
settle()
view.fix_card.open_by_key()
settle()
card = view.fix_card
seen["card"] = card.isVisible() and view.rect().contains(card.geometry())
card.close_card()
window.palette_.open()
settle()
seen["palette"] = [window.palette_.width() <= window.width(), window.palette_.height() <= window.height()]
window.palette_.hide()
window.project.new()
settle()
seen["hint"] = view._hint.isVisible() and view.rect().contains(view._hint.geometry())
print(json.dumps(seen))
window.project.new()
window.close()
"""


def looked_at(tmp_path: Path, scale: str) -> dict:
    """What a window of its own process saw of itself at this scale."""
    screen = {"name": "small", "x": 0, "y": 0, "width": PIXELS[0], "height": PIXELS[1], "dpr": 1,
              "logicalDpi": 96, "logicalBaseDpi": 96}  # fmt: skip
    places = tmp_path / "screens.json"
    places.write_text(json.dumps({"screens": [screen]}))
    own = {
        "QT_QPA_PLATFORM": f"offscreen:configfile={places}", "QT_SCALE_FACTOR": scale,
        "NETLOOM_SETTINGS": str(tmp_path / "settings.ini"), "XDG_STATE_HOME": str(tmp_path),
    }  # fmt: skip
    pictures = os.environ.get("NETLOOM_PICTURES", "")
    words = [sys.executable, "-P", "-c", LOOK, str(ROOT)]
    words += [str(Path(pictures) / f"scale-{scale}")] if pictures else []
    done = subprocess.run(words, env={**os.environ, **own}, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("scale", SCALES)
def test_that_nothing_essential_is_cut_off_on_a_small_screen(tmp_path, scale):
    seen = looked_at(tmp_path, scale)
    room = [round(size / float(scale)) for size in PIXELS]
    assert seen["ratio"] == pytest.approx(float(scale))
    assert seen["room"] == room
    assert seen["size"] == room
    assert all(least <= there for least, there in zip(seen["least"], room, strict=True))
    assert seen["cut"] == []
    assert seen["outside"] == []
    assert all(seen["reached"].values()), seen["reached"]
    assert seen["palette"] == [True, True]


@pytest.mark.slow
@pytest.mark.parametrize("scale", SCALES)
def test_that_the_canvas_can_be_used_on_a_small_screen(tmp_path, scale):
    seen = looked_at(tmp_path, scale)
    width, height = seen["canvas"]
    assert width >= 300
    assert height >= 150
    assert seen["fitted"]
    assert seen["selected"] == 1
    assert seen["box"]
    assert seen["added"] == 1
    assert seen["rows"] >= 3
    assert seen["card"]
    assert seen["hint"]
