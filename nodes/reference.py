"""The reference page of all node types, made from their declarations: `python -m nodes.reference [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import nodes
from nodes.settings import Form, Setting
from nodes.spec import REGISTRY, Category, NodeType, Port, spelled

PAGE = Path(nodes.__file__).resolve().parent.parent / "docs" / "nodes.md"

_HEAD = """# The nodes

Every node type that can be drawn, by family. This page is made from the program itself by `python -m nodes.reference`;
do not edit it by hand. Shapes leave out the batch: channels×rows×columns, or channels×slices×rows×columns.

Multiply-adds, as the program shows them, are the products that convolutions and Dense sum for one image on its way
forwards, the border included. What the other nodes compute (normalising, activating, pooling, preparing) is small
beside that and not counted. Memory is given for numbers of 4 bytes.
"""
_RANKS = {1: "features", 2: "1-D signal", 3: "2-D image", 4: "3-D volume"}


def page(types: Iterable[type[NodeType]] | None = None) -> str:
    """The whole page in Markdown; of all registered types, unless others are given."""
    listed = sorted(REGISTRY.values() if types is None else types, key=lambda kind: (kind.title, kind.id))
    parts = [_HEAD]
    for category in Category:
        family = [kind for kind in listed if kind.category is category]
        if family:
            parts.append(f"## {category.title}\n")
            parts += [section(kind) for kind in family]
    return "\n".join(parts)


def section(kind: type[NodeType]) -> str:
    """What the page says of one type."""
    lines = [f"### {kind.title} (`{kind.id}`)", "", kind.says(), "", *_ports(kind), ""]
    if kind.training_only:
        lines += ["It acts in training only and is left out of the exported model.", ""]
    if kind.simulates:
        lines += ["It acts in training and measuring, and is left out of the exported model.", ""]
    if kind.settings():
        lines += ["| Setting | Name | Default | Fits | Unit | Meaning |", "|---|---|---|---|---|---|"]
        lines += [_row(setting) for setting in kind.settings()]
        lines.append("")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with --check compare it with the one that is there. Gives the exit status."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(f"nodes.reference takes --check or nothing; {' '.join(arguments)} came.\n")
        return 2
    made = page()
    if arguments:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == made:
            return 0
        sys.stderr.write("docs/nodes.md is not what the node types say; run python -m nodes.reference.\n")
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(made, encoding="utf-8", newline="\n")
    return 0


def _ports(kind: type[NodeType]) -> list[str]:
    named = [("In", port) for port in kind.inputs] + [("Out", port) for port in kind.outputs]
    return [f"- {way}: `{port.name}` – {_port(port)}" for way, port in named]


def _port(port: Port) -> str:
    carries = port.kind.title
    if port.labels:
        carries = f"{carries} ({' or '.join(port.labels)})"
    elif port.rank:
        carries = " or ".join(_RANKS[rank] for rank in port.rank)
    many = ", any number of wires" if port.many else ""
    return f"{carries}{many}. {port.help}".strip()


def _row(setting: Setting) -> str:
    note = " Read from the data." if setting.learned else ""
    cells = (
        setting.label,
        f"`{setting.name}`",
        _value(setting.default),
        _fits(setting),
        setting.unit,
        setting.help + note,
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return spelled(value) if value else "empty"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) or "empty"


def _fits(setting: Setting) -> str:
    if setting.form is Form.CHOICE:
        return ", ".join(choice or "empty" for choice in setting.choices)
    bounds = [
        f"{word} {_value(bound)}" for word, bound in (("from", setting.low), ("to", setting.high)) if bound is not None
    ]
    return " ".join([setting.form.value, *bounds])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
