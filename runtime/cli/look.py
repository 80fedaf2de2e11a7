"""The process that gives the canvas its previews: requests as JSON lines on stdin, answers on stdout.

Requests are {"id", "project": file, "run": folder or "", "case": number}; an answer holds `file` or `error`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from runtime.data.catalogue import DataError
from runtime.errors import GraphError, RunError
from runtime.files import ProjectError

if TYPE_CHECKING:
    from runtime.compile import Network


def register(app: typer.Typer) -> None:
    """Enter the command, which people are not shown."""
    app.command(hidden=True)(look)


def look(into: Annotated[Path, typer.Argument(help="The folder for the pictures; the reader removes them.")]) -> None:
    """Answer the requests of a canvas until they end."""
    for answer in LookServer(into).answers(sys.stdin):
        typer.echo(json.dumps(answer))
        sys.stdout.flush()


class LookServer:
    """Answers requests one after the other; keeps the decoded case and the network of the run asked for last."""

    def __init__(self, into: Path) -> None:
        self._into = into
        self._kept: tuple[object, Network] | None = None

    def answers(self, lines: Iterable[str]) -> Iterable[dict[str, Any]]:
        """One answer for each line: the file of the record (see runtime.looking.previews), or {"error"} in words."""
        for line in lines:
            request = json.loads(line)
            try:
                answer = {"file": str(self._looked(request))}
            except (RunError, DataError, GraphError, ProjectError) as fault:
                answer = {"error": str(fault)}
            yield {"id": request["id"], **answer}

    def _looked(self, request: Mapping[str, Any]) -> Path:
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
