"""Exported source: it runs alone, takes the trained weights, and gives the very same numbers."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from nodes.roles import Metric
from nodes.spec import REGISTRY
from runtime.compile import Deployed, Network, compile_graph
from runtime.copied import copied
from runtime.document import Document
from runtime.graph import Graph
from runtime.source import python_source
from tests.builders import graphs

PROBE = """
import sys, numpy, torch
from model import Network
network = Network().load("weights.safetensors").eval()
given = [torch.from_numpy(numpy.load(name)) for name in sys.argv[1:]]
answers = network.predict(*given)
answers = answers if isinstance(answers, tuple) else (answers,)
for number, answer in enumerate(answers):
    numpy.save(f"answer-{number}.npy", answer.numpy())
assert not [name for name in sys.modules if name.split(".")[0] in ("runtime", "nodes", "designer", "tests")]
"""


def trained(graph: Graph) -> Network:
    """A network whose weights and running statistics are not those it was made with."""
    network = compile_graph(graphs.sound(graph))
    for seed in range(2):
        torch.manual_seed(seed)
        feeds = {name: torch.randn(4, *(network.analysis.facts[name].shape or ())) * 50 for name in network.inputs}
        network(feeds)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
    return network


def alone(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder with nothing of this project in reach, and as many threads, which sums depend on."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    threads = {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    call = [sys.executable, *command]
    ran = subprocess.run(
        call, cwd=folder, env=kept | threads, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran


def exported_answers(network: Network, images: list[torch.Tensor], folder: Path) -> list[np.ndarray]:
    (folder / "model.py").write_text(python_source(network.analysis), "utf-8")
    weights = {name: weight.contiguous() for name, weight in network.state_dict().items()}
    save_file(weights, folder / "weights.safetensors")
    (folder / "probe.py").write_text(PROBE, "utf-8")
    for number, image in enumerate(images):
        np.save(folder / f"image-{number}.npy", image.numpy())
    alone(["probe.py", *(f"image-{number}.npy" for number in range(len(images)))], folder)
    return [np.load(path) for path in sorted(folder.glob("answer-*.npy"))]


def two_outputs() -> Graph:
    """A residual network with awkward names, merges, functions, augmentation, a constant and two outputs."""
    document = Document()
    with document.edit("Draw"):
        start = graphs.source(document, name='"""quoted""" \\n image\nsecond line')
        before = [("window", {"centre": 10.0, "width": 300.0}), ("augment", {"name": "Shake # it"}), "normalise"]
        trunk = graphs.chain(document, start, [*before, ("convolution", {"filters": 4, "name": "Network"})])
        branch = graphs.chain(document, trunk, [("convolution", {"filters": 4, "name": "Зерно"}), "prelu"])
        total = graphs.add(document, "add")
        joined = graphs.add(document, "concatenate")
        for node_id in (trunk, branch):
            graphs.wire(document, node_id, total)
        for node_id in (total, branch):
            graphs.wire(document, node_id, joined)
        last = graphs.chain(document, joined, ["global_average_pooling", ("dense", {"units": 2, "name": "return"})])
        graphs.judge(document, last, start, "class", "cross_entropy")
        shift = graphs.add(document, ("constant", {"shape": (2,), "value": 0.5}))
        moved = graphs.add(document, "subtract")
        graphs.wire(document, last, moved, input="left")
        graphs.wire(document, shift, moved, input="right")
        graphs.wire(document, moved, graphs.add(document, ("output", {"name": "Moved scores"})))
    return document.graph()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("graph", "size"),
    [
        (graphs.classifier(before=["augment"]), (1, 33, 20)),
        (graphs.regressor(before=[("normalise", {"method": "range to 0–1"})]), (1, 16, 16)),
        (graphs.segmenter(before=[("resize", {"size": (12, 10), "fit": "crop"})], size=()), (1, 30, 40)),
        (two_outputs(), (1, 40, 25)),
    ],
    ids=["classifier", "regressor", "segmenter", "two outputs"],
)
def test_that_the_exported_file_alone_gives_identical_numbers(graph: Graph, size: tuple[int, ...], tmp_path: Path):
    network = trained(graph)
    images = [torch.randn(3, *size) * 100]
    with torch.inference_mode():
        wanted = Deployed(network)(*images)
    answers = exported_answers(network, images, tmp_path)
    assert len(answers) == len(wanted)
    for answer, want in zip(answers, wanted, strict=True):
        assert float(np.abs(answer - want.numpy()).max()) == 0.0


def test_that_the_exported_file_tries_itself(tmp_path: Path):
    (tmp_path / "model.py").write_text(python_source(graphs.sound(graphs.classifier())), "utf-8")
    assert "Answer (1, 2) ('healthy', 'ill')" in alone(["model.py"], tmp_path).stdout


def test_that_shapes_stand_at_the_end_of_lines_and_augmentation_is_left_out():
    text = python_source(graphs.sound(graphs.classifier(before=[("augment", {"name": "Shake"})])))
    assert "convolution = self.convolution(image)  # 4×16×16" in text
    assert "# “Shake” acts in training only and is left out here." in text
    assert "Augment" not in text
    assert "runtime" not in text


def test_that_source_for_fitted_images_leaves_the_fit_out():
    text = python_source(graphs.sound(graphs.classifier()), deployed=False)
    assert "Fit(" not in text


def test_that_a_users_names_cannot_break_out_of_comments_and_docstrings():
    name = '"""\nimport os\n# \\'
    text = python_source(graphs.sound(graphs.classifier(before=[("augment", {"name": name})], classes=(name, "b"))))
    tree = ast.parse(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported == {"sys", "torch"}


def test_that_every_module_of_ours_can_be_copied_together_without_two_of_one_name():
    targets = set()
    for kind in REGISTRY.values():
        if kind.example and hasattr(kind, "call") and not issubclass(kind, Metric):  # no metric leaves
            values = {
                port.name: kind.example if port.many else value
                for port, value in zip(kind.inputs, kind.example, strict=False)
            }
            targets.add(kind().call(**values).target)
    ours = sorted(target for target in targets if target.startswith("runtime.modules."))
    found = copied(ours)
    assert ours
    assert not any(entry.module.startswith(("runtime", "nodes")) for entry in found.imports)
    compile("\n\n".join(found.definitions), "copied", "exec")
