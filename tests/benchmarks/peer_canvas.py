"""The same frames of NodeGraphQt, for bench_canvas: `python -P -m tests.benchmarks.peer_canvas 1000`.

NodeGraphQt is no dependency of this program; it is asked only where somebody put it into a folder of its own.
"""

import importlib
import json
import sys
from typing import Any

import PySide6
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from tests.benchmarks.frames import frames
from tests.builders.large import large


def drawn(number: int) -> Any:
    """Its graph with nodes and wires at the places of our large drawing, two inputs a node where two are needed."""
    peer: Any = importlib.import_module("NodeGraphQt")

    class Bar(peer.BaseNode):  # type: ignore[misc]
        __identifier__ = "bench"
        NODE_NAME = "Bar"

        def __init__(self) -> None:
            super().__init__()
            self.add_input("image", multi_input=True)
            self.add_output("out")

    graph, ours = peer.NodeGraph(), large(number)
    graph.register_node(Bar)
    made = {}
    for node in ours.nodes.values():
        place = [node.position[0], node.position[1] * 3]  # its nodes are taller
        made[node.id] = graph.create_node("bench.Bar", name=node.name, pos=place, selected=False, push_undo=False)
    for wire in ours.wires:
        made[wire.source].output(0).connect_to(made[wire.target].input(0), push_undo=False)
    return graph


def main() -> None:
    """Measure and print."""
    app = QApplication(sys.argv[:1])
    graph = drawn(int(sys.argv[1]))
    viewer: Any = graph.viewer()
    viewer.resize(1400, 900)
    viewer.show()
    graph.fit_to_selection()
    graph.clear_selection()
    viewport = viewer.viewport()
    found = {"repaint": frames(viewport, lambda _number: viewport.update())}
    step = (QPoint(5, 3), QPoint(-5, -3))

    def pan(number: int) -> None:
        way = step[number // 8 % 2]
        viewer._set_viewer_pan(float(way.x()), float(way.y()))

    found["pan"] = frames(viewport, pan)
    zoom = round(viewer.transform().m11(), 3)
    sys.stdout.write(json.dumps({"PySide6": PySide6.__version__, "zoom": zoom, "full view": found}) + "\n")
    sys.stdout.flush()
    graph.close()
    app.quit()


if __name__ == "__main__":
    main()
