"""The check list, run by `python3 start.py test`: one line for each check, all of them even after a failure.

Needs the standard library only, and the development packages in the environment that runs it. With --long the tests
marked as slow or long are run too. Two runs of tests go beside each other, because both wait for processes much of the
time; what the first says is shown as it comes, what the others say when it is done. When all is well, the last line
counts the tests in pytest's own words.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, STDOUT

ROOT = Path(__file__).resolve().parent.parent
PYTEST = ("-m", "pytest", "-q", "--no-header")
QUICK, REST, LONG = ("-m", "not long and not slow"), ("-m", "not long"), ("-m", "long")
ONE_THREAD = {"OMP_NUM_THREADS": "1"}  # two test runs at once share the cores; threads that wait for others would spin
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
AT_ONCE = 2  # runs of tests
COUNTED = ("failed", "passed", "skipped", "deselected", "xfailed", "warnings", "errors")


@dataclass(frozen=True)
class Check:
    """One command for this Python; with `tests` its output is shown in any case and its closing line is counted."""

    name: str
    words: tuple[str, ...]
    tests: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def checks(long: bool) -> list[Check]:
    """The list. Every test runs once: those of the window with Qt, all others where Qt cannot be imported."""
    window = Check(
        "tests of the window", (*PYTEST, *(() if long else QUICK), "tests/designer"), tests=True, environment=ONE_THREAD
    )
    return [
        Check("style: ruff", ("-m", "ruff", "check", ".")),
        Check("types: mypy", ("-m", "mypy", "--strict", "nodes", "runtime", "designer", "tools", "start.py")),
        Check("imports: lint-imports", ("-c", LINT_IMPORTS)),
        Check("node reference in sync", ("-m", "nodes.reference", "--check")),
        Check("templates in sync", ("-m", "tools.templates", "--check")),
        *([without_qt("long tests without Qt", LONG), window] if long else []),
        without_qt("tests without Qt", REST if long else QUICK),
        *([] if long else [window]),
    ]


def without_qt(name: str, which: tuple[str, ...]) -> Check:
    """Tests of all but the window, where Qt cannot be imported."""
    words = (*PYTEST, *which, "-p", "no:pytest-qt", "--ignore=tests/designer", "tests")
    return Check(name, words, tests=True, environment={"NETLOOM_NO_QT": "1", **ONE_THREAD})


def main(words: list[str]) -> int:
    """Run the list; 0 when all is well, 1 when a check failed, 2 when the call's words are off."""
    if set(words) - {"--long"}:
        print(f"python3 start.py test takes --long and nothing else, not: {' '.join(words)}", file=sys.stderr)
        return 2
    began = time.monotonic()
    failed: list[str] = []
    counts: Counter[str] = Counter()
    listed = checks(long="--long" in words)
    for check in listed:
        if not check.tests:
            note(check, *run(check), failed, counts)
    tests = [check for check in listed if check.tests]
    show(f"{', '.join(check.name for check in tests)} …\n")
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        runs = [pool.submit(run, check, *([show] if check is tests[0] else [])) for check in tests]
        for check, one in zip(tests, runs, strict=True):
            passed, output, seconds = one.result()
            if check is not tests[0]:
                show(f"{check.name}, run meanwhile:\n{output}")
            note(check, passed, output, seconds, failed, counts)
    return conclude(failed, counts, time.monotonic() - began)


def show(text: str) -> None:
    """Print as it is, at once."""
    print(text, end="", flush=True)


def note(check: Check, passed: bool, output: str, seconds: float, failed: list[str], counts: Counter[str]) -> None:
    """Print the line of a check, and what it said if it failed; remember how it went."""
    if not passed:
        failed.append(check.name)
    if check.tests:
        counts.update(counted(output))
    elif not passed:
        print(output.rstrip())
    print(f"{'ok    ' if passed else 'FAILED'} {check.name} ({seconds:.0f} s)", flush=True)


def run(check: Check, hear: Callable[[str], None] = lambda _line: None) -> tuple[bool, str, float]:
    """Run one check: whether it passed, what it said, and the seconds it took. `hear` gets each line as it comes."""
    began = time.monotonic()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1", **check.environment}
    command = [sys.executable, *check.words]
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, encoding="utf-8", errors="replace", stdout=PIPE, stderr=STDOUT
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            hear(line)
    return process.returncode == 0, "".join(lines), time.monotonic() - began


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
