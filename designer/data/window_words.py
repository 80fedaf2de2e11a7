"""Sentences of the program that name what is typed on the command line, as they are said where one clicks."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

from designer.parts import without_options

_TAKES = re.compile(r"; --labels (?P<choice>.+?) takes (?P<what>them|it)(?P<rest>( instead)?\.)")


def in_window(text: str) -> str:
    """The sentence without options: the field “Labels” is named in their place."""
    return without_options(_TAKES.sub(_choose, text))


def _choose(found: re.Match[str]) -> str:
    names = {  # as designer.data.source_bar has them
        "folders": _tr("class folders"), "boxes": _tr("boxes of objects"), "points": _tr("points of a table")
    }  # fmt: skip
    choice = names.get(found["choice"], found["choice"])
    return _tr("; choose “%s” under “Labels” above to take %s%s") % (choice, found["what"], found["rest"])


def _tr(text: str) -> str:
    return QCoreApplication.translate("WindowWords", text)
