"""Takes pictures of the canvas to look at: python tools/canvas_pictures.py [--out FOLDER].

A template, a U-Net, a ResNet-50 of blocks and without them, the inside of a block, a drawing with a fault, and the same
at 200 %; light and dark. Needs neither data nor a screen.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from screenshots import SIZE, settle  # noqa: E402 - found beside this file

if TYPE_CHECKING:
    from designer.window import MainWindow
    from runtime.graph import Graph

MAGNIFIED = "2"


def main() -> int:
    """Make the pictures; gives the exit code."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    words.add_argument("--suffix", default="", help=argparse.SUPPRESS)
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="netloom-pictures-") as temporary:
        os.environ["NETLOOM_SETTINGS"] = str(Path(temporary) / "settings.ini")
        take(chosen.out, chosen.suffix)
    if not chosen.suffix:
        call = [sys.executable, __file__, "--out", str(chosen.out), "--suffix", "-200"]
        subprocess.run(call, env={**os.environ, "QT_SCALE_FACTOR": MAGNIFIED}, check=True)
    return 0


def take(out: Path, suffix: str) -> None:
    """Draw each graph in a window and save what is seen."""
    from designer.app import make_app
    from designer.window import MainWindow
    from designer.window_commands import use_scheme

    app = make_app()
    out.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        use_scheme(scheme)
        for name, graph, then in drawings():
            window = MainWindow()
            window.resize(*SIZE)
            window.show()
            window.project.new(graph)
            window.show_workspace("design")
            settle(app.processEvents)
            then(window)
            settle(app.processEvents)
            window.grab().save(str(out / f"canvas-{name}-{scheme}{suffix}.png"))
            window.project.new()  # nothing to save
            window.close()


def drawings() -> Iterator[tuple[str, Graph, Callable[[MainWindow], object]]]:
    """What is drawn, under which name, and what is done before the picture."""
    from tests.builders import graphs
    from tests.builders.resnet import dissolved, resnet50

    residual = resnet50()
    yield "u-net", template("u-net"), fit
    yield "resnet-50", residual, lambda window: select(window, "Stage 2")
    yield "block", residual, enter
    yield "resnet-50-open", dissolved(residual), arrange
    yield "fault", graphs.classifier(), spoil


def template(name: str) -> Graph:
    """A template as it is shipped."""
    from runtime.files import load_graph

    return load_graph(ROOT / "resources" / "templates" / f"{name}.netloom").graph


def fit(window: MainWindow) -> None:
    """Show all of the drawing."""
    window.design.view.fit()


def select(window: MainWindow, name: str) -> None:
    """Choose the node of this name."""
    arrange(window)
    nodes = window.project.document.nodes.values()
    window.design.go_to(next(node.id for node in nodes if node.name == name))
    fit(window)


def enter(window: MainWindow) -> None:
    """Look into the first unit of the second stage."""
    for name in ("Stage 2", "First unit"):
        nodes = window.project.document.on(window.project.place.sheet).values()
        window.project.go(window.project.place.into(next(node for node in nodes if node.name == name)))
    arrange(window)


def arrange(window: MainWindow) -> None:
    """Lay the sheet out and show all of it."""
    window.design.view.editor.lay_out()
    fit(window)


def spoil(window: MainWindow) -> None:
    """Take a wire away and give a window that does not fit, and open the card that says what to do."""
    arrange(window)
    document = window.project.document
    with document.edit("Spoil"):
        pooling = next(node.id for node in document.nodes.values() if node.type == "max_pooling")
        document.change(pooling, kernel=99)
        document.disconnect(next(wire for wire in document.wires if wire.input == "features"))
    window.design.go_to(pooling)


if __name__ == "__main__":
    sys.exit(main())
