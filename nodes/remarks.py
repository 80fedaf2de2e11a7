"""Remarks: what is written on the canvas for people and does nothing in the network."""

from __future__ import annotations

from typing import Literal

from nodes.spec import Category, NodeType, Values, setting

Colour = Literal["grey", "blue", "green", "yellow", "orange", "red", "violet"]


class Remark(NodeType, category=Category.REMARK):
    """A remark; analysis leaves it out."""

    inputs = ()
    outputs = ()

    def infer(self) -> Values:
        return {}


class Comment(Remark, id="comment", title="Comment", words="note text remark explain sticky annotation"):
    """A note on the canvas. It changes nothing in the network; it tells whoever opens the project why it is so."""

    text: str = setting("", "What the note says.")
    colour: Colour = setting("yellow", "The colour of the note.")
    size: tuple[float, ...] = setting((200.0, 84.0), "Width and height on the canvas, in pixels.", low=24.0)
    picture: str = setting("", "The template whose picture stands above the text, such as u-net; empty for none.")


class Frame(Remark, id="frame", title="Frame", words="group region area box colour section annotation"):
    """A coloured frame around nodes that belong together. Moving the frame moves what lies in it; it changes nothing in
    the network. An optimizer can name it as the part that it trains.
    """

    colour: Colour = setting("blue", "The colour of the frame.")
    size: tuple[float, ...] = setting((280.0, 200.0), "Width and height on the canvas, in pixels.", low=48.0)
