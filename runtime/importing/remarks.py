"""Comments on the main sheet of an imported drawing: those of the file, and what its data and description say."""

from __future__ import annotations

from runtime.importing.drafting import comment
from runtime.importing.layers import Foreign, Net
from runtime.importing.sheets import ASIDE, Sheet, rows_of

_COLUMN = 7.0


def add_remarks(sheet: Sheet, net: Net, foreign: Foreign, *, has_folders: bool) -> None:
    """Add the comments to the sheet; what concerns the whole stands at its left."""
    start = min((node.at[0] for node in sheet.nodes), default=0.0) - _COLUMN
    for layer in net.layers.values():
        text = layer.text("Comment").replace("\\n", "\n").strip()
        if layer.type == "Comment" and text:
            sheet.nodes.append(comment(f"{layer.id}:0", text, (*layer.place, 0)))
    told = [f"{data.name}: {data.place or 'no file named'}" for data in foreign.data]
    if told and has_folders:
        text = "Choose the folder of these data at the source:\n" + "\n".join(told)
        _aside(sheet, ASIDE[0], text, start, "Data")
    if foreign.about.strip():
        _aside(sheet, ASIDE[1], foreign.about.strip(), start, "About")


def _aside(sheet: Sheet, key: str, text: str, start: float, name: str) -> None:
    """A comment beside the drawing, below the one before."""
    above = [node for node in sheet.nodes if node.key in ASIDE]
    row = min((node.at[1] for node in sheet.nodes if node.key not in ASIDE), default=0.0)
    turn = sum(rows_of(node) for node in above)
    sheet.nodes.append(comment(key, text, (start, row, turn), name))
