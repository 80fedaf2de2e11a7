"""One row of the table, done for real by the command line: new, train, evaluate, export."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .data import DATA
from .rows import Row

Found = dict[str, Any]


def shown(row: Row, real: Path, place: Path) -> Found:
    """Train the template in an empty folder, and what came of it. Raises RuntimeError when a command fails."""
    data = DATA[row.data]
    folder = place / "data"
    folder.mkdir()
    project, run = place / "project.netloom", place / "run"
    labels = ("--labels", data.labels) if data.labels else ()
    made = data.make(real, folder)
    given = [word for source in data.sources for word in ("--data", made / source)]
    _call("new", row.template, *given, *labels, "--out", project)
    parameters = _answer("check", project, "--json")["parameters"]
    asked = ("--epochs", row.epochs, "--seed", row.seed, "--device", "cpu", *row.options)
    began = _processor()
    trained = _answer("train", project, "--run", run, *asked)["epochs"]
    seconds = _processor() - began
    if trained != row.epochs:
        raise RuntimeError(f"stopped after {trained} of {row.epochs} epochs: this is no result")
    measured = _answer("evaluate", run, "--part", "test", "--json") if row.measure else {}
    exported = _answer("export", run, "--to", "onnx", "--out", place / "model.onnx", "--json")
    return {
        "data": data.title, "epochs": row.epochs, "seed": row.seed, "parameters": parameters, "measure": row.measure,
        "value": measured["metrics"][row.measure] if row.measure else None, "aim": row.aim,
        "cases": measured.get("cases", 0), "seconds": round(seconds, 1), "difference": exported["max_abs_difference"],
    }  # fmt: skip


def _processor() -> float:
    """Seconds of the processor that the commands called so far have used, with their own children."""
    used = os.times()
    return used.children_user + used.children_system


def _call(*words: object) -> str:
    command = [sys.executable, "-P", "-m", "runtime.cli", *map(str, words)]
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(command[4:])}: {ran.stderr.strip()[-2000:]}")
    return ran.stdout


def _answer(*words: object) -> Found:
    answer: Found = json.loads(_call(*words))
    return answer
