"""Writes the templates that are drawn here into resources/templates: python -m tools.templates [--check]."""

from __future__ import annotations

import argparse
import sys

from .writing import stale, write_all


def main() -> int:
    """Write, or tell which files are not as they would be written; gives the exit code."""
    words = argparse.ArgumentParser(prog="python -m tools.templates", description=__doc__)
    words.add_argument("--check", action="store_true", help="write nothing; fail when a file differs")
    if not words.parse_args().check:
        write_all()
        return 0
    wrong = stale()
    for name in wrong:
        print(f"resources/templates/{name} is not what the drawing gives; run python -m tools.templates.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
