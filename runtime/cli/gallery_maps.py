"""The process that gives the gallery of cases its maps.

Requests are {"id", "run": folder, "data": folder or "", "case": key, "method"}; an answer holds `file` or `error`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from runtime.cli.answering import Into, answer_on_stdout

if TYPE_CHECKING:
    from runtime.looking.kept_maps import KeptMaps


def register(app: typer.Typer) -> None:
    """Enter the command, which people are not shown."""
    app.command(hidden=True)(maps)


def maps(into: Into) -> None:
    """Answer the requests of a gallery until they end."""
    answer_on_stdout(MapServer(into).map_of)


class MapServer:
    """Keeps the run that was asked for last."""

    def __init__(self, into: Path) -> None:
        self._into = into
        self._kept: tuple[str, str, KeptMaps] | None = None

    def map_of(self, request: Mapping[str, Any]) -> Path:
        """The file with the map that is asked for. Raises RunError and DataError."""
        from runtime.looking.kept_maps import KeptMaps
        from runtime.runs import Run

        run, data = str(request["run"]), str(request["data"])
        if self._kept is None or self._kept[:2] != (run, data) or self._kept[2].outdated:
            self._kept = run, data, KeptMaps(Run(Path(run)), Path(data) if data else None, self._into)
        return self._kept[2].map_of(str(request["case"]), request["method"])
