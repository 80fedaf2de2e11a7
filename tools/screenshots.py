"""Takes the pictures of the README and docs from the real window on practice data: python tools/screenshots.py.

Runs the demo in a temporary folder first (or uses a finished one: --demo FOLDER), then opens the window without a
screen and saves each workspace, light and dark, to docs/images.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from designer.window import MainWindow

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parent.parent
SIZE = (1440, 900)
WORKSPACES = ("design", "train", "evaluate")  # the others show where files lie on this machine


def main() -> int:
    """Make the pictures; gives the exit code."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--demo", type=Path, help="a folder in which the demo has run")
    words.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="netloom-pictures-") as temporary:
        demo = chosen.demo or Path(temporary) / "demo"
        os.environ["NETLOOM_SETTINGS"] = str(Path(temporary) / "settings.ini")
        if chosen.demo is None:
            call = [sys.executable, "-P", "-m", "runtime.cli", "demo", "--headless", "--out", str(demo)]
            subprocess.run(call, check=True)
        take(demo, chosen.out)
    return 0


def take(demo: Path, out: Path) -> None:
    """Open the window on the demo's project and save its workspaces."""
    from designer import remember
    from designer.app import make_app
    from designer.window import MainWindow
    from designer.window_commands import use_scheme

    app = make_app()
    out.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        use_scheme(scheme)
        window = MainWindow()
        window.resize(*SIZE)
        window.show()
        settle(app.processEvents)
        window.grab().save(str(out / f"start-{scheme}.png"))
        window.open_project(next(demo.glob("*.netloom")))
        for name in WORKSPACES:
            window.show_workspace(name)
            settle(app.processEvents)
            if name == "design":
                select(window)
                settle(app.processEvents)
            window.grab().save(str(out / f"{name}-{scheme}.png"))
        window.close()
        for entry in remember.opened():  # the next start page would show where the demo lies
            remember.forget_project(entry.path)
        settle(app.processEvents)


def select(window: MainWindow) -> None:
    """Choose a convolution, so that the inspector has something to show."""
    nodes = window.project.document.nodes.values()
    window.design.go_to(next(node.id for node in nodes if node.type == "convolution"))


def settle(turn: Callable[[], None], seconds: float = 1.0) -> None:
    """Let the window draw what is pending."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        turn()


if __name__ == "__main__":
    sys.exit(main())
