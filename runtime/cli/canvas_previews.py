"""The process that gives the canvas its previews: requests as JSON lines on stdin, answers on stdout.

Requests are {"id", "project": file, "run": folder or "", "case": number}; an answer holds `file` or `error`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from runtime.cli.answering import Into, answer_on_stdout

if TYPE_CHECKING:
    from runtime.compile import Network


def register(app: typer.Typer) -> None:
    """Enter the command, which people are not shown."""
    app.command(hidden=True)(look)


def look(into: Into) -> None:
    """Answer the requests of a canvas until they end."""
    answer_on_stdout(LookServer(into).looked)


class LookServer:
    """Keeps the decoded case and the network of the run asked for last."""

    def __init__(self, into: Path) -> None:
        self._into = into
        self._kept: tuple[object, Network] | None = None

    def looked(self, request: Mapping[str, Any]) -> Path:
        """The file of the record (see runtime.looking.previews). Raises RunError, DataError and ProjectError."""
        from runtime.analysis import analyse
        from runtime.files import load_graph
        from runtime.looking.previews import look as looked
        from runtime.looking.record import write_record

        analysis = analyse(load_graph(Path(str(request["project"]))).graph)
        network = self._network(Path(str(request["run"]))) if request["run"] else None
        record = looked(analysis, int(request["case"]), network, self._into)
        file = self._into / f"look-{request['id']}.npz"
        write_record(record, file)
        return file

    def _network(self, folder: Path) -> Network:
        """The network of a run's best epoch; loaded anew when there is a better one."""
        from runtime.runs import Run
        from runtime.trained import load_trained

        best = sorted((folder / "checkpoints").glob("best*.safetensors"))
        mark = (folder, *((file.name, file.stat().st_mtime_ns) for file in best))
        if self._kept is None or self._kept[0] != mark:
            self._kept = mark, load_trained(Run(folder)).network
        return self._kept[1]
