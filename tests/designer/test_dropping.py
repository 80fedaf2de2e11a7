"""A folder may be dropped anywhere on the window."""

import pytest

from tests.designer.hand import Hand


@pytest.fixture
def hand(qtbot):
    return Hand(qtbot)


@pytest.mark.parametrize("workspace", ["data", "design", "train", "evaluate", "deliver"])
def test_that_a_folder_dropped_on_any_workspace_is_looked_at(hand, tmp_path, workspace):
    hand.go(workspace)
    assert hand.drop_files(tmp_path, on=hand.window.workspaces[workspace])
    assert hand.window.current == "data"
    assert hand.window.data.bar.folder == tmp_path
    hand.window.data.close_down()


def test_that_a_folder_dropped_on_a_drawing_or_a_panel_is_looked_at(hand, tmp_path):
    hand.window.begin_with("lenet")
    for place in ("view", "inspector", "palette_panel"):
        hand.go("design")
        assert hand.drop_files(tmp_path, on=getattr(hand.window.design, place))
        assert hand.window.current == "data", place
        hand.window.data.close_down()


def test_that_a_file_that_is_no_project_leads_to_its_folder(hand, tmp_path):
    (tmp_path / "one.png").write_bytes(b"")
    assert hand.drop_files(tmp_path / "one.png", on=hand.window.start)
    assert hand.window.data.bar.folder == tmp_path
    hand.window.data.close_down()
