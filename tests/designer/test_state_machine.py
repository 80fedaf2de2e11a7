"""Editing at random: after every step the scene mirrors the document, and undoing all of it gives back the start."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtTest import QTest

from designer.canvas import remark_edits
from designer.canvas.fitting import ports_of
from designer.canvas.landing import OnWire
from designer.canvas.sheets import types_of_blocks
from designer.inspector.port_order import ends_of, reorder
from designer.place import Place
from nodes.spec import find
from runtime.graph import Wire
from tests.designer.desk import Desk

TYPES = ("input", "convolution", "relu", "add", "dense", "flatten", "cross_entropy", "adam", "dicom_folder")
STEPS = st.tuples(
    st.sampled_from(
        ("add", "below", "connect", "wire", "remove", "close", "move", "nudge", "copy", "paste", "duplicate", "lay out",
         "undo", "redo", "redo", "insert", "change", "group", "ungroup", "enter", "leave", "use", "argument",
         "paste use", "reorder", "save and reopen", "remark", "write", "type", "resize", "frame", "fit")
    ),
    st.integers(0, 1000),
    st.integers(0, 1000),
)  # fmt: skip


@pytest.fixture
def desk(qtbot, tmp_path):
    made = Desk(qtbot)
    made.folder = tmp_path
    return made


@pytest.mark.long
@given(st.lists(STEPS, min_size=1, max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_that_the_scene_mirrors_the_document_and_undo_leads_back_and_redo_forth(desk, steps):
    desk.project.new()
    desk.reopened = []
    start = desk.document.graph()
    for verb, one, other in steps:
        do(desk, verb, one, other)
        assert desk.mirrors(), verb
        assert desk.project.analyse_now().drawn is desk.document.graph()
        assert desk.mirrors(), verb
    desk.project.go(Place())
    start = start if not desk.reopened else desk.reopened[-1]
    end, taken_back = desk.document.graph(), 0
    while desk.document.undo_label:
        desk.project.undo()
        taken_back += 1
        desk.project.analyse_now()
        assert desk.mirrors()
    assert desk.document.graph() == start
    for _ in range(taken_back):
        desk.project.redo()
    assert desk.document.graph() == end
    assert list(desk.document.graph().nodes) == list(end.nodes)
    assert desk.mirrors()


def do(desk, verb: str, one: int, other: int) -> None:
    ids = list(desk.document.on(desk.project.place.sheet))
    wires = [wire for wire in desk.document.wires if wire.target in ids]
    kind = find(TYPES[one % len(TYPES)])
    here, there = (ids[one % len(ids)], ids[other % len(ids)]) if ids else ("", "")
    desk.canvas.select([here, there] if ids else [])
    match verb:
        case "add":
            desk.editor.add(kind, desk.view.mapToScene(one, other))
        case "below" if ids:
            desk.editor.add_below(kind, there)
        case "connect" if ids:
            desk.editor.connect_nodes(here, there)
        case "wire" if ids:
            wire(desk, here, there, one)
        case "remove":
            desk.editor.remove_selection()
        case "close":
            desk.editor.remove_closing_gap()
        case "move" if ids:
            desk.editor.move({here: (float(one), float(other))})
        case "nudge":
            desk.editor.nudge(8, 0)
        case "copy":
            desk.editor.copy()
        case "paste" if len(ids) < 40:
            desk.editor.paste()
        case "duplicate" if len(ids) < 40:
            desk.editor.duplicate()
        case "lay out":
            desk.editor.lay_out()
        case "insert" if wires:
            insert(desk, kind, wires[other % len(wires)])
        case "change" if ids:
            with desk.document.edit("Change", merge="change"):
                desk.document.change(here, filters=other)
        case "group":
            desk.view.blocks.group()
            desk.view.renamer.give_up()
        case "ungroup" if len(desk.document.nodes) < 60:
            desk.view.blocks.ungroup()
        case "enter" if ids:
            desk.view.blocks.enter(next((one for one in ids if desk.view.blocks.is_use(one)), here))
        case "leave":
            desk.view.blocks.leave()
        case "use" if desk.document.blocks and len(ids) < 40:
            desk.editor.add(types_of_blocks(desk.document)[one % len(desk.document.blocks)], QPointF(one, other))
        case "argument":
            argue(desk, here, other)
        case "paste use" if len(ids) < 40:
            desk.canvas.select([one for one in ids if desk.view.blocks.is_use(one)][:2])
            desk.editor.copy()
            desk.editor.paste()
        case "reorder":
            ends = [node.id for node, _ in ends_of(desk.document, desk.project.place.sheet)]
            with desk.document.edit("Reorder"):
                reorder(desk.document, ends[::-1])
        case "save and reopen":
            reopen(desk)
        case "remark" | "write" | "type" | "resize" | "frame" | "fit":
            remark(desk, verb, here, one, other)
        case "undo":
            desk.project.undo()
        case "redo":
            desk.project.redo()


def remark(desk, verb: str, here: str, one: int, other: int) -> None:
    items = list(desk.canvas.remarks.items)
    chosen = items[one % len(items)] if items else ""
    match verb:
        case "remark":
            desk.editor.add(find(("comment", "frame")[one % 2]), desk.view.mapToScene(one, other))
        case "write" if chosen:
            remark_edits.write(desk.document, chosen, "words " * (other % 50))
        case "type" if chosen:
            desk.view.remarks.edit(chosen)
            field = desk.view.renamer.line if desk.view.renamer.node_id else desk.view.remarks.editor.box
            QTest.keyClicks(field, "so and so"[: other % 9])
            for typed in (desk.view.remarks.editor, desk.view.renamer):
                typed.accept() if one % 2 else typed.give_up()
        case "resize" if chosen:
            corner = desk.canvas.remarks.items[chosen].pos()
            remark_edits.resize(desk.document, chosen, QRectF(corner, QSizeF(100 + one, 100 + other)))
        case "frame" if here:
            desk.view.remarks.add(find("frame"))
        case "fit" if chosen:
            desk.canvas.select([chosen])
            desk.view.remarks.fit_frame()


def wire(desk, here: str, there: str, one: int) -> None:
    outputs, inputs = ports_of(desk.document, here)[1], ports_of(desk.document, there)[0]
    if outputs and inputs:
        ends = outputs[one % len(outputs)].name, inputs[one % len(inputs)].name
        desk.editor.connect_ports(Wire(here, ends[0], there, ends[1]))


def insert(desk, kind, on: Wire) -> None:
    item = desk.canvas.wire_items[on]
    desk.editor.add(kind, item.path().pointAtPercent(0.5), OnWire(on))


def argue(desk, here: str, value: int) -> None:
    """Give the sheet an argument if it is a block's, use it in a node, and change what it is."""
    sheet = desk.project.place.sheet
    desk.editor.add(find("argument"), QPointF(value, value))
    arguments = [node for node in desk.document.on(sheet).values() if node.type == "argument"]
    if arguments and here:
        with desk.document.edit("Change"):
            desk.document.change(arguments[0].id, default=str(value % 9))
            desk.document.change(here, filters=f"=2*{arguments[0].name}")
        desk.editor.rename(arguments[-1].id, f"channels_{value}")


def reopen(desk) -> None:
    """Save the project and open it again: the drawing is the same, and undo begins anew."""
    before, file = desk.document.graph(), desk.folder / "drawn.netloom"
    desk.project.save(file)
    desk.project.load(file)
    desk.reopened.append(desk.document.graph())
    assert desk.document.graph() == before
