"""The layout: top to bottom, no bar on another, the same again when repeated."""

import dataclasses
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt

import nodes  # noqa: F401 - registers the node types
from designer.canvas.layout import lay_out
from designer.canvas.measures import HEIGHT, WIDTH
from designer.canvas.remark_facts import box_of
from runtime.framed import nodes_in
from runtime.graph import Graph, Node, Wire
from tests.designer.desk import CTRL, Desk, stack


def placed(graph: Graph) -> dict[str, Node]:
    places = lay_out(graph.nodes, graph.wires)
    return {node_id: dataclasses.replace(node, position=places[node_id]) for node_id, node in graph.nodes.items()}


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 12))
    spot = st.tuples(st.integers(-500, 500).map(float), st.integers(-500, 500).map(float))
    made = {f"n{i}": Node(f"n{i}", "add", f"n{i}", {}, draw(spot)) for i in range(count)}
    ends = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(ends, ends), max_size=20, unique=True))
    wires = tuple(Wire(f"n{a}", "out", f"n{b}", "images") for a, b in pairs)
    return Graph(made, wires)


@given(graphs())
@settings(max_examples=150, deadline=None)
def test_that_no_bar_covers_another_and_a_second_time_changes_nothing(graph):
    once = placed(graph)
    boxes = [node.position for node in once.values()]
    for place, (x, y) in enumerate(boxes):
        assert not any(abs(x - a) < WIDTH and abs(y - b) < HEIGHT for a, b in boxes[:place])
    again = placed(Graph(once, graph.wires))
    assert {key: node.position for key, node in again.items()} == {key: node.position for key, node in once.items()}


@given(graphs())
@settings(max_examples=100, deadline=None)
def test_that_wires_lead_down_in_a_graph_without_loops(graph):
    forward = tuple(wire for wire in graph.wires if int(wire.source[1:]) < int(wire.target[1:]))
    once = placed(Graph(graph.nodes, forward))
    assert all(once[wire.source].position[1] < once[wire.target].position[1] for wire in forward)


def test_that_a_chain_stands_in_one_column():
    graph = stack("input", "convolution", "relu", "flatten")
    assert len({node.position[0] for node in placed(graph).values()}) == 1


def test_that_ctrl_l_is_one_step_and_lays_out_only_the_selection(qtbot):
    desk = Desk(qtbot, stack("input", "convolution", "relu", "flatten"))
    with desk.document.edit("Scatter"):
        desk.document.change("relu", position=(300.0, 8.0))
        desk.document.change("flatten", position=(640.0, 200.0))
    desk.canvas.select(["relu", "flatten"])
    desk.key(Qt.Key.Key_L, CTRL)
    positions = {node_id: node.position for node_id, node in desk.document.nodes.items()}
    assert positions["input"] == (0.0, 0.0)
    assert positions["relu"][0] == positions["flatten"][0]
    assert desk.document.undo_label == "Lay out"
    desk.project.undo()
    assert desk.document.nodes["flatten"].position == (640.0, 200.0)


def test_that_a_frame_around_its_nodes_takes_in_no_other_after_a_layout():
    ends = {"early": "prep", "late": "four", "prep": "source"}
    chain = ["noise", "one", "two", "three", "four"]
    names = [*chain, "source", "prep", "early", "late"]
    made = {name: Node(name, "add", name, {}, (0.0, 40.0 * row)) for row, name in enumerate(names)}
    pairs = [*pairwise(chain), *((start, end) for end, start in ends.items())]
    wires = tuple(Wire(start, "out", end, "images") for start, end in [*pairs, ("early", "end"), ("late", "end")])
    made["end"] = Node("end", "add", "end", {}, (0.0, 400.0))
    places = lay_out(made, wires, framed=[["early", "late"], ["one", "two", "three", "four"]])
    assert places["early"][1] == places["late"][1] > places["four"][1]
    left, right = sorted(places[name][0] for name in ("early", "late"))
    assert not [name for name, (x, y) in places.items() if left < x < right and y == places["late"][1]]
    assert lay_out(made, wires)["early"][1] < places["four"][1]


def test_that_what_a_frame_moves_is_what_an_optimizer_trains_in_it():
    frame = Node("frame", "frame", "Part", {"size": [300.0, 200.0]}, (0.0, 0.0))
    spots = [(x, y) for x in (-8.0, 0.0, 20.0, 44.0, 52.0) for y in (-8.0, 0.0, 172.0, 180.0)]
    made = {f"n{at}": Node(f"n{at}", "relu", f"n{at}", {}, spot) for at, spot in enumerate(spots)}
    inside = nodes_in({**made, "frame": frame}, frame)
    assert inside == {name for name, node in made.items() if box_of(frame).contains(box_of(node))}
    assert 0 < len(inside) < len(made)
