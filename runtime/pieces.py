"""Whether what was cut into pieces is put together before it is judged or given out. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nodes.roles import Loss, Metric, Output
from nodes.spec import spelled
from runtime.graph import Wire
from runtime.wiring import Into, Tell

if TYPE_CHECKING:
    from runtime.analysis import Facts


def check_pieces(into: Into, facts: Mapping[str, Facts], tell: Tell) -> None:
    """Tell of each output, loss or metric that pieces reach, and of each Stitch that none or other ones reach."""
    if not any(found.type is not None and (found.type.cuts or found.type.joins) for found in facts.values()):
        return
    for node_id, found in facts.items():
        if isinstance(found.type, Output | Loss | Metric):
            _check_judge(node_id, facts, _cutters(node_id, "prediction", into, facts), tell)
        elif found.type is not None and found.type.joins and found.inputs:
            _check_stitch(node_id, facts, _cutters(node_id, "pieces", into, facts), tell)


def _cutters(node_id: str, port: str, into: Into, facts: Mapping[str, Facts]) -> list[str | None]:
    """For each wire into the port: the node whose pieces are not put together yet."""
    return [open_cut(wire, facts) for wire in into[node_id] if wire.input == port]


def _check_judge(node_id: str, facts: Mapping[str, Facts], cutters: list[str | None], tell: Tell) -> None:
    cutter = next((found for found in cutters if found), None)
    if cutter is not None:
        given = {"name": facts[node_id].node.name, "cutter": facts[cutter].node.name}
        tell(node_id, "prediction", _LEFT_CUT.format(**given), code="pieces")


def _check_stitch(node_id: str, facts: Mapping[str, Facts], cutters: list[str | None], tell: Tell) -> None:
    for cutter in cutters:
        if cutter is None:
            tell(node_id, "pieces", _NOT_CUT.format(name=facts[node_id].node.name), code="pieces")
        else:
            _check_sizes(node_id, facts, cutter, tell)


def open_cut(wire: Wire, facts: Mapping[str, Facts]) -> str | None:
    """The node whose pieces the wire carries, not yet put together again; None when it carries whole images."""
    flow, cut = facts[wire.source].outputs.get(wire.output), None
    for path in flow.geometry.values() if flow is not None else ():
        for node_id in path or ():
            kind = facts[node_id].type
            if kind is not None and (kind.cuts or kind.joins):
                cut = node_id if kind.cuts else None
    return cut


def _check_sizes(node_id: str, facts: Mapping[str, Facts], cutter: str, tell: Tell) -> None:
    names = {"name": facts[node_id].node.name, "cutter": facts[cutter].node.name}
    pieces, cut = _sides(facts[node_id].inputs["pieces"]), _sides(facts[cutter].shape)
    if pieces != cut:
        tell(node_id, "pieces", _OTHER_SIZE.format(**names, came=spelled(pieces), fits=spelled(cut)), code="pieces")
        return
    image, whole = _sides(facts[node_id].inputs["image"]), _sides(facts[cutter].inputs.get("image"))
    if image != whole:
        tell(node_id, "image", _OTHER_WHOLE.format(**names, came=spelled(image), fits=spelled(whole)), code="pieces")


def _sides(shape: object) -> tuple[int, ...]:
    """The pixels along each axis, without the channels."""
    return tuple(side for side in shape[1:] if isinstance(side, int)) if isinstance(shape, tuple) else ()


_LEFT_CUT = (
    "“{name}” gets pieces that “{cutter}” has cut; outside training there are several for each image. Put a Stitch "
    "before it, with a wire from what entered “{cutter}”."
)
_NOT_CUT = "“{name}” puts pieces together, but what comes was not cut by Patches; remove it, or put Patches before."
_OTHER_SIZE = (
    "“{cutter}” cuts pieces of {fits} pixels, but {came} come to “{name}”; bring the answers back to that size, with "
    "Upsample or padding “same”."
)
_OTHER_WHOLE = "“{cutter}” cuts images of {fits} pixels, but “{name}” is wired to one of {came}; wire what is cut."
