"""Files that the program needs at run time: icons and templates."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def path(*parts: str) -> Path:
    """The path of a file among the resources, such as path("icons", "dense.svg")."""
    return _ROOT.joinpath(*parts)
