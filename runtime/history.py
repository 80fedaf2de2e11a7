"""What was done and undone, step by step, and when following steps count as one."""

from __future__ import annotations

from runtime.changes import Done, Step


class History:
    """The steps of a document, for undo and redo without limit."""

    def __init__(self) -> None:
        self.done: list[Step] = []
        self.undone: list[Step] = []
        self._merging: str | None = None

    def record(self, step: Step) -> Done:
        """Keep a new step, or join it with the one before when both have the same `merge`; tells which it was."""
        self.undone.clear()
        merges = step.merge is not None and step.merge == self._merging
        before = self.done.pop().changes if merges else ()
        self.done.append(Step(step.label, before + step.changes, step.merge))
        self._merging = step.merge
        return "merge" if merges else "do"

    def joined(self, merge: str | None) -> Step | None:
        """The step that one with this `merge` would join, if there is one."""
        return self.done[-1] if merge is not None and merge == self._merging else None

    def seal(self) -> None:
        """End the current step: what follows is a step of its own even with the same `merge`."""
        self._merging = None

    def back(self, for_good: bool = False) -> Step | None:
        """The step that takes the last one back, which is forgotten if `for_good`; None when nothing was done."""
        self.seal()
        if not self.done:
            return None
        step = self.done.pop()
        if not for_good:
            self.undone.append(step)
        return step.inverse()

    def forth(self) -> Step | None:
        """The last undone step, to be done again; None when nothing was undone."""
        self.seal()
        if not self.undone:
            return None
        self.done.append(self.undone.pop())
        return self.done[-1]
