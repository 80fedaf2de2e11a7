"""Reading the cases of a training: what is wrong with them is told without the names of their files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from runtime.analysis import Analysis
from runtime.attach import sources_in_use
from runtime.changed_files import note_names
from runtime.data.catalogue import DataError, DataSet, Skipped
from runtime.data.matched import Matched
from runtime.data.walk import walk
from runtime.errors import DataRefused, RunError
from runtime.material import read_cases
from runtime.nameless import Nameless


def cases_for(run_folder: Path, analysis: Analysis) -> Matched:
    """The cases of all sources in use, matched, for the training of this run folder.

    Raises DataRefused when the data cannot be used: its sentence has numbers for the names of files, which are kept for
    the user alone (see runtime.changed_files). Raises RunError when labels have changed.
    """
    try:
        return read_cases(analysis)
    except RunError as error:
        if not isinstance(error.__cause__, DataError):
            raise
        refused, cause = error, error.__cause__
    folders = {source: _folder(analysis, source) for source in sources_in_use(analysis.graph)}
    files = {source: _files_in(Path(folder)) for source, folder in folders.items() if folder and Path(folder).is_dir()}
    told = str(refused)
    note_names(run_folder, sorted({path for paths in files.values() for path in paths if path in told}))
    reasons = [_without_names(problem, folders, files) for problem in cause.problems]
    name = analysis.graph.nodes[refused.node].name if refused.node else ""
    where = f"The data of “{name}” cannot be used: " if name and told != str(cause) else ""
    # The first failure is left behind, because the log of the run shows what a failure comes from.
    raise DataRefused(f"{where}{' '.join(reasons)}", refused.node) from DataError(*reasons)


def _folder(analysis: Analysis, source: str) -> str:
    return str(getattr(analysis.facts[source].type, "folder", ""))


def _files_in(folder: Path) -> tuple[str, ...]:
    return tuple(path for path in walk(folder) if isinstance(path, str))


def _without_names(text: str, folders: Mapping[str, str], files: Mapping[str, tuple[str, ...]]) -> str:
    for source, paths in files.items():
        listed = tuple(Skipped(path, "") for path in paths)
        text = Nameless(DataSet(folders[source], "image", (), "", (), 1, (), "", skipped=listed))(text)
    return text
