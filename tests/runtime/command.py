"""How tests call the command line: for real, in a process of its own, from any folder."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

Ran = subprocess.CompletedProcess[str]

ENVIRONMENT = {**os.environ, "PYTHONSAFEPATH": "1", "OMP_NUM_THREADS": "1"}


def words_of(*words: object) -> list[str]:
    """The call of a command."""
    return [sys.executable, "-P", "-m", "runtime.cli", *map(str, words)]


def netloom(*words: object, folder: Path | None = None) -> Ran:
    """Run a command and give what it printed; a traceback in it is a failure of the test."""
    environment = {**ENVIRONMENT, "NETLOOM_CACHE": os.environ["NETLOOM_CACHE"]}
    ran = subprocess.run(
        words_of(*words),
        capture_output=True, text=True, encoding="utf-8", cwd=folder, env=environment, check=False,
    )  # fmt: skip
    assert "Traceback" not in ran.stdout + ran.stderr
    return ran


def done(*words: object, folder: Path | None = None) -> Ran:
    """Run a command that has to succeed."""
    ran = netloom(*words, folder=folder)
    assert ran.returncode == 0, ran.stderr
    return ran


def answer(*words: object) -> Any:
    """The JSON object that a command with --json prints, and nothing else."""
    return json.loads(done(*words, "--json").stdout)


def refused(*words: object, code: int = 1) -> str:
    """What a command with --json says that ends with this exit code; on stdout it is one JSON object."""
    ran = netloom(*words, "--json")
    assert ran.returncode == code, ran.stdout + ran.stderr
    record = json.loads(ran.stdout)
    assert record["exit"] == code
    return str(record["error"])


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
