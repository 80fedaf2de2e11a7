"""`netloom train --repeat RUN`: what goes with it, and its job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from runtime.cli.output import WRONG_CALL, Refused, of_the_input
from runtime.cli.run_folders import existing_run
from runtime.data_places import data_places
from runtime.job import Job
from runtime.repeating import repeat_folder, repeat_job

Repeat = Annotated[
    Path | None,
    typer.Option("--repeat", help="Train again as this run folder says: its graph, split, seed and settings.",
                 readable=False),
]  # fmt: skip
_GOES_WITH = frozenset({"repeat", "run", "data", "memory", "events", "as_json"})


def repeated(earlier: Path, run: Path | None, data: Sequence[str] | None, given: Mapping[str, Any]) -> Job:
    """The job that repeats a run. Raises Refused when more was asked for than a repeated run allows."""
    more = sorted(name for name, value in given.items() if name not in _GOES_WITH and value not in (None, False, ""))
    if more:
        named = "a project file" if more == ["file"] else ", ".join(f"--{name}" for name in more if name != "file")
        raise Refused(
            f"--repeat takes everything from {earlier}, so {named} cannot go with it; leave it out. --run, --data, "
            "--memory and --events may be given.", code=WRONG_CALL
        )  # fmt: skip
    found = existing_run(earlier)
    with of_the_input():
        places = data_places(found.job.graph, data) if data else None
    for place in (places or {}).values():
        if not place.exists():
            raise Refused(f"{place} is not there; name where the data lie now.")
    with of_the_input():
        return repeat_job(found.folder, run if run is not None else repeat_folder(found.folder), places)
