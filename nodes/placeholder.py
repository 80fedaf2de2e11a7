"""Where a layer of another program has no counterpart here: what keeps its place until something replaces it."""

from __future__ import annotations

from nodes.spec import Category, NodeType, Port, Shape, Unfit, setting


class Placeholder(
    NodeType, id="placeholder", title="Placeholder", category=Category.REMARK,
    words="imported missing unknown layer counterpart stand-in foreign",
):  # fmt: skip
    """Stands where a file of another program had a layer that is not known here. It keeps the layer's place, wires and
    settings, and hands nothing on: put nodes of this program in its place before training.
    """

    inputs = (Port("given", many=True, help="What the original layer was given."),)
    outputs = (Port("out", help="Where the original layer handed its result on; nothing comes."),)
    example = ((3, 6, 6),)

    original: str = setting("", "What the layer was called in the other program.", brief=True)
    kept: str = setting("", "Its settings there, as they were written.", label="Original settings")
    instead: str = setting("", "What to put in its place here.", label="Put in its place")

    def complaint(self) -> str:
        """What analysis says of it: which layer it was, and what to do."""
        was = f"the layer “{self.original}”" if self.original else "a layer"
        advice = self.instead or "Put nodes that do the same in its place, or remove it."
        return f"This stands for {was} of another program, which has no counterpart here. {advice}"

    def infer(self, given: tuple[Shape, ...]) -> Shape:
        raise Unfit(self.complaint())
