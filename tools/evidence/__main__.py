"""`python -m tools.evidence [--real FOLDER] [NAME ...]` trains templates and writes what came of it into the table."""

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
    """Train what is named, or all; what fails is told, and the rest goes on. Rows that are not named are kept."""
    names = [entry.name for entry in known()]
    parser = argparse.ArgumentParser(prog="python -m tools.evidence")
    parser.add_argument("names", nargs="*", metavar="NAME", help="templates; all when none is named")
    parser.add_argument("--real", type=Path, default=Path("../shared/data"), help="the folder with real data")
    parser.add_argument("--page", action="store_true", help="train nothing; write docs/templates.md of what was seen")
    parser.add_argument("--check", action="store_true", help="train nothing; end with 1 when that page is not as seen")
    asked = parser.parse_args()
    if unknown := sorted({*asked.names} - {*names}):
        parser.error(f"no template {', '.join(unknown)}; {', '.join(names)} are there")
    if asked.check:
        return 0 if PAGE.read_text(encoding="utf-8") == page(seen()) else 1
    if asked.page:
        keep({})
        return 0
    failed = 0
    for row in rows(asked.names or names):
        with tempfile.TemporaryDirectory() as place:
            try:
                found = shown(row, asked.real, Path(place))
            except RuntimeError as error:
                failed += 1
                sys.stderr.write(f"{row.template}: {error}\n")
                continue
        keep({row.template: found})
        sys.stdout.write(f"{row.template}: {found}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
