"""A node on the canvas: a bar that shows the frozen node and what the analysis says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.canvas import node_paint
from designer.canvas.measures import HEIGHT, WIDTH
from designer.canvas.overview_layer import LayeredItem, Look
from designer.canvas.ports import REACH, Spot, spots
from designer.theme import Theme, category_color
from nodes.blocks import BlockOutput, BlockUse
from nodes.spec import Category, NodeType, spelled
from runtime.amounts import memory, short, thousands
from runtime.analysis import Facts
from runtime.graph import Node
from runtime.memory import BYTES
from runtime.problems import Problem

if TYPE_CHECKING:
    from designer.canvas.wire_item import WireItem

Find = Callable[[str], type[NodeType] | None]
"""Gives the type with an id: of a document's own blocks too."""

Fits = Mapping[tuple[bool, str], bool]
"""For each port of a node: whether the wire that is being drawn fits."""

_MARGIN = 10.0
_OUTLINE = QRectF(-_MARGIN, -_MARGIN, WIDTH + 2 * _MARGIN, HEIGHT + 2 * _MARGIN)


def first_sentences(kind: type[NodeType], count: int = 2) -> str:
    """What the type says of itself, in short."""
    text = " ".join(kind.says().split())
    parts = text.split(". ")
    return ". ".join(parts[:count]).rstrip(".") + "." if text else ""


class NodeItem(LayeredItem):
    """The bar of one node."""

    def __init__(self, node: Node, find: Find) -> None:
        super().__init__()
        self.node = node
        self._find = find
        self.facts: Facts | None = None
        self.problems: tuple[Problem, ...] = ()
        self.wires: dict[WireItem, None] = {}
        self.focused = False
        self.marked = False
        self.obstructs = True  # not while it is dragged: wires would flee from the bar that is to sit on them
        self._fits: Fits | None = None
        self._spots: dict[tuple[bool, str], Spot] | None = None
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setZValue(1)
        self.setPos(*node.position)

    # What it shows

    @property
    def spots(self) -> dict[tuple[bool, str], Spot]:
        """The visible ports."""
        if self._spots is None:
            self._spots = spots(self.node, self.kind, self.facts, [item.wire for item in self.wires])
        return self._spots

    def show_node(self, node: Node) -> None:
        """Show the node as it is now."""
        self.node = node
        self.setPos(*node.position)
        self.refresh()

    def show_facts(self, facts: Facts | None, problems: tuple[Problem, ...]) -> bool:
        """Show what the analysis found; whether ports came or went by that."""
        if problems == self.problems and (facts is self.facts or facts == self.facts):
            return False
        offered, before = _offered(self.facts), self._spots
        self.facts, self.problems = facts, problems
        self.redraw()
        if offered == _offered(facts):
            return False
        self._spots = None
        return before is not None and before != self.spots

    def show_fits(self, fits: Fits | None) -> None:
        """While a wire is drawn: which ports it fits; None when none is drawn."""
        self._fits = fits
        self.redraw()

    def show_mark(self, *, focused: bool | None = None, marked: bool | None = None) -> None:
        """Outline the bar: as the one the keyboard is at, or as the place where something is about to land."""
        self.focused = self.focused if focused is None else focused
        self.marked = self.marked if marked is None else marked
        self.redraw()

    def refresh(self) -> None:
        """Take over what follows from node, facts and wires."""
        self._spots = None
        self.redraw()

    # What is known of it

    @property
    def kind(self) -> type[NodeType] | None:
        """The node's type; None when this version does not know it."""
        return self._find(self.node.type)

    @property
    def category(self) -> Category | None:
        """The family of the node's type."""
        kind = self.kind
        return None if kind is None else kind.category

    @property
    def repeats(self) -> bool:
        """Whether the node stands for copies of a block that follow each other."""
        return self._of_use("repeat", 1) != 1

    @property
    def shares(self) -> bool:
        """Whether the node uses a block with weights that other uses share."""
        return self._of_use("weights", "own") == "shared"

    def _of_use(self, setting: str, usual: object) -> object:
        kind = self.facts.type if self.facts is not None else None
        return getattr(kind, setting) if isinstance(kind, BlockUse) else usual

    @property
    def has_error(self) -> bool:
        """Whether something keeps the node from running."""
        return any(problem.severity == "error" for problem in self.problems)

    def shape_text(self) -> str:
        """The output shape as users read it, "" when not known."""
        shape = self.facts.shape if self.facts is not None else None
        if self.kind is BlockOutput and self.facts is not None:  # what leaves a block is what comes to its end
            came = self.facts.inputs.get("in")
            shape = tuple(side for side in came if isinstance(side, int)) if isinstance(came, tuple) else None
        return spelled(shape) if shape else ""

    def summary(self) -> str:
        """The key settings in short."""
        kind = self.facts.type if self.facts is not None else None
        return kind.summary() if kind is not None else ""

    def accessible_text(self) -> str:
        """The node in words, for a screen reader."""
        tr = QCoreApplication.translate
        kind = self.kind
        title = kind.title if kind is not None else self.node.type
        parts = [self.node.name if self.node.name.startswith(title) else f"{self.node.name}, {title}", self.summary()]
        shape = self.shape_text()
        parts.append(tr("Canvas", "output {0}").format(shape) if shape else "")
        parts += [f"{_word(problem)}: {problem.message}" for problem in self.problems]
        return ", ".join(part for part in parts if part)

    def scene_box(self) -> QRectF:
        """The bar in scene pixels, without its margin."""
        return QRectF(self.pos(), self.pos() + QPointF(WIDTH, HEIGHT))

    def spot_at(self, scene_point: QPointF) -> Spot | None:
        """The port at a place of the scene."""
        place = self.mapFromScene(scene_point)
        near = [(QPointF(spot.point() - place).manhattanLength(), spot) for spot in self.spots.values()]
        distance, spot = min(near, key=lambda pair: pair[0], default=(REACH + 1, None))
        return spot if distance <= REACH else None

    def spot_point(self, is_input: bool, port: str) -> QPointF:
        """The place of a port in the scene; the bar's edge when there is no such port."""
        spot = self.spots.get((is_input, port))
        place = spot.point() if spot is not None else QPointF(WIDTH / 2, 0.0 if is_input else HEIGHT)
        return self.pos() + place

    # QGraphicsItem

    def boundingRect(self) -> QRectF:
        return _OUTLINE

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(node_paint.BAR)
        for spot in self.spots.values():
            path.addEllipse(spot.point(), REACH, REACH)
        path.setFillRule(Qt.FillRule.WindingFill)
        return path

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme = Theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.repeats:
            node_paint.paint_stack(painter, theme)
        node_paint.paint_body(painter, theme, self.category)
        if self.shares:
            node_paint.paint_shared(painter, theme)
        if self.facts is not None and self.facts.frozen:
            node_paint.paint_frozen(painter, theme)
        if self.isSelected() or self.marked:
            node_paint.paint_ring(painter, theme)
        elif self.focused:
            node_paint.paint_ring(painter, theme, dashed=True)
        node_paint.paint_texts(
            painter, theme, self.node.name, self.summary(), self.shape_text(), badge=bool(self.problems)
        )
        if self.problems:
            node_paint.paint_badge(painter, theme, error=self.has_error)
        for spot in self.spots.values():
            node_paint.paint_port(painter, theme, spot, None if self._fits is None else self._fits.get(spot.key, False))

    def look(self) -> Look:
        badge: Literal["", "error", "warning"] = ("error" if self.has_error else "warning") if self.problems else ""
        return Look(
            self.scene_box(), category_color(self.category), badge=badge, lit=self.marked, ringed=self.focused,
            faded=self._fits is not None and not any(self._fits.values()),
        )  # fmt: skip

    def effort_text(self) -> str:
        """What follows from the settings in short: output shape, parameters, multiply-adds, memory; "" if not known."""
        facts, tr = self.facts, QCoreApplication.translate
        if facts is None or not facts.values:
            return ""
        parts = [tr("Canvas", "Output {0}").format(self.shape_text())]
        if facts.parameters:
            parts.append(tr("Canvas", "{0} parameters").format(thousands(facts.parameters)))
        if facts.multiply_adds:
            parts.append(tr("Canvas", "{0} multiply-adds").format(short(facts.multiply_adds)))
        parts.append(tr("Canvas", "{0} per case").format(memory(facts.values * BYTES)))
        return " · ".join(parts)

    def toolTip(self) -> str:  # asked for when the pointer rests there, not written with every change
        lines = [f"<b>{_word(problem)}:</b> {escape(problem.message)}" for problem in self.problems]
        kind = self.kind
        if kind is not None and not lines:
            lines = [f"<b>{escape(self.node.name)}</b>", escape(first_sentences(kind))]
        return "<br>".join([*lines, *filter(None, [escape(self.effort_text())])])


def _offered(facts: Facts | None) -> tuple[str, ...]:
    """What of the facts decides which ports a bar shows."""
    return () if facts is None else tuple(facts.outputs)


def _word(problem: Problem) -> str:
    tr = QCoreApplication.translate
    return tr("Canvas", "Problem") if problem.severity == "error" else tr("Canvas", "Note")
