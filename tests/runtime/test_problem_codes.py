"""Every class of problem: one change that mends it and makes the drawing valid, or why there can be none."""

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.analysis import analyse
from runtime.document import Document
from runtime.fixes import apply_fix, fixes_for
from runtime.graph import Graph, Wire
from runtime.part_names import frame_part
from runtime.readiness import training_problems
from tests.builders.adversarial import players
from tests.builders.graphs import add, chain, classifier, judge, segmenter, source, trained_with, wire
from tests.conftest import ROOT

Spoil = Callable[[Document], None]

NO_FIX = {
    "meanings": "which of the losses says what the output means only the user knows",
    "argument_name": "by what name settings are to speak of it only the user knows",
    "leads_apart": "over which folder an epoch is to walk, only the user knows",
    "no_data": "a source needs a folder, and which one only the user knows",
    "no_images": "a source in its place needs a folder, and which one only the user knows",
    "inside": "the fault is mended on the sheet of the block, where it is told with its remedies",
    "shares": "whether this use gets its own weights or the same input as the other only the user knows",
    "apart": "where images that were augmented apart are to be joined before, and how, only the user knows",
    "both_train": "which optimizer trains which layers only the user knows",
    "placeholder": "what takes the place of a layer of another program only the user knows",
    "": "problems of the data themselves: a folder, labels, patients; nothing in the drawing mends them",
}


def drawn(spoil: Spoil, start: Graph | None = None) -> Graph:
    document = Document(classifier() if start is None else start)
    with document.edit("Draw"):
        spoil(document)
    return document.graph()


def id_of(document: Document, type_id: str) -> str:
    return next(node.id for node in document.nodes.values() if node.type == type_id)


def wire_into(document: Document, type_id: str, port: str) -> Wire:
    target = id_of(document, type_id)
    return next(wire for wire in document.wires if (wire.target, wire.input) == (target, port))


def without(type_id: str) -> Graph:
    return drawn(lambda document: document.remove(id_of(document, type_id)))


def two_wires() -> Graph:
    return drawn(lambda document: wire(document, id_of(document, "convolution"), id_of(document, "relu")))


def loop() -> Graph:
    def spoil(document: Document) -> None:
        adding = add(document, "add")
        wire(document, id_of(document, "convolution"), adding)
        wire(document, chain(document, adding, [("tanh", {"name": "Tanh"})]), adding)

    return drawn(spoil)


def mask_for_class() -> Graph:
    """The loss of a classifier is drawn from the port of masks."""

    def spoil(document: Document) -> None:
        old = wire_into(document, "cross_entropy", "target")
        document.disconnect(old)
        document.connect(Wire(old.source, "mask", old.target, "target"))

    return drawn(spoil, classifier(metrics=()))


def cut(type_id: str, port: str) -> Graph:
    return drawn(lambda document: document.disconnect(wire_into(document, type_id, port)))


def mystery() -> Graph:
    """A node of a type that nothing is known of stands on a wire."""

    def spoil(document: Document) -> None:
        old = wire_into(document, "relu", "image")
        new = document.add("from_the_future", "Mystery")
        document.disconnect(old)
        document.connect(Wire(old.source, old.output, new, "image"))
        document.connect(Wire(new, "out", old.target, old.input))

    return drawn(spoil)


def idle() -> Graph:
    def spoil(document: Document) -> None:
        extra = add(document, ("binary_cross_entropy", {"name": "Second"}))
        scores = chain(document, id_of(document, "flatten"), [("dense", {"units": 1})])
        wire(document, scores, extra, input="prediction")
        wire(document, id_of(document, "image_folder"), extra, output="class", input="target")

    return drawn(spoil)


def lost() -> Graph:
    graph = classifier()
    relu = next(node.id for node in graph.nodes.values() if node.type == "relu")
    return replace(graph, wires=(*graph.wires, Wire(relu, "out", "gone", "image")))


def strange_target() -> Graph:
    def spoil(document: Document) -> None:
        other = source(document, name="Other")
        old = wire_into(document, "cross_entropy", "target")
        document.disconnect(old)
        document.connect(replace(old, source=other))

    return drawn(spoil)


def autoencoder() -> Graph:
    """The image is resized before the network, but compared as it was."""

    def spoil(document: Document) -> None:
        origin = source(document, label="", classes=(), counts=())
        moved = chain(document, origin, [("augment", {"name": "Moved"})])
        last = chain(document, moved, [("convolution", {"filters": 1})])
        judge(document, last, origin, "image", "squared_error")

    return drawn(spoil, Graph())


def two_ways() -> Graph:
    """A metric judges a prediction whose image went through another augmentation."""

    def spoil(document: Document) -> None:
        origin = id_of(document, "image_folder")
        layers = [("augment", {"name": "Other"}), ("convolution", {"filters": 2, "name": "Side"})]
        other = chain(document, origin, layers)
        metric = add(document, "dice_score")
        wire(document, other, metric, input="prediction")
        wire(document, origin, metric, output="mask", input="target")

    return drawn(spoil, segmenter(before=[("augment", {"name": "One"})]))


def left_cut() -> Graph:
    """Pieces that are judged and given out as they are."""
    return segmenter(before=[("patches", {"size": 8})])


def stitched(*, cut: bool = True, wired: str = "Images") -> Graph:
    """Pieces that are put together to images of another size, or a Stitch without pieces."""

    def spoil(document: Document) -> None:
        origin = source(document, label="mask", classes=("background", "lesion"), counts=(9, 1), name="Images")
        small = chain(document, origin, [("resize", {"size": 12, "name": "Small"})])
        start = chain(document, origin, [("patches", {"size": 8})] if cut else [])
        scores = chain(document, start, [("convolution", {"filters": 2})])
        last = add(document, "stitch")
        wire(document, scores, last, input="pieces")
        wire(document, small if wired == "Small" else origin, last, output="out" if wired == "Small" else "image",
             input="image")  # fmt: skip
        judge(document, last, origin, "mask", "dice_cross_entropy")

    return drawn(spoil, Graph())


def nothing_to_train() -> Graph:
    def spoil(document: Document) -> None:
        origin = source(document)
        last = chain(document, origin, [("resize", {"size": (1, 2)}), "flatten"])
        judge(document, last, origin, "class", "cross_entropy")

    return drawn(spoil, Graph())


def branches() -> Graph:
    def spoil(document: Document) -> None:
        origin = source(document)
        meeting = add(document, "add")
        for filters in (4, 8):
            wire(document, chain(document, origin, [("convolution", {"filters": filters})]), meeting)
        last = chain(document, meeting, ["flatten", ("dense", {"units": 2})])
        judge(document, last, origin, "class", "cross_entropy")

    return drawn(spoil, Graph())


def squeezed() -> Graph:
    def spoil(document: Document) -> None:
        origin = source(document)
        last = chain(document, origin, ["flatten", ("dense", {"units": 2}), ("softmax", {"name": "Squeeze"})])
        judge(document, last, origin, "class", "cross_entropy")

    return drawn(spoil, Graph())


def wrong_port() -> Graph:
    def spoil(document: Document) -> None:
        old = wire_into(document, "relu", "image")
        document.disconnect(old)
        document.connect(replace(old, input="picture"))

    return drawn(spoil)


def loss_into_layer() -> Graph:
    return drawn(lambda document: document.connect(
        Wire(id_of(document, "cross_entropy"), "loss", id_of(document, "relu"), "image")))  # fmt: skip


def set_to(**settings: object) -> Graph:
    return classifier(layers=[("convolution", settings), "global_average_pooling"])


def all_frozen() -> Graph:
    def spoil(document: Document) -> None:
        for type_id in ("convolution", "batch_normalization", "dense"):
            document.change(id_of(document, type_id), rate_factor=0)

    return drawn(spoil)


def frozen_at_first(**epochs: int) -> Graph:
    def spoil(document: Document) -> None:
        for type_id, count in epochs.items():
            document.change(id_of(document, type_id), frozen_epochs=count)

    return drawn(spoil)


def in_part() -> Graph:
    def spoil(document: Document) -> None:
        document.change(id_of(document, "dense"), position=(4000.0, 0.0))
        frame_part(document, "Head", [id_of(document, "dense")])
        document.change(id_of(document, "adam"), part="Head")
        document.change(id_of(document, "batch_normalization"), rate_factor=0)

    return drawn(spoil)


def helped_twice() -> Graph:
    return trained_with(classifier(loss=("cross_entropy", {"class_weights": "balanced"})), sampling="balanced")


CASES: list[tuple[str, Callable[[], Graph], str]] = [
    ("setting", lambda: set_to(filters=0), "Set “Filters (output channels)” to 1"),
    ("setting", lambda: set_to(filters=70000), "Set “Filters (output channels)” to 65536"),
    ("unknown_setting", lambda: set_to(colour="red"), "Remove the setting “colour”"),
    ("unknown_type", mystery, "Remove “Mystery”"),
    ("rank", lambda: classifier(layers=["relu"]), "Insert Flatten"),
    ("unfit", branches, "Insert Convolution 1×1 with 8 filters"),
    ("unfit", lambda: classifier(loss="binary_cross_entropy", metrics=()), "Change to Cross-entropy"),
    ("unfit", lambda: set_to(kernel=99, padding="valid"), "Set “Edges (padding)” to same"),
    ("label", lambda: classifier(loss="dice_loss", metrics=()), "Change to Cross-entropy"),
    ("not_offered", mask_for_class, "Draw the target from “class”"),
    ("squeezed", squeezed, "Remove “Squeeze”"),
    ("empty_port", lambda: cut("relu", "image"), "Draw the wire from “Batch normalization”"),
    ("many_wires", two_wires, "Keep the wire from “Convolution”"),
    ("many_wires", two_wires, "Insert Add"),
    ("missing_port", wrong_port, "Draw the wire to “image”"),
    ("lost_wire", lost, "Remove the wire"),
    ("misfit", loss_into_layer, "Remove the wire"),
    ("loop", loop, "Remove the wire from “Tanh” to “Add”"),
    ("idle_loss", idle, "Draw the wire to “Adam”"),
    ("no_output", lambda: without("output"), "Add Output"),
    ("no_optimizer", lambda: without("adam"), "Add Adam"),
    ("no_loss", lambda: without("cross_entropy"), "Add Cross-entropy"),
    ("untrained", nothing_to_train, "Insert Dense with 2 outputs"),
    ("frozen", all_frozen, "Let “Dense” learn"),
    ("frozen", all_frozen, "Let “Convolution” learn"),
    ("frozen_long", lambda: frozen_at_first(dense=10), "Let “Dense” learn from the start"),
    ("frozen_long", lambda: frozen_at_first(dense=10), "Freeze “Dense” for good"),
    ("frozen_at_first", lambda: frozen_at_first(convolution=1, batch_normalization=1, dense=1),
     "Let “Dense” learn from the start"),
    ("sampling", lambda: trained_with(segmenter(), sampling="balanced"), "Go through all cases once"),
    ("helped_twice", helped_twice, "Set “Class weights” to none"),
    ("helped_twice", helped_twice, "Go through all cases once"),
    ("watch", lambda: trained_with(classifier(), watch="beauty"), "Tell the best epoch by the validation loss"),
    ("part", lambda: players(judge={"part": "Jugde"}), "Train the part “Judge”"),
    ("left_out", in_part, "Train all layers before its losses"),
    ("left_out", in_part, "Leave “Convolution” as it is"),
    ("interval", lambda: players(maker={"interval": 900}), "Change its layers at every step"),
    ("other_source", strange_target, "Draw the target from “Image” (class)"),
    ("paths", autoencoder, "Draw the target from “Moved”"),
    ("pieces", left_cut, "Insert Stitch"),
    ("pieces", lambda: stitched(wired="Small"), "Draw the image from “Images”"),
    ("pieces", lambda: stitched(cut=False), "Remove “Stitch”"),
    ("two_ways", two_ways, "Draw the prediction from “Scores”"),
]


def codes() -> set[str]:
    """The classes of problems that the runtime names, read from its source."""
    found: set[str] = set()
    for file in (ROOT / "runtime").glob("*.py"):
        for call in (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)):
            found |= set(_codes_of(call))
    return found


def _codes_of(call: ast.Call) -> list[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    place = {"Problem": 4, "_error": 3}.get(name)
    told = [word.value for word in call.keywords if word.arg == "code"]
    told += call.args[place : place + 1] if place is not None else []
    return [one.value for one in told if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def test_that_every_class_of_problem_is_mended_here_or_says_why_it_cannot_be() -> None:
    assert {"rank", "loop", "no_output", "squeezed"} <= codes()
    assert codes() - {""} == {code for code, _, _ in CASES} | set(NO_FIX) - {""}
    assert not {code for code, _, _ in CASES} & set(NO_FIX)
    assert all(NO_FIX.values())


@pytest.mark.parametrize(("code", "spoilt", "label"), CASES, ids=[f"{code}: {label}" for code, _, label in CASES])
def test_that_one_change_makes_the_drawing_valid(code: str, spoilt: Callable[[], Graph], label: str) -> None:
    graph = spoilt()
    analysis = analyse(graph)
    before = (*analysis.problems, *training_problems(analysis))
    problem = next(problem for problem in before if problem.code == code)
    found = {fix.label: fix for fix in fixes_for(problem, analysis)}
    assert label in found, f"offered are {list(found)}"
    document = Document(graph)
    apply_fix(found[label], document)
    after = analyse(document.graph())
    assert not after.problems
    assert problem not in training_problems(after)
    document.undo()
    assert document.graph() == graph


def test_that_what_only_the_user_knows_has_no_button(tmp_path: Path) -> None:
    graphs = [Graph(), drawn(lambda document: document.retype(id_of(document, "image_folder"), "input", "Input", {}))]
    seen = set()
    for graph in graphs:
        analysis = analyse(graph)
        for problem in (*analysis.problems, *training_problems(analysis)):
            if problem.code in NO_FIX:
                seen.add(problem.code)
                assert fixes_for(problem, analysis) == ()
    assert {"no_data", "no_images"} <= seen
