"""The files of the templates are those that their drawings give, complete, and laid out as Ctrl+L leaves them."""

import json

import pytest
from PySide6.QtWidgets import QApplication

import resources
from designer import theme
from designer.canvas.layout import lay_out
from designer.canvas.remark_facts import box_of
from designer.canvas.scene import CanvasScene
from designer.project import Project
from runtime.document import Document
from runtime.graph import MAIN
from runtime.templates import graph_of, known
from tools.templates.catalogue import PLANS
from tools.templates.writing import stale

FOLDER = resources.path("templates")


def test_that_every_file_is_what_its_drawing_gives():
    assert stale() == []


def test_that_every_template_is_listed_once_with_a_drawing_and_what_is_told_of_it():
    listed = json.loads((FOLDER / "templates.json").read_text(encoding="utf-8"))
    assert len(listed) == len(set(listed))
    assert {path.stem for path in FOLDER.glob("*.netloom")} == set(listed)
    assert {path.stem for path in FOLDER.glob("*.json")} == {*listed, "templates"}
    assert {plan.name for plan in PLANS} <= {entry.name for entry in known()}


@pytest.mark.parametrize("name", [plan.name for plan in PLANS])
def test_that_laying_a_template_out_again_moves_nothing(name):
    document = Document(graph_of(name))
    for sheet in (MAIN, *document.blocks):
        bars = {node_id: node for node_id, node in document.on(sheet).items() if node.type != "comment"}
        places = lay_out(bars, document.wires, document.find)
        assert places == {node_id: node.position for node_id, node in bars.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", [template.name for template in known()])
def test_that_neither_a_wire_nor_a_bar_nor_a_remark_lies_below_the_note_of_a_template(qtbot, name):
    theme.apply(QApplication.instance())
    project = Project()
    canvas = CanvasScene(project)
    project.new(graph_of(name))
    (note,) = [node for node in project.document.on(MAIN).values() if node.settings.get("picture")]
    box = box_of(note)
    crossed = [
        wire.accessible_text()
        for wire in canvas.wire_items.values()
        if any(box.contains(wire.path().pointAtPercent(step / 400)) for step in range(401))
    ]
    assert crossed == []
    assert canvas.wire_items
    others = [node for node in project.document.on(MAIN).values() if node is not note]
    assert [node.name for node in others if box_of(node).intersects(box)] == []
