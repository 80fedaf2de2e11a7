"""One class is all that a new node type takes: palette, inspector, reference, training and exports follow from it."""

import sys

import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from torch.nn.functional import cross_entropy

from nodes.reference import page
from nodes.spec import REGISTRY, Call, Category, NodeType, Shape, Unfit, module, setting
from runtime.compile import compile_graph
from runtime.source import python_source
from tests.builders import graphs
from tests.builders.contract import check_layer
from tests.designer.desk import Desk, stack


def declare() -> type[NodeType]:
    """The class that somebody adds to the program, and nothing else."""

    class Squeeze(
        NodeType, id="squeeze_of_the_test", title="Squeeze channels", category=Category.CONVOLUTION,
        words="zzmix bottleneck pointwise",
    ):  # fmt: skip
        """Mixes the channels of each pixel into fewer. It looks at no neighbours."""

        example = ((3, 8, 8),)

        kept: int = setting(2, "How many channels leave the node. Fewer are quicker.", low=1, high=64, brief=True)
        bias: bool = setting(True, "Adds one trained number to each channel.")

        def infer(self, image: Shape) -> Shape:
            if len(image) != 3:
                raise Unfit(f"Squeeze channels takes 2-D images, and this has {len(image) - 1} axes.")
            return (self.kept, *image[1:])

        def call(self, image: Shape) -> Call:
            return module("torch.nn.Conv2d", in_channels=image[0], out_channels=self.kept, kernel_size=1,
                          bias=self.bias)  # fmt: skip

        def parameters(self, image: Shape) -> int:
            return self.kept * (image[0] + self.bias)

    return Squeeze


@pytest.fixture
def kind():
    made = declare()
    yield made
    del REGISTRY[made.id]


@pytest.fixture
def network(kind):
    torch.manual_seed(0)
    return compile_graph(graphs.sound(graphs.classifier(layers=(("squeeze_of_the_test", {"kept": 3}), "flatten"))))


@pytest.fixture
def desk(qtbot, kind):
    return Desk(qtbot, stack("input"))


def test_that_the_palette_finds_it_and_puts_it_on_the_canvas(desk, kind):
    desk.view.go_to("input")
    palette = desk.workspace.palette_panel
    QTest.keyClicks(palette.field, "zzmix")
    assert palette.list.item(0).text() == "Squeeze channels"
    assert palette.list.item(0).toolTip().startswith("Mixes the channels")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    (new,) = (node for node in desk.document.nodes.values() if node.type == kind.id)
    assert desk.document.graph().wires_into(new.id)
    assert not [problem for problem in desk.project.analyse_now().errors if problem.node == new.id]


def test_that_the_search_on_the_canvas_finds_it(desk, kind):
    desk.double_click(QPoint(400, 400))
    desk.search("bottleneck")
    assert desk.id_of(kind.id)


def test_that_the_inspector_shows_its_settings(desk, kind):
    desk.double_click(QPoint(400, 400))
    desk.search("squeeze")
    node_id = desk.id_of(kind.id)
    fields = desk.workspace.inspector.form.rows.fields
    assert list(fields) == ["", "kept", "bias"]
    QTest.keyClick(fields["kept"].line, Qt.Key.Key_Up)
    assert desk.document.nodes[node_id].settings["kept"] == 3
    QTest.mouseClick(fields["bias"].check, Qt.MouseButton.LeftButton, pos=QPoint(8, fields["bias"].check.height() // 2))
    assert desk.document.nodes[node_id].settings["bias"] is False


def test_that_the_reference_describes_it(kind):
    told = page()
    assert f"### Squeeze channels (`{kind.id}`)" in told
    assert "| Kept | `kept` | 2 | a whole number from 1 to 64 |  | How many channels leave the node." in told
    assert "- In: `image`" in told


def test_that_a_graph_with_it_learns(network, kind):
    (layer,) = (child for child in network.children() if isinstance(child, torch.nn.Conv2d))
    before = layer.weight.detach().clone()
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    (source,) = network.inputs
    prediction = next(node.id for node in network.analysis.graph.nodes.values() if node.type == "dense")
    passed = network({source: torch.randn(4, 1, 16, 16)})
    loss = cross_entropy(passed.at(prediction), torch.tensor([0, 1, 0, 1]))
    loss.backward()
    optimizer.step()
    assert layer.weight.shape == (3, 1, 1, 1)
    assert not torch.equal(before, layer.weight)


def test_that_exported_source_has_it(network, tmp_path, monkeypatch):
    source = python_source(network.analysis, deployed=False)
    assert "nn.Conv2d(" in source
    (tmp_path / "squeezed.py").write_text(source, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import squeezed

    monkeypatch.delitem(sys.modules, "squeezed")
    written = squeezed.Network()
    written.load_state_dict(network.state_dict())
    images = torch.randn(2, 1, 16, 16)
    (fed,) = network.inputs
    prediction = next(node.id for node in network.analysis.graph.nodes.values() if node.type == "dense")
    with torch.inference_mode():
        assert torch.equal(written.eval()(images), network.eval()({fed: images}).at(prediction))


def test_that_it_keeps_the_contract(kind):
    check_layer(kind, 25)


def test_that_nothing_is_left_of_it():
    assert "squeeze_of_the_test" not in REGISTRY
