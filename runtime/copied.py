"""Which text of runtime.modules an exported file needs: the classes and functions it calls, and what those stand on."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_OURS = "runtime.modules"


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """`import module`, or `from module import name` where there is a name; `alias` is what follows "as"."""

    module: str
    name: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Copied:
    """Imports and definitions, each once, in an order in which they can be run; `names` are the names defined."""

    imports: frozenset[Import]
    definitions: tuple[str, ...]
    names: frozenset[str]


def copied(targets: Iterable[str]) -> Copied:
    """What must be copied for dotted targets such as "runtime.modules.fit.Fit". Raises ValueError for others."""
    collector = _Collector()
    for target in targets:
        file, _, name = target.rpartition(".")
        collector.need(file, name)
    return collector.result()


@dataclass(frozen=True)
class _File:
    """One file of runtime.modules: its definitions by name with their text, and its imports by the name they bind."""

    definitions: dict[str, tuple[ast.stmt, str]]
    imports: dict[str, Import]
    ours: dict[str, tuple[str, str]]


class _Collector:
    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._taken: dict[tuple[str, str], str] = {}
        self._imports: set[Import] = set()
        self._begun: set[tuple[str, str]] = set()

    def need(self, file: str, name: str) -> None:
        """Take a definition after everything that it names."""
        if (file, name) in self._begun:
            return
        self._begun.add((file, name))
        read = self._file(file)
        if name not in read.definitions:
            raise ValueError(f"{file} defines no {name}")
        node, text = read.definitions[name]
        for used in sorted(_names(node) - {name}):
            if used in read.definitions:
                self.need(file, used)
            elif used in read.ours:
                self.need(*read.ours[used])
            elif used in read.imports:
                self._imports.add(read.imports[used])
        self._taken[file, name] = text

    def _file(self, file: str) -> _File:
        if file not in self._files:
            spec = find_spec(file) if file.startswith(f"{_OURS}.") else None
            if spec is None or spec.origin is None:
                raise ValueError(f"{file} is no file of {_OURS}")
            self._files[file] = _read(Path(spec.origin).read_text("utf-8"))
        return self._files[file]

    def result(self) -> Copied:
        names = [name for _, name in self._taken]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise ValueError(f"two files of {_OURS} define {', '.join(sorted(doubled))}; an exported file needs both")
        return Copied(frozenset(self._imports), tuple(self._taken.values()), frozenset(names))


def _read(text: str) -> _File:
    found = _File({}, {}, {})
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            _read_import(node, found)
            continue
        for name in _bound(node):
            found.definitions[name] = (node, _text(text, node))
    return found


def _read_import(node: ast.Import | ast.ImportFrom, found: _File) -> None:
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names:
        name = alias.asname or alias.name.partition(".")[0]
        if isinstance(node, ast.Import):
            found.imports[name] = Import(alias.name, alias=alias.asname or "")
        elif module.startswith(f"{_OURS}."):
            found.ours[name] = (module, alias.name)
        elif module != "__future__":
            found.imports[name] = Import(module, alias.name, alias.asname or "")


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _text(text: str, node: ast.stmt) -> str:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    lines = text.splitlines()
    left_out: set[int] = set()
    for part in node.body if isinstance(node, ast.ClassDef) else ():
        if _is_note(part):
            last = part.end_lineno or part.lineno
            left_out |= set(range(part.lineno, last + 1 + (last < len(lines) and not lines[last].strip())))
    return "\n".join(lines[at - 1] for at in range(first, (node.end_lineno or first) + 1) if at not in left_out)


def _names(node: ast.stmt) -> set[str]:
    parts: list[ast.AST] = [node]
    if isinstance(node, ast.ClassDef):
        parts = [*node.bases, *node.decorator_list, *(part for part in node.body if not _is_note(part))]
    return {part.id for whole in parts for part in ast.walk(whole) if isinstance(part, ast.Name)}


def _is_note(node: ast.stmt) -> bool:
    """Whether this is the line `needs: ClassVar[...] = ...`, which an exported file does without."""
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "needs"
