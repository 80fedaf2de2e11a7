"""One Python class for each block of a network: what differs between its uses becomes an argument of the class."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nodes.blocks import OF_EVERY_USE
from nodes.spec import spelled
from runtime.analysis import Analysis
from runtime.plan import Place, Work
from runtime.source_names import ScopeNames
from runtime.source_scopes import Scope
from runtime.source_text import called, indented, literal, one_line, spelling

Slot = tuple[str, str]
"""An argument of something made in a class: the local name of what is made, and the argument's name."""


@dataclass
class BlockClass:
    """A class to print. `instances` are the copies of the block that it stands for."""

    name: str
    instances: list[Scope] = field(default_factory=list)
    arguments: dict[str, dict[str, Any]] = field(default_factory=dict)  # by name: for each path, its value
    filled: dict[Slot, str] = field(default_factory=dict)  # slots that are given by an argument of the class


class Classes(ScopeNames):
    """The classes of all blocks in a network, the innermost first."""

    def __init__(self, analysis: Analysis, main: Scope, taken: Iterable[str]) -> None:
        super().__init__(analysis, taken)
        self.makers: dict[str, str] = {}  # owner of weights -> the copy that makes them here: itself if it is exported
        self.made: list[BlockClass] = []
        self.of: dict[str, BlockClass] = {}  # path -> its class
        self._find(main)

    # Which copies are one class

    def _find(self, main: Scope) -> None:
        copies = list(_all_inside(main))
        for path in sorted((scope.path for scope in copies), key=lambda path: self.owner(path) != path):
            self.makers.setdefault(self.owner(path), path)
        inner = [scope for scope in copies if self.makes(scope)]
        for height in sorted({_height(scope) for scope in inner}):
            for scope in inner:
                if _height(scope) == height:
                    self._place(scope)
            for made in self.made:
                if _height(made.instances[0]) == height:
                    self._fill(made)

    def _place(self, scope: Scope) -> None:
        block = self.uses[scope.path].kind.block
        like = self._likeness(scope)
        for made in self.made:
            first = made.instances[0]
            if self.uses[first.path].kind.block == block and self._likeness(first) == like:
                made.instances.append(scope)
                self.of[scope.path] = made
                return
        made = BlockClass(self._class_name(self.uses[scope.path].kind.title), [scope])
        self.made.append(made)
        self.of[scope.path] = made

    def _likeness(self, scope: Scope) -> tuple[object, ...]:
        """All that must be alike for two copies to be one class: everything but what its modules are made with."""
        called = self.variables(scope, self.parameters(scope))
        items: list[tuple[object, ...]] = []
        for item in scope.items:
            takes, gives = tuple(called[place] for place in item.takes), tuple(called[place] for place in item.gives)
            if isinstance(item, Scope):
                items.append((self.local(self.owner(item.path)), self.class_of(item).name, takes, gives))
            else:
                call = item.call
                values = tuple(map(literal, call.arguments.values())) if call.is_function else ()
                told = (call.target, call.is_function, call.listed, tuple(call.arguments), values)
                items.append((self.local(item.node), *told, takes, gives))
        return tuple(items), tuple(called[place] for place in scope.gives)

    def class_of(self, scope: Scope) -> BlockClass:
        """The class of a copy, or of the copy whose weights it uses."""
        return self.of[self.makers[self.owner(scope.path)]]

    def makes(self, scope: Scope) -> bool:
        """Whether the copy has weights made for it here, and is not one of those that only use them."""
        return self.makers[self.owner(scope.path)] == scope.path

    def _class_name(self, title: str) -> str:
        words = re.findall(r"[^\W_]+", title)
        stem = "".join(word[:1].upper() + word[1:] for word in words)
        stem = stem if stem.isidentifier() else f"Block{stem}"
        name, number = stem, 2
        while name in self.taken:
            name, number = f"{stem}{number}", number + 1
        self.taken.add(name)
        return name

    # What differs between the copies of a class

    def _fill(self, made: BlockClass) -> None:
        values: dict[Slot, dict[str, Any]] = {}
        for scope in made.instances:
            for slot, value in self.slots(scope):
                values.setdefault(slot, {})[scope.path] = value
        for slot, by_path in values.items():
            if len({literal(value) for value in by_path.values()}) > 1:
                made.filled[slot] = self._argument(made, slot, by_path)

    def slots(self, scope: Scope) -> Iterable[tuple[Slot, Any]]:
        """Every argument of what is made in a copy, with its value there; functions are not made, they are called."""
        for item in scope.items:
            if isinstance(item, Work):
                if item.call.is_function:
                    continue
                yield from (((self.local(item.node), name), value) for name, value in item.call.arguments.items())
            elif self.makes(item):
                made = self.of[item.path]
                for name, by_path in made.arguments.items():
                    yield (self.local(self.owner(item.path)), name), by_path[item.path]

    def _argument(self, made: BlockClass, slot: Slot, by_path: dict[str, Any]) -> str:
        wanted = {path: literal(value) for path, value in by_path.items()}
        for name, known in made.arguments.items():
            if {path: literal(value) for path, value in known.items()} == wanted:
                return name
        kinds = {path: self.uses[path].kind for path in by_path}
        settings = next(iter(kinds.values())).settings()
        own = [one.name for one in settings if one.name not in OF_EVERY_USE]
        alike = (one for one in own if all(literal(getattr(kinds[path], one)) == wanted[path] for path in by_path))
        stem = next(alike, slot[1])
        name, number = stem, 2
        while name in made.arguments or name in _TAKEN or name in self.taken:
            name, number = f"{stem}_{number}", number + 1
        made.arguments[name] = by_path
        return name

    # Printing

    def definitions(self) -> list[str]:
        """The text of every class, the innermost first."""
        return ["\n".join(self._definition(made)) for made in self.made]

    def _definition(self, made: BlockClass) -> list[str]:
        scope = made.instances[0]
        kind = self.uses[scope.path].kind
        about = one_line(self.analysis.drawn.blocks[kind.block].help) or one_line(kind.title)
        given = "".join(f", {name}: {_hint(values)}" for name, values in made.arguments.items())
        parameters = self.parameters(scope)
        entering = "".join(f", {name}: Tensor" for name in parameters.values())
        answer = "Tensor" if len(scope.gives) == 1 else f"tuple[{', '.join(['Tensor'] * len(scope.gives))}]"
        return [
            f"class {made.name}(nn.Module):",
            *indented([f'"""{about}"""', ""], 4),
            *indented([f"def __init__(self{given}) -> None:", *indented(self.init(scope, made), 4), ""], 4),
            *indented([f"def forward(self{entering}) -> {answer}:", *indented(self.body(scope, parameters), 4)], 4),
        ]

    def init(self, scope: Scope, made: BlockClass | None = None) -> list[str]:
        """The lines that make what a scope holds; in a class some arguments are the class's own."""
        filled = made.filled if made is not None else {}
        lines = ["super().__init__()"]
        groups: dict[str, list[str]] = {}
        for item in scope.items:
            if not self.makes(item) if isinstance(item, Scope) else item.call.is_function:
                continue
            local = self.local(self.owner(item.path) if isinstance(item, Scope) else item.node)
            name = self.class_of(item).name if isinstance(item, Scope) else spelling(item.call)
            values = {slot[1]: value for slot, value in self.slots(Scope("", [item]))}
            given = [f"{one}={filled.get((local, one)) or literal(value)}" for one, value in values.items()]
            groups.setdefault(local.partition(".")[0], []).append(called(name, given))
        for holder, texts in groups.items():
            if self._is_list(scope, holder):
                lines += _sequence(holder, texts)
            else:
                lines += f"self.{holder} = {texts[0]}".split("\n")
        return lines

    def _is_list(self, scope: Scope, holder: str) -> bool:
        """Whether the copies of one use are held together."""
        copies = [item for item in scope.items if isinstance(item, Scope)]
        return any(self.local(self.owner(item.path)).startswith(f"{holder}.") for item in copies)

    def body(self, scope: Scope, given: Mapping[Place, str]) -> list[str]:
        """The lines that compute what a scope gives."""
        variables = self.variables(scope, given)
        lines = self.steps(scope, variables)
        return [*lines, f"return {', '.join(variables[place] for place in scope.gives)}"]

    def steps(self, scope: Scope, variables: Mapping[Place, str], *, noted: bool = False) -> list[str]:
        """The lines that compute what a scope holds; `noted`, with the shapes that arise."""
        lines: list[str] = []
        for chain in self._chains(scope):
            first, last = chain[0], chain[-1]
            if isinstance(first, Scope) and len(chain) > 1:
                holder = self.local(self.owner(first.path)).partition(".")[0]
                made = called(f"self.{holder}", [variables[place] for place in first.takes])
                line = f"{variables[last.gives[0]]} = {made}"
                lines.append(self.noted(line, last.gives[0]) if noted else line)
            else:
                lines += self._step(first, variables, noted)
        return lines

    def _chains(self, scope: Scope) -> Iterable[list[Work | Scope]]:
        """The items one by one; the copies of one use together where they do nothing but follow each other."""
        chains: list[list[Work | Scope]] = []
        for item in scope.items:
            if chains and self._continues(chains[-1], item, scope):
                chains[-1].append(item)
            else:
                chains.append([item])
        for chain in chains:
            if isinstance(chain[0], Scope) and len(chain) not in (1, self.uses[chain[0].path].copies):
                yield from ([item] for item in chain)
            else:
                yield chain

    def _continues(self, chain: list[Work | Scope], item: Work | Scope, scope: Scope) -> bool:
        last = chain[-1]
        if not isinstance(item, Scope) or not isinstance(last, Scope) or not self.makes(item):
            return False
        if self.uses[item.path].base != self.uses[last.path].base:
            return False
        readers = [other for other in scope.items if last.gives[0] in other.takes]
        alone = len(last.gives) == len(item.gives) == 1 and item.takes == last.gives and readers == [item]
        return alone and last.gives[0] not in scope.gives

    def _step(self, item: Work | Scope, variables: Mapping[Place, str], noted: bool) -> list[str]:
        takes = [variables[place] for place in item.takes]
        results = ", ".join(variables[place] for place in item.gives)
        if isinstance(item, Scope):
            made = called(self._held(item.path), takes)
        else:
            given = [f"[{', '.join(takes)}]"] if item.call.listed else takes
            arguments = [f"{name}={literal(value)}" for name, value in item.call.arguments.items()]
            name, parts = (spelling(item.call), [*given, *arguments]) if item.call.is_function else (
                f"self.{self.local(item.node)}", given)  # fmt: skip
            made = called(name, parts)
        *before, last = f"{results} = {made}".split("\n")
        return [*before, self.noted(last, item.gives[0]) if noted else last]

    def _held(self, path: str) -> str:
        holder, _, number = self.local(self.owner(path)).partition(".")
        return f"self.{holder}[{number}]" if number else f"self.{holder}"

    def noted(self, line: str, place: Place) -> str:
        """The line with the shape that arises."""
        flow = self.analysis.facts[place[0]].outputs[place[1]]
        return f"{line}  # {spelled(flow.value)}" if isinstance(flow.value, tuple) else line


_TAKEN = frozenset({"self", "nn", "torch", "Tensor"})


def _sequence(holder: str, texts: list[str]) -> list[str]:
    if len(set(texts)) == 1 and len(texts) > 1 and "\n" not in texts[0]:
        return [f"self.{holder} = nn.Sequential(*({texts[0]} for _ in range({len(texts)})))"]
    return [f"self.{holder} = nn.Sequential(", *indented([f"{text}," for text in texts], 4), ")"]


def _hint(values: Mapping[str, Any]) -> str:
    kinds = {"tuple[int, ...]" if isinstance(value, tuple) else type(value).__name__ for value in values.values()}
    return " | ".join(sorted("None" if kind == "NoneType" else kind for kind in kinds))


def _all_inside(scope: Scope) -> Iterable[Scope]:
    for item in scope.items:
        if isinstance(item, Scope):
            yield from _all_inside(item)
            yield item


def _height(scope: Scope) -> int:
    return 1 + max((_height(item) for item in scope.items if isinstance(item, Scope)), default=0)
