"""What everything is called in exported source: attributes, variables, parameters of classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from keyword import iskeyword

from runtime.analysis import Analysis
from runtime.errors import RunError
from runtime.graph import Opened
from runtime.names import identifiers
from runtime.paths import INSIDE
from runtime.plan import Place, Work
from runtime.sharing import owner_of, owners_of
from runtime.source_scopes import Scope, uses_of


class ScopeNames:
    """Names within each scope; `taken` are the classes and functions that the file has."""

    def __init__(self, analysis: Analysis, taken: Iterable[str]) -> None:
        self.analysis = analysis
        self.taken = {*taken, "Network"}
        self.names = identifiers(analysis.graph)
        self.uses = uses_of(analysis)
        self.ends = (analysis.graph.opened or Opened(analysis.graph)).ends
        self.owners = owners_of(self.uses)

    def local(self, node_or_path: str) -> str:
        """The name of a node or a copy within its scope, such as “convolution” or “stage.0”."""
        around = node_or_path.rpartition(INSIDE)[0]
        return self.names[node_or_path].removeprefix(f"{self.names[around]}." if around else "")

    def owner(self, path: str) -> str:
        """The copy of a block whose weights this one uses: itself, unless they are shared. Raises RunError."""
        owner = owner_of(path, self.owners)
        if owner.rpartition(INSIDE)[0] != path.rpartition(INSIDE)[0]:
            raise RunError(
                f"“{self.analysis.title(path)}” shares its weights with a use on another sheet, which cannot be "
                "written as Python classes; dissolve the block around one of them, or give it its own weights."
            )
        return owner

    def variables(self, scope: Scope, given: Mapping[Place, str]) -> dict[Place, str]:
        """What every value that is read in a scope is called there; `given` are those that come from outside."""
        names = dict(given)
        for item in scope.items:
            stem = self.local(item.path if isinstance(item, Scope) else item.node).replace(".", "_")
            for number, place in enumerate(item.gives):
                part = place[1] if isinstance(item, Work) else str(number + 1)
                name = self.safe(stem if len(item.gives) == 1 else f"{stem}_{part}")
                while name in names.values():
                    name += "_"
                names[place] = name
        return names

    def safe(self, name: str) -> str:
        """The name, changed where a class or function of the file has it."""
        return f"{name}_" if name in self.taken else name

    def parameters(self, scope: Scope) -> dict[Place, str]:
        """What the values that enter a copy are called in its class: as the block's ports."""
        own = {
            self.local(item.path if isinstance(item, Scope) else item.node).partition(".")[0] for item in scope.items
        }
        names: dict[Place, str] = {}
        for place in scope.takes:
            port = next(
                (one for one in self.uses[scope.path].kind.inputs if self._enters(scope, one.name, place)), None
            )
            stem = re.sub(r"\W+", "_", port.title.lower()).strip("_") if port is not None else ""
            free = stem.isidentifier() and not iskeyword(stem) and stem not in own
            stem = stem if free else f"{stem}_in" if stem.isidentifier() else "x"
            while stem in (*names.values(), *own, "self", "nn", "torch"):
                stem += "_"
            names[place] = self.safe(stem)
        return names

    def _enters(self, scope: Scope, port: str, place: Place) -> bool:
        return self.ends.get(f"{scope.path}{INSIDE}{port}") == place
