"""What goes wrong in a run, in words for the user; free of torch so that the window can catch it too."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.problems import Problem


class RunError(Exception):
    """The work cannot go on; the text is a sentence for the user, `node` the id of the node to blame ("": none)."""

    def __init__(self, message: str, node: str = "") -> None:
        super().__init__(message)
        self.node = node


class NodeFailure(RunError):
    """A node failed while it was built or run."""


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
