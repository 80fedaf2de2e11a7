"""Templates: ready graphs, which `runtime.template_fit` fits to data. Each is a project file in resources/templates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import resources
from nodes.signals import Signals
from runtime.data.catalogue import DataError, LabelKind
from runtime.files import load_graph
from runtime.graph import Graph


@dataclass(frozen=True, slots=True)
class Template:
    """What is told of a template: `purpose` in one line, `says` in two sentences, `tags` to find it by; the `idea`
    behind it and its `picture` (see runtime.idea), what a `primer` on deep learning in medical imaging says of it, the
    `paper` with the address where it is found (`link`), and what to try `next`.
    """

    name: str
    title: str
    task: str
    says: str
    purpose: str = ""
    tags: tuple[str, ...] = ()
    idea: str = ""
    picture: tuple[str, ...] = ()
    primer: str = ""
    paper: str = ""
    link: str = ""
    next: tuple[str, ...] = ()


TASKS: dict[str, tuple[LabelKind, ...]] = {
    "classification": ("class", "labels", "number"), "segmentation": ("mask",), "generation": ("",),
    "reconstruction": ("",), "detection": ("boxes",), "regression": ("number",),
}  # fmt: skip
_SIGNALS = "1-D"  # the tag of templates that read signals


@cache
def known() -> tuple[Template, ...]:
    """All templates, in the order in which they are offered: that of templates.json."""
    return tuple(_told(name) for name in _read("templates"))


def _told(name: str) -> Template:
    told = _read(name)
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in told.items()}
    return Template(name=name, **fields)


def _read(name: str) -> Any:
    return json.loads(resources.path("templates", f"{name}.json").read_text(encoding="utf-8"))


def graph_of(name: str) -> Graph:
    """The template's graph, without data. Raises DataError for a name that is none."""
    names = [template.name for template in known()]
    if name not in names:
        raise DataError(f"There is no template “{name}”; {', '.join(names)} are there.")
    return load_graph(resources.path("templates", f"{name}.netloom")).graph


def fitting(label: str, source_type: str) -> tuple[Template, ...]:
    """The templates that can learn this kind of label from what this type of source reads."""
    signals = source_type == Signals.id
    learning = (entry for entry in known() if label in TASKS.get(entry.task, ()))
    return tuple(entry for entry in learning if (_SIGNALS in entry.tags) == signals)
