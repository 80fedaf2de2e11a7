"""The groups of a scatter, classes or clusters: their colours and names, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from PySide6.QtCore import QCoreApplication

from designer.looking.scatter_view import class_colour
from designer.parts import counted
from designer.theme import Theme


@dataclass(frozen=True, slots=True)
class Groups:
    """`of`: the place of each case's group among the `names`, -1 for none."""

    of: Sequence[int]
    names: Sequence[str]

    def cases(self, place: int) -> list[int]:
        """The cases of a group."""
        return [case for case, own in enumerate(self.of) if own == place]

    def legend(self) -> str:
        """Each group with its colour, as a link to its cases that brings its place."""
        text = Theme.current().text
        spans = [
            f'<a href="{place}" style="text-decoration: none; color: {text}">'
            f'<span style="color:{class_colour(place).name()}">■</span> {escape(name)}</a>'
            for place, name in enumerate(self.names)
        ]
        return " &nbsp; ".join(spans)


def groups_of(facts: Mapping[str, Any]) -> Groups:
    """Clusters where there are some, else the classes of the data, of a scatter's record."""
    clusters = facts["clusters"]
    if clusters:
        sizes = [clusters.count(place) for place in range(max(clusters) + 1)]
        return Groups(clusters, [_tr("Cluster %d (%d)") % (place + 1, size) for place, size in enumerate(sizes)])
    names = list(facts["classes"]) if facts["kind"] == "class" else []
    return Groups([names.index(one) if one in names else -1 for one in facts["labels"]], names)


def said_of(facts: Mapping[str, Any]) -> str:
    """From what the cases were laid out, what may be read from it, and how good the clusters are."""
    shares = facts["explained"]
    text = _tr("{0} by {1} of “{2}”.").format(
        counted(len(facts["cases"]), "case"), counted(facts["numbers"], "number"), facts["node"]
    )
    text += _tr(" The axes hold {0:.0f} % of all differences.").format(100 * sum(shares)) if shares else _tr(
        " Only nearness means something: distances between groups, and the axes, mean nothing."
    )  # fmt: skip
    if facts["clusters"]:
        text += _tr(" Silhouette of the clusters {0:.2f} (1: far apart, 0: they run into each other).").format(
            facts["silhouette"]
        )
        if facts["agreement"] is not None:
            text += _tr(" Agreement with the classes {0:.2f} (1: the same groups, 0: chance).").format(
                facts["agreement"]
            )
    return text


def _tr(text: str) -> str:
    return QCoreApplication.translate("Scatter", text)
