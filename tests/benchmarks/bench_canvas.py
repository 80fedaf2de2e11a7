"""How fast is the canvas? `python -P -m tests.benchmarks.bench_canvas [--nodes 100 2000] [--peer FOLDER]`.

Prints JSON, in milliseconds. A frame is one event until its pixels are painted, on Qt's offscreen raster window of
1400 × 900; of each kind the median, the 95th percentile and the least by the clock, and the median of the processor's
time, which other programs disturb less. `pan` scrolls by a few pixels, as the hand does; `repaint`
paints every pixel of the view again; `drag` moves one node by the mouse; `zoom` turns the wheel. `shown` is one changed
setting until the canvas shows the new analysis, `analysis` the part of it that is not drawing. With `--peer` the same
is asked of NodeGraphQt, installed into a folder of its own (`pip install --no-deps --target FOLDER
NodeGraphQt==0.6.44 Qt.py`), in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import PySide6
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import nodes  # noqa: F401 - fills the registry
from designer import theme
from designer.canvas.measures import HEIGHT, WIDTH
from designer.canvas.view import CanvasView
from designer.project import Project
from runtime.analysis import analyse
from runtime.graph import Graph
from tests.benchmarks.frames import FRAMES, Figures, figures, frames, settle
from tests.builders.large import large

SIZES = (100, 1000, 2000, 5000)
TIMES = 7


def panning(view: CanvasView) -> dict[str, Figures]:
    """Frames while the view moves, and of the whole view."""
    step = (QPoint(5, 3), QPoint(-5, -3))
    return {
        "pan": frames(view.viewport(), lambda number: view.pan_by(step[number // 8 % 2])),
        "repaint": frames(view.viewport(), lambda _number: view.viewport().update()),
    }


def dragging(view: CanvasView) -> Figures:
    """Frames while a node in the middle of the drawing is dragged by the mouse."""
    items = list(view.canvas.node_items.values())
    item = items[len(items) // 2]
    view.centerOn(item.scene_box().center())
    settle()
    start = view.mapFromScene(item.pos() + QPointF(WIDTH / 2 - 60, HEIGHT / 2))
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    steps = [QPoint(20 + 9 * number, 4 * number) for number in range(12)]
    try:
        return frames(
            view.viewport(), lambda number: QTest.mouseMove(view.viewport(), start + steps[number % len(steps)])
        )
    finally:
        view.give_up()
        QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
        settle()


def opening(project: Project, graph: Graph, file: Path) -> dict[str, Figures]:
    """From the file to the painted canvas, and from the document to the file."""
    project.new(graph)
    project.save(file)

    def open_it() -> None:
        project.load(file)
        QApplication.processEvents()

    return {"save": figures(lambda: project.save(file), TIMES), "open": figures(open_it, TIMES)}


def editing(project: Project) -> dict[str, Figures]:
    """One setting is changed: until its consequences are painted, and how much of that is the analysis."""
    middle = [node for node in project.document.nodes.values() if node.type == "convolution"]
    chosen = middle[len(middle) // 2].id
    filters = count()

    def edit() -> None:
        with project.document.edit("Filters"):
            project.document.change(chosen, filters=8 + next(filters) % 2)
        project.analyse_now()
        QApplication.processEvents()

    return {
        "shown": figures(edit, FRAMES // 2),
        "analysis": figures(lambda: analyse(project.document.graph()), FRAMES // 2),
    }  # fmt: skip


def measured(number: int) -> dict[str, object]:
    """All figures for a drawing of so many nodes."""
    project = Project()
    view = CanvasView(project)
    view.resize(1400, 900)
    view.show()
    graph = large(number)
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, object] = {"wires": len(graph.wires)}
        found.update(opening(project, graph, Path(folder) / "large.netloom"))
    view.fit()
    found["full view"] = {"zoom": round(view.scale_now, 3), **panning(view), "drag": dragging(view)}
    view.actual_size()
    view.centerOn(view.canvas.content().center())
    found["100 %"] = {**panning(view), "drag": dragging(view)}
    notches = (1.1, 1 / 1.1)
    found["zoom around 80 %"] = frames(view.viewport(), lambda number: view.zoom(notches[(number + 2) // 4 % 2]))
    found.update(editing(project))
    view.close()
    view.deleteLater()
    return found


def peer(folder: Path, number: int) -> object:
    """What the same asked of NodeGraphQt gives, or in words why it cannot be asked."""
    told = [sys.executable, "-P", "-m", "tests.benchmarks.peer_canvas", str(number)]
    paths = os.pathsep.join([str(folder), str(Path.cwd())])
    done = subprocess.run(
        told, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    return json.loads(done.stdout) if done.returncode == 0 else f"not measured: {done.stderr.strip()[-300:]}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--peer", type=Path)
    asked = parser.parse_args()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if isinstance(app, QApplication):
        theme.apply(app, Qt.ColorScheme.Dark)
    result: dict[str, object] = {
        "python": platform.python_version(), "PySide6": PySide6.__version__, "cores": os.cpu_count(),
        "load before": [round(one, 2) for one in os.getloadavg()], "frames": FRAMES,
        **{f"{number} nodes": measured(number) for number in asked.nodes},
        "NodeGraphQt, 1000 nodes": peer(asked.peer, 1000) if asked.peer else "not asked: no --peer FOLDER",
    }  # fmt: skip
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
