"""The check list, run by `python3 start.py test`: one line for each check, all of them even after a failure.

Needs the standard library only, and the development packages in the environment that runs it. With --long the tests
marked as long are run too. When all is well, the last line counts the tests in pytest's own words.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, STDOUT

ROOT = Path(__file__).resolve().parent.parent
QUICK = ("-m", "not long")
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
COUNTED = ("failed", "passed", "skipped", "deselected", "xfailed", "warnings", "errors")


@dataclass(frozen=True)
class Check:
    """One command for this Python; with `tests` its output is shown as it comes and its closing line is counted."""

    name: str
    words: tuple[str, ...]
    tests: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def checks(long: bool) -> list[Check]:
    """The list. Every test runs once: those of the window with Qt, all others where Qt cannot be imported."""
    chosen = () if long else QUICK
    pytest = ("-m", "pytest", "-q", "--no-header", *chosen)
    return [
        Check("style: ruff", ("-m", "ruff", "check", ".")),
        Check("types: mypy", ("-m", "mypy", "--strict", "nodes", "runtime", "designer", "tools", "start.py")),
        Check("imports: lint-imports", ("-c", LINT_IMPORTS)),
        Check("node reference in sync", ("-m", "nodes.reference", "--check")),
        Check(
            "tests without Qt",
            (*pytest, "-p", "no:pytest-qt", "--ignore=tests/designer", "tests"),
            tests=True,
            environment={"NETLOOM_NO_QT": "1"},
        ),
        Check("tests of the window", (*pytest, "tests/designer"), tests=True),
    ]


def main(words: list[str]) -> int:
    """Run the list; 0 when all is well, 1 when a check failed, 2 when the call's words are off."""
    if set(words) - {"--long"}:
        print(f"python3 start.py test takes --long and nothing else, not: {' '.join(words)}", file=sys.stderr)
        return 2
    began = time.monotonic()
    failed: list[str] = []
    counts: Counter[str] = Counter()
    for check in checks(long="--long" in words):
        passed, output = run(check)
        if not passed:
            failed.append(check.name)
        if check.tests:
            counts.update(counted(output))
    return conclude(failed, counts, time.monotonic() - began)


def run(check: Check) -> tuple[bool, str]:
    """Run one check and print its line; tests show what they say as it comes, others only when they fail."""
    print(f"{check.name} …", flush=True)
    began = time.monotonic()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1", **check.environment}
    command = [sys.executable, *check.words]
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, encoding="utf-8", errors="replace", stdout=PIPE, stderr=STDOUT
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if check.tests:
                print(line, end="", flush=True)
    passed = process.returncode == 0
    output = "".join(lines)
    if not passed and not check.tests:
        print(output.rstrip())
    print(f"{'ok    ' if passed else 'FAILED'} {check.name} ({time.monotonic() - began:.0f} s)")
    return passed, output


def closing_line(output: str) -> str:
    """The last line of pytest's output, without its frame."""
    lines = output.rstrip().splitlines()
    return lines[-1].strip("= ") if lines else ""


def counted(output: str) -> Counter[str]:
    """The numbers of pytest's closing line by their words: 12 passed, 1 skipped."""
    counts: Counter[str] = Counter()
    for number, word in re.findall(r"(\d+) (\w+)", closing_line(output)):
        counts[{"error": "errors", "warning": "warnings"}.get(word, word)] += int(number)
    return counts


def conclude(failed: list[str], counts: Counter[str], seconds: float) -> int:
    """Print what failed, then the closing line over all test runs."""
    if failed:
        print(f"{len(failed)} of the checks failed: {', '.join(failed)}")
    summary = ", ".join(f"{counts[word]} {word}" for word in COUNTED if counts[word])
    print(f"{summary or 'no tests ran'} in {seconds:.2f}s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
