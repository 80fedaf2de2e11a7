"""Which part of a graph each optimizer trains, and what is wrong with the parts that were named. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations

from nodes.roles import DataSource, Optimizer
from nodes.trained import Trained
from runtime.analysed import Analysis
from runtime.data.wording import counted
from runtime.framed import is_frame, nodes_in
from runtime.graph import Graph, block_of
from runtime.paths import ancestors, place_of
from runtime.problems import Problem, quoted_list


def names_of_parts(drawn: Graph) -> tuple[str, ...]:
    """What an optimizer may name as its part: the names of all frames and blocks, each once."""
    frames = (node.name for node in drawn.nodes.values() if is_frame(node))
    return tuple(dict.fromkeys((*frames, *(block.name for block in drawn.blocks.values()))))


def nodes_of_part(graph: Graph, part: str, shares: Mapping[str, str]) -> set[str]:
    """The nodes of an opened graph in the frames and blocks of this name; for shared weights, the node that has them.

    All copies that uses of a block make belong to the part that the use, or the block, lies in.
    """
    drawn = graph.opened.drawn if graph.opened is not None else graph
    within: set[str] = set()  # as drawn
    for node in drawn.nodes.values():
        if is_frame(node) and node.name == part:
            within |= nodes_in(drawn.nodes, node)
    blocks = {block.id for block in drawn.blocks.values() if block.name == part}
    within |= {node.id for node in drawn.nodes.values() if block_of(node.type) in blocks}
    found = {
        node_id for node_id in graph.nodes
        if any(place_of(path)[1] in within for path in (*ancestors(node_id), node_id))
    }  # fmt: skip
    return {shares.get(node_id, node_id) for node_id in found}


def optimizer_problems(analysis: Analysis) -> Iterator[Problem]:
    """What is wrong with the optimizers of a graph without errors: nothing to train, no such part, two on one layer."""
    optimizers = analysis.of_type(Optimizer)
    for node_id in optimizers:
        kind, name = analysis.facts[node_id].type, analysis.title(node_id)
        if not isinstance(kind, Optimizer):
            continue
        if not analysis.trained.get(node_id):
            yield _untrained(analysis, node_id, name, kind.part)
        yield from _frozen_at_first(analysis, node_id, name)
        steps = _steps(analysis)
        if steps and kind.interval > steps:
            yield Problem(
                node_id, "interval", "error",
                f"“{name}” changes its layers at every {kind.interval}th step, but the whole training has about "
                f"{steps} steps, so it would train nothing; lower the interval, or train for more epochs.", "interval",
            )  # fmt: skip
    yield from _told_of_left_out(analysis)
    for one, other in combinations(optimizers, 2):
        both = [node for node in analysis.trained[one] if node in analysis.trained[other]]
        if both:
            yield Problem(other, "part", "warning", _shared_layers(analysis, one, other, both), "both_train")


def _untrained(analysis: Analysis, node_id: str, name: str, part: str) -> Problem:
    frozen = analysis.frozen.get(node_id)
    if frozen:
        layers = quoted_list([analysis.title(node) for node in frozen[:5]])
        more = " and others" if len(frozen) > 5 else ""
        message = (
            f"“{name}” has nothing to train: all nodes with trained numbers before its losses are frozen "
            f"({layers}{more}); give one of them a learning-rate factor above 0."
        )
        return Problem(node_id, "", "error", message, "frozen")
    known = names_of_parts(analysis.drawn)
    if not part:
        message = (
            f"“{name}” has nothing to train: no node before its losses has trained numbers; add a convolution or dense "
            "layer on the way."
        )
        return Problem(node_id, "", "error", message, "untrained")
    if part not in known:
        fits = f"{quoted_list(known)} can be named" if known else "there is none; draw a frame around its layers"
        message = f"“{name}” trains the part “{part}”, but no frame and no block has that name: {fits}."
    else:
        message = (
            f"“{name}” trains the part “{part}”, but no layer with trained numbers in it lies before its losses; put "
            "the frame fully around the layers, or name another part."
        )
    return Problem(node_id, "part", "error", message, "part")


def _frozen_at_first(analysis: Analysis, node_id: str, name: str) -> Iterator[Problem]:
    """Layers that are never let go, and epochs in which nothing learns."""
    epochs = analysis.graph.training.epochs
    first = {one: kind.frozen_epochs for one in analysis.trained.get(node_id, ())
             if isinstance(kind := analysis.facts[one].type, Trained)}  # fmt: skip
    never = [one for one, count in first.items() if count >= epochs]
    if never:
        layers = quoted_list([analysis.title(one) for one in never[:5]])
        more = f" and {len(never) - 5} more" if len(never) > 5 else ""
        yield Problem(
            never[0], "frozen_epochs", "warning",
            f"{layers}{more} would never learn: frozen at first for {max(first.values())} epochs, and the training has "
            f"{epochs}. Lower that, train for more epochs, or freeze it for good.", "frozen_long",
        )  # fmt: skip
    elif first and min(first.values()) > 0:
        yield Problem(
            node_id, "", "warning",
            f"In the first {counted(min(first.values()), 'epoch')} “{name}” changes nothing: all that it trains "
            "is frozen at first; let the new layers learn from the start.", "frozen_at_first",
        )  # fmt: skip


def left_out(analysis: Analysis) -> dict[str, list[str]]:
    """For optimizers with a part: layers before their losses that lie in no part, so that nothing would train them."""
    if not all(analysis.trained.values()):
        return {}  # what is wrong with a part is to be mended first
    known = {node for node_ids in (*analysis.trained.values(), *analysis.frozen.values()) for node in node_ids}
    found: dict[str, list[str]] = {}
    for optimizer in analysis.trained:
        before = {analysis.shares.get(one, one) for one in _before(analysis, optimizer)} - known
        facts = {one: analysis.facts[one] for one in analysis.order if one in before}
        layers = [one for one, own in facts.items() if own.parameters and not own.frozen]
        if layers:
            found[optimizer] = layers
            known |= {*layers}  # said once
    return found


def _told_of_left_out(analysis: Analysis) -> Iterator[Problem]:
    for optimizer, layers in left_out(analysis).items():
        names = quoted_list([analysis.title(one) for one in layers[:5]])
        more = f" and {len(layers) - 5} more" if len(layers) > 5 else ""
        lie = "it lies" if len(layers) == 1 else "they lie"
        yield Problem(
            optimizer, "part", "warning",
            f"No optimizer trains {names}{more}: {lie} before the losses of “{analysis.title(optimizer)}”, but in no "
            "part that is trained. Put the frame around them too, or set the learning-rate factor of what stays to 0.",
            "left_out",
        )  # fmt: skip


def _before(analysis: Analysis, node_id: str) -> set[str]:
    """All nodes that lead to this one."""
    reached: set[str] = set()
    waiting = [node_id]
    while waiting:
        for wire in analysis.graph.wires_into(waiting.pop()):
            if wire.source not in reached:
                reached.add(wire.source)
                waiting.append(wire.source)
    return reached


def _shared_layers(analysis: Analysis, one: str, other: str, both: list[str]) -> str:
    layers = quoted_list([analysis.title(node) for node in both[:2]])
    more = f" and {len(both) - 2} more" if len(both) > 2 else ""
    return (
        f"“{analysis.title(one)}” and “{analysis.title(other)}” both change {layers}{more}. If they are to play "
        "against each other, put frames around the parts, and name in each optimizer the part that it trains."
    )


def _steps(analysis: Analysis) -> int:
    """About how many steps the training has, from the images that were found; 0 where that is not known."""
    training = analysis.graph.training
    sources = [analysis.facts[node_id].type for node_id in analysis.of_type(DataSource)]
    followed = [kind for kind in sources if getattr(kind, "matching", "matched") == "matched"]
    images = min((int(getattr(kind, "images", 0)) for kind in followed), default=0)  # a case is in all of them
    in_step = max(training.batch * training.accumulate, 1)
    return math.ceil(images * training.parts[0] / in_step) * training.epochs
