"""Editing at random: after every step the scene mirrors the document, and undoing all of it gives back the start."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.canvas.fitting import ports_of
from designer.canvas.landing import OnWire
from nodes.spec import find
from runtime.graph import Wire
from tests.designer.desk import Desk

TYPES = ("input", "convolution", "relu", "add", "dense", "flatten", "cross_entropy", "adam", "dicom_folder")
STEPS = st.tuples(
    st.sampled_from(
        ("add", "below", "connect", "wire", "remove", "close", "move", "nudge", "copy", "paste", "duplicate", "lay out",
         "undo", "redo", "redo", "insert", "change")
    ),
    st.integers(0, 1000),
    st.integers(0, 1000),
)  # fmt: skip


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot)


@given(st.lists(STEPS, min_size=1, max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_that_the_scene_mirrors_the_document_and_undo_leads_back_and_redo_forth(desk, steps):
    desk.project.new()
    start = desk.document.graph()
    for verb, one, other in steps:
        do(desk, verb, one, other)
        assert desk.mirrors(), verb
        assert desk.project.analyse_now().graph is desk.document.graph()
    end, taken_back = desk.document.graph(), 0
    while desk.document.undo_label:
        desk.project.undo()
        taken_back += 1
        assert desk.mirrors()
    assert desk.document.graph() == start
    for _ in range(taken_back):
        desk.project.redo()
    assert desk.document.graph() == end
    assert list(desk.document.graph().nodes) == list(end.nodes)
    assert desk.mirrors()


def do(desk, verb: str, one: int, other: int) -> None:
    ids = list(desk.document.nodes)
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
        case "insert" if desk.document.wires:
            insert(desk, kind, desk.document.wires[other % len(desk.document.wires)])
        case "change" if ids:
            with desk.document.edit("Change", merge="change"):
                desk.document.change(here, filters=other)
        case "undo":
            desk.project.undo()
        case "redo":
            desk.project.redo()


def wire(desk, here: str, there: str, one: int) -> None:
    outputs, inputs = ports_of(desk.document, here)[1], ports_of(desk.document, there)[0]
    if outputs and inputs:
        ends = outputs[one % len(outputs)].name, inputs[one % len(inputs)].name
        desk.editor.connect_ports(Wire(here, ends[0], there, ends[1]))


def insert(desk, kind, on: Wire) -> None:
    item = desk.canvas.wire_items[on]
    desk.editor.add(kind, item.path().pointAtPercent(0.5), OnWire(on))
