"""What goes wrong in a run, in words for the user; free of torch so that the window can catch it too."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import ClassVar

from runtime.problems import Problem


class RunError(Exception):
    """The work cannot go on; the text is a sentence for the user, `node` the id of the node to blame ("": none).

    `code` names the class of the failure for the program, which reads no message; "" for most.
    """

    code: ClassVar[str] = ""

    def __init__(self, message: str, node: str = "") -> None:
        super().__init__(message)
        self.node = node


def file_error(error: OSError) -> str:
    """What a file that could not be used means for the user: which one, why, and what to do."""
    name = f"“{error.filename}”" if error.filename else "A file or folder of the project"
    reason = error.strerror or str(error) or type(error).__name__
    if isinstance(error, PermissionError):
        way = "give yourself the right to use it, or choose another folder"
    elif isinstance(error, FileNotFoundError):
        way = "put it back, or attach the folder again"
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        way = "make room on the disk, then train again"
    else:
        way = "see that its disk is connected and works, then try again"
    return f"{name} could not be read or written ({reason}); {way}."


class NodeFailure(RunError):
    """A node failed while it was built or run."""


class NotFinite(RunError):
    """A loss or a trained number is not a finite number any more."""

    code = "not_finite"


class DataChanged(RunError):
    """A file of the data changed or vanished while it was learned from."""

    code = "data_changed"


class DataDiffer(RunError):
    """The data are not those of the run that is to be repeated."""

    code = "data_differ"


class Breakdown(RunError):
    """The device failed beneath the training."""

    code = "device"


class OutOfMemory(Breakdown):
    """The memory of the device was not enough."""

    code = "out_of_memory"


class DataRefused(RunError):
    """The data cannot be used as they are."""

    code = "data_refused"


class BadCase(RunError):
    """One case of the data is what the training fails at."""

    code = "bad_case"


NAMED = (DataChanged.code, DataRefused.code, BadCase.code)
"""Failures of files whose names are kept for the user alone (`changed_files.py`)."""


class InputError(RunError):
    """The data do not allow what was asked; `problems` lists every reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


class GraphError(RunError):
    """The graph cannot be compiled; `problems` lists every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        listed = tuple(problems)
        super().__init__(" ".join(problem.message for problem in listed), listed[0].node if listed else "")
        self.problems = listed
