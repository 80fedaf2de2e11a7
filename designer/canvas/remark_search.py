"""Remarks among what Ctrl+F finds: comments by what they say, frames by their title."""

from __future__ import annotations

from designer.canvas.comment_item import CommentItem
from designer.canvas.matching import score
from designer.canvas.remark_facts import text_of
from designer.canvas.remark_item import RemarkItem
from designer.canvas.remark_layer import RemarkLayer
from designer.canvas.search import Row
from designer.icons import tile_icon
from nodes.spec import Category

_IN_TEXT = 0.7


def found_remarks(query: str, remarks: RemarkLayer) -> list[tuple[float, Row]]:
    """The remarks as rows of the search box, each with how well it matches."""
    icon = tile_icon(Category.REMARK)
    return [
        (_score(query, item), Row(node_id, _title(item), remarks.spoken(node_id), icon))
        for node_id, item in remarks.items.items()
    ]


def _title(item: RemarkItem) -> str:
    return item.short_text() if isinstance(item, CommentItem) else item.node.name


def _score(query: str, item: RemarkItem) -> float:
    by_name = score(query, item.node.name, item.node.type)
    within = query.strip().casefold() in text_of(item.node).casefold()
    return max(by_name, _IN_TEXT if within else 0.0)
