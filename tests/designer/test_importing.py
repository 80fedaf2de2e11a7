"""A file of another program is opened in the window as a project is."""

import pytest

from tests.designer.hand import Hand
from tests.runtime.importing.test_foreign_files import PROJECT


@pytest.fixture
def hand(qtbot):
    return Hand(qtbot)


def test_that_a_dropped_file_of_another_program_is_drawn_and_its_list_leads_to_nodes(hand, qtbot, tmp_path):
    path = tmp_path / "spectrum.sdcproj"
    path.write_text(PROJECT, encoding="utf-8")
    assert hand.drop_files(path, on=hand.window.start)
    qtbot.waitUntil(lambda: hand.window.foreign.report is not None, timeout=60_000)
    assert hand.window.current == "design"
    assert hand.window.project.path == tmp_path / "spectrum.netloom"
    (placeholder,) = [node for node in hand.window.project.document.nodes.values() if node.type == "placeholder"]
    table = hand.window.foreign.report.table
    rows = [row for row in range(table.rowCount()) if "Spectrum" in table.item(row, 0).text()]
    table.cellClicked.emit(rows[0], 0)
    assert hand.window.design.view.canvas.selected_ids() == (placeholder.id,)
    hand.window.foreign.report.close()


def test_that_a_file_that_cannot_be_opened_is_said_and_the_drawing_stays(hand, qtbot, tmp_path):
    path = tmp_path / "none.nnp"
    path.write_bytes(b"none")
    hand.window.open_project(path)
    qtbot.waitUntil(lambda: not hand.window.foreign.running, timeout=60_000)
    assert "none.nnp" in hand.window.messages.said
    assert not hand.window.project.document.nodes
