"""The project file: round trips, bad files, and writing that loses nothing."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.files import ProjectError, dumps, load_graph, save_graph, write_safely
from runtime.graph import Graph, Node, Training, Wire

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | texts | st.lists(st.integers(0, 9))
places = st.floats(-1e4, 1e4).map(lambda number: round(number, 2))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    signs = st.characters(exclude_categories=["Cs"], exclude_characters="/#")
    ids = draw(st.lists(st.text(signs, min_size=1, max_size=12), unique=True, max_size=5))
    nodes = {
        node_id: Node(node_id, draw(texts), draw(texts), draw(st.dictionaries(texts, values, max_size=3)),
                      (draw(places), draw(places)))
        for node_id in ids
    }  # fmt: skip
    ends = st.sampled_from(ids) if ids else st.nothing()
    wires = draw(st.lists(st.builds(Wire, ends, texts, ends, texts), unique=True, max_size=5))
    training = Training(epochs=draw(st.integers(1, 99)), seed=draw(st.integers(0, 99)))
    return Graph(nodes, tuple(wires), training)


@given(graph=graphs())
@settings(max_examples=100, deadline=None)
def test_that_what_was_saved_is_what_is_loaded(tmp_path_factory: pytest.TempPathFactory, graph: Graph) -> None:
    path = tmp_path_factory.mktemp("project") / "a.netloom"
    save_graph(graph, path)
    assert load_graph(path).graph == graph
    assert dumps(load_graph(path).graph, path.parent) == path.read_text(encoding="utf-8")


def test_that_the_first_format_still_opens(tmp_path: Path) -> None:
    path = tmp_path / "old.netloom"
    path.write_text(_FIRST, encoding="utf-8")
    loaded = load_graph(path)
    assert loaded.notes == ()
    assert [node.name for node in loaded.graph.nodes.values()] == ["Pictures", "Answer"]
    assert loaded.graph.wires == (Wire("input-1", "image", "output-1", "prediction"),)
    assert loaded.graph.training.epochs == 7


def test_that_ids_used_on_two_sheets_get_ids_of_their_own(tmp_path: Path) -> None:
    end = {"type": "block_input", "name": "x", "settings": {}, "position": [0, 0]}
    use = {"id": "a", "type": "block:b", "name": "Use", "settings": {}, "position": [0, 0]}
    source = {"id": "s/1", "type": "input", "name": "In", "settings": {}, "position": [0, 0]}
    sheets = {
        "main": {"nodes": [use, source], "wires": [["s/1", "image", "a", "a"]]},
        "b": {"name": "B", "nodes": [{"id": "a", **end}], "wires": []},
    }
    path = tmp_path / "twice.netloom"
    path.write_text(json.dumps({"format": 2, "training": {}, "sheets": sheets}), encoding="utf-8")
    graph = load_graph(path).graph
    assert list(graph.nodes) == ["a", "s-1", "a-2"]
    assert graph.wires == (Wire("s-1", "image", "a", "a-2"),)
    assert graph.nodes["a-2"].sheet == "b"


_FIRST = """{
"format": 1,
"program": "netloom",
"training": {"epochs": 7, "batch": 32, "seed": 0, "device": "auto", "split": "patient", "patience": 0, "watch": ""},
"sheets": {
"main": {
"nodes": [
{"id": "input-1", "type": "input", "name": "Pictures", "position": [0, 0], "settings": {"shape": [1, 8, 8]}},
{"id": "output-1", "type": "output", "name": "Answer", "position": [0, 40], "settings": {}}],
"wires": [
["input-1", "image", "output-1", "prediction"]]
}
}
}
"""


@given(content=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
@settings(max_examples=200, deadline=None)
def test_that_any_file_is_either_opened_or_refused_by_name(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("project") / "any.netloom"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match=r"any\.netloom"):
        load_graph(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(where=st.sampled_from(["format", "training", "sheets", "nodes", "wires"]), value=json_values)
@settings(max_examples=200, deadline=None)
def test_that_a_project_with_anything_in_one_place_is_opened_or_refused(
    tmp_path_factory: pytest.TempPathFactory, where: str, value: object
) -> None:
    path = tmp_path_factory.mktemp("project") / "one.netloom"
    read = json.loads(dumps(Graph({"a": Node("a", "relu", "ReLU")}), path.parent))
    (read["sheets"]["main"] if where in ("nodes", "wires") else read)[where] = value
    path.write_text(json.dumps(read), encoding="utf-8")
    try:
        load_graph(path)
    except ProjectError as error:
        assert "one.netloom" in str(error)  # noqa: PT017 - both ends are allowed here


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("\0\0\0", "empty"),
        ('{"format": 1,', "damaged at line 1"),
        ('{"format": NaN}', "NaN"),
        ('{"format": 1, "format": 2}', "twice"),
        ("[" * 200_000, "nested too deep"),
        ('{"format": ' + "9" * 5_000 + "}", "too long"),
        ('{"format": 1e999}', "too large"),
        ('{"format": 1, "sheets": {"main": []}}', "sheets.main"),
    ],
)
def test_that_a_bad_file_is_refused_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "bad.netloom"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match=reason):
        load_graph(path)


def test_that_a_newer_file_opens_for_reading_only(tmp_path: Path) -> None:
    path = tmp_path / "new.netloom"
    read = json.loads(dumps(Graph({"a": Node("a", "relu", "ReLU")}), tmp_path))
    path.write_text(json.dumps({**read, "format": 99}), encoding="utf-8")
    loaded = load_graph(path)
    assert loaded.read_only
    assert "newer version" in loaded.notes[0]


def test_that_an_unknown_node_type_keeps_its_settings_and_wires(tmp_path: Path) -> None:
    path = tmp_path / "future.netloom"
    graph = Graph({"x": Node("x", "not invented yet", "X", {"depth": [1, {"a": 2}]})}, (Wire("x", "o", "x", "i"),))
    save_graph(graph, path)
    assert load_graph(path).graph == graph


def test_that_folders_are_relative_in_the_file_and_absolute_in_memory(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    graph = Graph({"s": Node("s", "image_folder", "Images", {"folder": str(tmp_path / "images")})})
    path = tmp_path / "p.netloom"
    save_graph(graph, path)
    assert str(tmp_path) not in path.read_text(encoding="utf-8")
    assert load_graph(path).graph == graph


def test_that_a_save_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.netloom"
    save_graph(Graph(training=Training(epochs=3)), path)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(ProjectError, match="No space left"):
        save_graph(Graph(training=Training(epochs=9)), path)
    assert load_graph(path).graph.training.epochs == 3
    assert [file.name for file in tmp_path.iterdir()] == ["p.netloom"]


def test_that_a_write_keeps_the_files_permissions(tmp_path: Path) -> None:
    path = tmp_path / "p.txt"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    write_safely(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_that_a_new_file_follows_the_umask_and_an_old_one_keeps_its_mode(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"old")
    old.chmod(0o604)
    before = os.umask(0o027)
    try:
        for path in (old, new):
            write_safely(path, b"content")
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (old, new)] == [0o604, 0o640]
    assert sorted(tmp_path.iterdir()) == [new, old]
