"""ONNX export: checked against the trained network, free in batch and size, silent about this machine."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image

from runtime.compile import Deployed, Network, compile_graph
from runtime.delivery import onnx_file
from runtime.delivery.contract import KEY, contract_of, parse
from runtime.delivery.onnx_file import ExportReport, export_onnx
from runtime.document import Document
from runtime.errors import RunError
from runtime.graph import Graph
from tests.builders import graphs


def exported(graph: Graph, out: Path, cases: list[torch.Tensor]) -> tuple[Network, ExportReport]:
    network = compile_graph(graphs.sound(graph))
    return network, export_onnx(network, out, contract_of(network.analysis), cases)


def run(file: Path, image: torch.Tensor) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: image.numpy()})


def cases(*size: int, count: int = 3) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.rand(*size, generator=generator) * 255 for _ in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
def test_that_the_file_answers_as_the_network_does_for_other_batches_and_sizes(fit: str, tmp_path: Path):
    graph = graphs.classifier(before=["normalise", "augment"], fit=fit)
    network, report = exported(graph, tmp_path / "model.onnx", cases(1, 20, 24))
    assert report.checked_cases == 3
    assert report.max_abs_difference <= 1e-4
    assert report.opset >= 18
    for size in ((1, 1, 64, 64), (5, 1, 9, 31), (2, 1, 16, 16)):
        image = torch.rand(*size) * 200
        (want,) = Deployed(network)(image)
        assert np.abs(run(report.file, image)[0] - want.detach().numpy()).max() < 1e-4


def test_that_a_network_for_volumes_is_exported_with_free_size(tmp_path: Path):
    graph = graphs.segmenter(size=(8, 12, 10), found_size=(8, 12, 10), fit="pad")
    network, report = exported(graph, tmp_path / "model.onnx", cases(1, 9, 14, 11))
    image = torch.rand(2, 1, 7, 20, 13) * 100
    (want,) = Deployed(network)(image)
    assert np.abs(run(report.file, image)[0] - want.detach().numpy()).max() < 1e-4
    shape = onnxruntime.InferenceSession(report.file).get_inputs()[0].shape
    assert [isinstance(side, int) for side in shape] == [False, True, False, False, False]


def test_that_several_outputs_leave_in_order_under_their_names(tmp_path: Path):
    document = Document(graphs.segmenter())
    with document.edit("Add an output"):
        graphs.wire(document, "relu-1", graphs.add(document, ("output", {"name": "Feature maps"})))
    network, report = exported(document.graph(), tmp_path / "model.onnx", cases(1, 16, 16))
    image = torch.rand(2, 1, 16, 16)
    answers = run(report.file, image)
    assert [answer.shape for answer in answers] == [tuple(want.shape) for want in Deployed(network)(image)]
    contract = parse(onnx.load(report.file).metadata_props[0].value)
    session = onnxruntime.InferenceSession(report.file)
    assert [entry.tensor for entry in contract.outputs] == [entry.name for entry in session.get_outputs()]


def test_that_a_plain_input_and_a_noise_source_become_inputs(tmp_path: Path):
    document = Document()
    with document.edit("Draw"):
        noise = graphs.add(document, ("noise", {"shape": (8,), "name": "Latent"}))
        given = graphs.add(document, ("input", {"shape": (8,)}))
        total = graphs.add(document, "add")
        for node_id in (noise, given):
            graphs.wire(document, node_id, total)
        last = graphs.chain(document, total, [("dense", {"units": 3})])
        graphs.wire(document, last, graphs.add(document, "output"))
    _, report = exported(document.graph(), tmp_path / "model.onnx", [])
    session = onnxruntime.InferenceSession(report.file)
    assert [entry.name for entry in session.get_inputs()] == ["latent", "input"]
    assert report.checked_cases == 0


def test_that_the_contract_stands_in_the_metadata_and_nothing_else_does(tmp_path: Path):
    graph = graphs.classifier(modality="CT", fit="pad")
    _, report = exported(graph, tmp_path / "model.onnx", cases(1, 20, 24, count=2))
    model = onnx.load(report.file)
    assert [entry.key for entry in model.metadata_props] == [KEY]
    said = json.loads(model.metadata_props[0].value)
    assert "esearch use only" in said["use"]
    assert said["inputs"][0] | {"units": ""} == {
        "name": "Image", "tensor": "image", "feed": "data", "channels": 1, "size": [16, 16], "rule": "pad", "units": "",
        "modality": "CT", "take": "as found", "neighbours": 0, "spacing_mm": [],
        "columns": [], "column_units": [], "missing": "", "classes": [], "seen": None,
        "patch": [], "patch_unit": "pixels", "drawn": False,
        "leads": [], "rate_hz": 0.0, "stored_rate_hz": 0.0,
    }  # fmt: skip
    assert "MONOCHROME1 inverted" in said["inputs"][0]["units"]
    assert said["outputs"][0]["classes"] == ["healthy", "ill"]
    assert said["outputs"][0]["activation"] == "softmax"
    assert said["checked_cases"] == 2
    assert said["max_abs_difference"] == report.max_abs_difference
    assert not any(node.metadata_props or node.doc_string for node in model.graph.node)
    assert not any(value.metadata_props for value in (*model.graph.value_info, *model.graph.input, *model.graph.output))


def test_that_the_file_tells_nothing_of_this_machine(tmp_path: Path):
    folder = tmp_path / "patients"
    _, report = exported(graphs.classifier(folder=str(folder)), tmp_path / "model.onnx", cases(1, 20, 24))
    data = report.file.read_bytes()
    for text in (str(Path.home()), str(tmp_path), str(Path(__file__).parents[2]), "patients", ".py", "stack_trace"):
        assert text.encode() not in data, text
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_that_a_name_that_holds_a_private_path_is_refused(tmp_path: Path):
    graph = graphs.classifier(folder=str(tmp_path), name=f"Images of {tmp_path}")
    with pytest.raises(RunError, match="of this machine"):
        exported(graph, tmp_path / "model.onnx", cases(1, 20, 24))
    assert list(tmp_path.iterdir()) == []


def test_that_a_file_whose_answers_differ_is_not_kept_and_an_old_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "model.onnx").write_text("the old file")
    honest = onnx_file._model

    def damaged(*given: object) -> onnx.ModelProto:
        model = honest(*given)  # type: ignore[arg-type]
        weight = next(tensor for tensor in model.graph.initializer if "dense.bias" in tensor.name)
        weight.raw_data = (np.frombuffer(weight.raw_data, np.float32) + np.float32(0.5)).tobytes()
        return model

    monkeypatch.setattr(onnx_file, "_model", damaged)
    with pytest.raises(RunError, match="answers differ"):
        exported(graphs.regressor(), tmp_path / "model.onnx", cases(1, 20, 24))
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
    assert (tmp_path / "model.onnx").read_text() == "the old file"


@pytest.mark.long
def test_that_a_place_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path):
    for out in (tmp_path / "not there" / "model.onnx", tmp_path / "a folder"):
        (tmp_path / "a folder").mkdir(exist_ok=True)
        with pytest.raises(RunError, match=r"could not be written: .+\. Choose another place\."):
            exported(graphs.classifier(), out, cases(1, 20, 24, count=1))
    assert [path.name for path in tmp_path.iterdir()] == ["a folder"]


def test_that_answers_that_are_no_numbers_are_a_mismatch(tmp_path: Path):
    network = compile_graph(graphs.sound(graphs.regressor()))
    with torch.no_grad():
        network.get_parameter("dense.bias").fill_(float("nan"))
    with pytest.raises(RunError, match="differ"):
        export_onnx(network, tmp_path / "model.onnx", contract_of(network.analysis), cases(1, 20, 24))
    assert list(tmp_path.iterdir()) == []


def test_that_export_leaves_the_network_as_it_was(tmp_path: Path):
    network = compile_graph(graphs.sound(graphs.classifier()))
    network.train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    export_onnx(network, tmp_path / "model.onnx", contract_of(network.analysis), cases(1, 20, 24))
    assert network.training
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_that_a_contract_survives_its_text_and_a_strange_one_is_refused():
    contract = replace(contract_of(graphs.sound(graphs.segmenter())), checked_cases=2, max_abs_difference=1e-7)
    assert parse(contract.text()) == contract
    for text in ("", "[]", "{}", '{"inputs": 3, "outputs": []}', contract.text().replace("stretch", "bend")):
        with pytest.raises(RunError, match="cannot be read"):
            parse(text)


@pytest.mark.long
def test_that_real_x_rays_check_the_export(real_data: Path, tmp_path: Path):
    files = sorted((real_data / "classification" / "chest_xray_pneumonia").rglob("*.jp*g"))[:8]
    images = [torch.from_numpy(np.asarray(Image.open(file).convert("L"), np.float32))[None] for file in files]
    graph = graphs.classifier(before=["normalise"], size=(64, 64), found_size=(224, 224))
    _, report = exported(graph, tmp_path / "model.onnx", images)
    assert report.checked_cases == len(files) == 8
    assert report.max_abs_difference < 1e-4
