"""`python -m tools.evidence [--real FOLDER] [NAME ...]` trains templates and writes the table; `--check` compares."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from runtime.templates import known

from .rows import rows
from .table import PAGE, keep, page, seen
from .training import shown


def main() -> int:
    """Train what is named, or all; what fails is told, and the rest goes on."""
    parser = argparse.ArgumentParser(prog="python -m tools.evidence")
    parser.add_argument("names", nargs="*", help="templates; all when none is named")
    parser.add_argument("--real", type=Path, default=Path("../shared/data"), help="the folder with real data")
    parser.add_argument("--check", action="store_true", help="only compare docs/templates.md with what was seen")
    asked = parser.parse_args()
    found = seen()
    if asked.check:
        return 0 if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page(found) else 1
    failed = 0
    for row in rows(asked.names or [entry.name for entry in known()]):
        with tempfile.TemporaryDirectory() as place:
            try:
                found[row.template] = shown(row, asked.real, Path(place))
            except RuntimeError as error:
                failed += 1
                sys.stderr.write(f"{row.template}: {error}\n")
                continue
        keep(found)
        sys.stdout.write(f"{row.template}: {found[row.template]}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
