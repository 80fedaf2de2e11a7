"""The plan of a network as nested scopes, one for each copy of a block: what exported classes are cut from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.analysis import Analysis
from runtime.errors import RunError
from runtime.graph import Opened, Use
from runtime.paths import INSIDE, ancestors
from runtime.plan import Place, Plan, Work


@dataclass
class Scope:
    """The main network (path "") or one copy of a block. `takes` and `gives` are what crosses its edge, in order."""

    path: str
    items: list[Work | Scope] = field(default_factory=list)
    takes: list[Place] = field(default_factory=list)
    gives: list[Place] = field(default_factory=list)


def scopes_of(analysis: Analysis, plan: Plan) -> Scope:
    """The main scope with all others in it, each in an order in which it can be computed.

    Raises RunError where what leaves a block enters the same block again.
    """
    return _Cutter(analysis, plan).cut()


def uses_of(analysis: Analysis) -> Mapping[str, Use]:
    """The copies of blocks by path."""
    return (analysis.graph.opened or Opened(analysis.graph)).uses


class _Cutter:
    def __init__(self, analysis: Analysis, plan: Plan) -> None:
        self.analysis = analysis
        self.plan = plan
        self.scopes: dict[str, Scope] = {"": Scope("")}

    def cut(self) -> Scope:
        for work in self.plan.work:
            self._scope(work.node.rpartition(INSIDE)[0]).items.append(work)
        for work in self.plan.work:
            for place in work.takes:
                self._cross(place, work.node)
        for place in self.plan.kept:
            self._leave(place, "")
        for scope in self.scopes.values():
            self._sort(scope)
        return self.scopes[""]

    def _scope(self, path: str) -> Scope:
        if path not in self.scopes:
            self.scopes[path] = Scope(path)
            self._scope(path.rpartition(INSIDE)[0]).items.append(self.scopes[path])
        return self.scopes[path]

    def _cross(self, place: Place, reader: str) -> None:
        """A value enters each scope around its reader that it does not arise in."""
        for path in ancestors(reader):
            if not place[0].startswith(path + INSIDE) and place not in self.scopes[path].takes:
                self.scopes[path].takes.append(place)
        self._leave(place, reader)

    def _leave(self, place: Place, reader: str) -> None:
        for path in ancestors(place[0]):
            if not reader.startswith(path + INSIDE) and place not in self.scopes[path].gives:
                self.scopes[path].gives.append(place)

    def _sort(self, scope: Scope) -> None:
        """The items again, each after those that make what it reads; otherwise in the order of the plan."""
        makes = {place: item for item in scope.items for place in item.gives}
        waiting, done = list(scope.items), set[int]()
        scope.items = []
        while waiting:
            ready = next((item for item in waiting if _is_ready(item, makes, done)), None)
            if ready is None:
                names = " and ".join(f"“{self.analysis.title(one.path)}”" for one in waiting if isinstance(one, Scope))
                raise RunError(
                    f"What leaves {names} comes back into it through other nodes, which no Python class can do; "
                    "put these nodes into the block, or dissolve it."
                )
            waiting.remove(ready)
            done.add(id(ready))
            scope.items.append(ready)


def _is_ready(item: Work | Scope, makes: Mapping[Place, Work | Scope], done: set[int]) -> bool:
    return all(place not in makes or id(makes[place]) in done for place in item.takes)
