"""Every format of an export: what is in it, that it answers alone, and that a damaged one is refused."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image

from runtime.compile import Deployed, compile_graph
from runtime.delivery import python_package
from runtime.delivery.checks import case_tensors, check_batches
from runtime.delivery.contract import KEY, contract_of, parse
from runtime.delivery.exporting import export_run
from runtime.delivery.onnx_file import NEWEST, OLDEST, export_onnx
from runtime.delivery.precision import halved, quantised
from runtime.delivery.predict import predict_folder
from runtime.delivery.predictors import OnnxPredictor, predictor_of
from runtime.errors import RunError
from runtime.evaluation.operating_point import OperatingPoint, Temperature, save_operating_point, save_temperature
from runtime.importing.foreign import read_foreign
from runtime.importing.imported import ImportRefused
from runtime.runs import Run
from runtime.train import train
from tests.builders import graphs, pictures


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A short run on dark and bright discs, with an operating point and a temperature."""
    place = tmp_path_factory.mktemp("formats")
    folder = pictures.class_folders(place / "data", 80)
    graph = graphs.classifier(before=["normalise"], **pictures.facts(folder))
    run = pictures.new_run(graph, place / "run", epochs=1, batch=8, device="cpu")
    *_, finished = train(run.job)
    save_operating_point(run.folder, OperatingPoint({"bright": 1.0}, "user", "set by hand", finished.best_epoch))
    save_temperature(run.folder, Temperature(2.0, 9, finished.best_epoch))
    return run


def network(graph: graphs.Graph):
    torch.manual_seed(0)
    return compile_graph(graphs.sound(graph))


def test_that_an_operator_set_that_is_not_written_is_refused_with_those_that_are(tmp_path: Path) -> None:
    one = network(graphs.classifier())
    with pytest.raises(RunError, match=f"choose one from {OLDEST} to {NEWEST}"):
        export_onnx(one, tmp_path / "model.onnx", contract_of(one.analysis), [], opset=11)


def test_that_an_older_operator_set_can_be_chosen(tmp_path: Path) -> None:
    one = network(graphs.classifier(before=["normalise"]))
    report = export_onnx(one, tmp_path / "model.onnx", contract_of(one.analysis), [torch.rand(1, 9, 9)], opset=OLDEST)
    assert report.opset == OLDEST
    assert {entry.version for entry in onnx.load(report.file).opset_import if not entry.domain} == {OLDEST}


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory):
    """A network that looks at differences of 1 between values above what 16 bits can tell apart, as ONNX."""
    layers = [("window", {"centre": 30000.0, "width": 40.0}), ("convolution", {"filters": 4}), "relu", "flatten"]
    one = network(graphs.classifier(layers=layers))
    case = torch.randint(29980, 30020, (1, 16, 16)).float()
    file = tmp_path_factory.mktemp("single") / "model.onnx"
    export_onnx(one, file, contract_of(one.analysis), [case])
    learned = sorted({name.rpartition(".")[0] for name, _ in one.named_parameters()})
    return onnx.load(file), learned, case[None].numpy()


def answers(model: onnx.ModelProto, image: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found: np.ndarray = session.run(None, {session.get_inputs()[0].name: image})[0]
    return found


def test_that_half_precision_rounds_nothing_before_the_first_layer(single) -> None:
    model, learned, image = single
    half = halved(model, learned)
    assert np.abs(answers(half, image) - answers(model, image)).max() < 5e-3
    assert sum(one.data_type == onnx.TensorProto.FLOAT16 for one in half.graph.initializer) == 4
    assert half.ByteSize() < model.ByteSize()


@pytest.mark.slow
def test_that_a_recurrent_layer_whose_states_begin_alike_is_halved(tmp_path: Path) -> None:
    layers = [("reshape", {"shape": (16, 16)}), ("lstm", {"units": 3}), "flatten"]
    one = network(graphs.classifier(layers=layers))
    image = torch.rand(1, 16, 16)
    export_onnx(one, tmp_path / "model.onnx", contract_of(one.analysis), [image])
    model = onnx.load(tmp_path / "model.onnx")
    half = halved(model, sorted({name.rpartition(".")[0] for name, _ in one.named_parameters()}))
    assert np.abs(answers(half, image[None].numpy()) - answers(model, image[None].numpy())).max() < 5e-3


def test_that_only_layers_with_weights_become_8_bit(single) -> None:
    model, learned, image = single
    small = quantised(model, learned, [{model.graph.input[0].name: image}])
    assert np.abs(answers(small, image) - answers(model, image)).max() < 0.1
    assert sum(one.data_type == onnx.TensorProto.INT8 and len(one.dims) > 1 for one in small.graph.initializer) == 2


def test_that_an_8_bit_layer_whose_answer_is_arranged_anew_opens_in_onnxruntime() -> None:
    """As the heads of detectors are: convolution, Reshape, Transpose."""
    draw, helper, sides = np.random.default_rng(0), onnx.helper, onnx.TensorProto.FLOAT
    weights = {
        "network.conv.weight": draw.normal(size=(6, 3, 3, 3)).astype(np.float32),
        "network.conv.bias": np.zeros(6, np.float32), "sides": np.array([1, 2, 3, 64]),
    }  # fmt: skip
    nodes = [
        helper.make_node("Conv", ["image", "network.conv.weight", "network.conv.bias"], ["maps"], "conv", pads=[1] * 4),
        helper.make_node("Reshape", ["maps", "sides"], ["view"], "view"),
        helper.make_node("Transpose", ["view"], ["boxes"], "turn", perm=[0, 3, 1, 2]),
    ]
    model = helper.make_model(
        helper.make_graph(
            nodes, "head", [helper.make_tensor_value_info("image", sides, [1, 3, 8, 8])],
            [helper.make_tensor_value_info("boxes", sides, [1, 64, 2, 3])],
            [onnx.numpy_helper.from_array(array, name) for name, array in weights.items()],
        ),
        opset_imports=[helper.make_opsetid("", NEWEST)], ir_version=10,
    )  # fmt: skip
    image = draw.normal(size=(1, 3, 8, 8)).astype(np.float32)
    small = quantised(model, ["conv"], [{"image": image}])
    assert np.abs(answers(small, image) - answers(model, image)).max() < 0.2


def test_that_a_network_without_layers_that_learn_is_not_made_smaller() -> None:
    bare = onnx.helper.make_model(onnx.helper.make_graph([], "bare", [], []))
    for make in (lambda: halved(bare, []), lambda: quantised(bare, [], [])):
        with pytest.raises(RunError, match="export it as it is"):
            make()


def test_that_precision_and_operator_set_are_for_onnx_alone(run: Run, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="of ONNX files"):
        export_run(run, "python", tmp_path / "package", precision="half")


@pytest.mark.long
def test_that_smaller_files_tell_what_they_lose_in_their_contract(run: Run, tmp_path: Path) -> None:
    for precision in ("half", "int8"):
        report = export_run(run, "onnx", tmp_path / f"{precision}.onnx", precision=precision)
        contract = parse(onnx.load(report.file).metadata_props[0].value)
        assert contract.precision == precision
        assert {"accuracy", "balanced_accuracy"} <= set(contract.loss)
        assert contract.loss == report.loss
        assert all(0 <= value <= 1 for pair in contract.loss.values() for value in pair)
    assert read_foreign(tmp_path / "half.onnx").weights
    with pytest.raises(ImportRefused, match="8-bit layers"):
        read_foreign(tmp_path / "int8.onnx")


@pytest.mark.long
def test_that_the_operating_point_and_a_short_card_travel_with_the_model(run: Run, tmp_path: Path) -> None:
    report = export_run(run, "onnx", tmp_path / "model.onnx")
    model = onnx.load(report.file)
    assert [entry.key for entry in model.metadata_props] == [KEY]
    contract = parse(model.metadata_props[0].value)
    (output,) = contract.outputs
    assert (output.classes, output.thresholds, output.temperature) == (("bright", "dark"), {"bright": 1.0}, 2.0)
    assert contract.card["cases"]["validation"] >= 8
    assert {"loss", "accuracy"} <= set(contract.card["measured"])
    assert report.checked_cases >= 8
    rows = list(
        predict_folder(OnnxPredictor(report.file), Path(run.job.graph.nodes["image_folder-1"].settings["folder"]))
    )
    assert {row.answers[0].predicted for row in rows} == {"dark"}
    others = predict_folder(predictor_of(run.folder), Path(run.job.graph.nodes["image_folder-1"].settings["folder"]))
    for row, other in zip(rows, others, strict=True):
        assert row.answers[0].probabilities == pytest.approx(other.answers[0].probabilities, abs=1e-4)


@pytest.mark.long
def test_that_the_python_package_answers_pictures_alone_as_the_run_does(run: Run, tmp_path: Path) -> None:
    report = export_run(run, "python", tmp_path / "package")
    assert report.max_abs_difference == 0
    assert {path.name for path in report.file.iterdir()} == {
        "model.py", "weights.safetensors", "preparation.py", "answers.py", "predict.py", "contract.json",
        "requirements.txt", "README.md",
    }  # fmt: skip
    folder = tmp_path / "new"
    folder.mkdir()
    grey = np.random.default_rng(5).integers(0, 65535, (20, 31)).astype(np.uint16)
    Image.fromarray(grey).save(folder / "grey.png")
    Image.fromarray((grey[..., None] % np.array([255, 90, 30])).astype(np.uint8)).save(folder / "rgb.png")
    call = [sys.executable, "-I", str(report.file / "predict.py"), str(folder / "grey.png"), str(folder / "rgb.png")]
    ran = subprocess.run(call, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ran.returncode == 0, ran.stderr
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    shares = [predictor_of(run.folder).answers([np.asarray(Image.open(folder / "grey.png"), np.float32)[None, None]])]
    assert [one["file"] for one in said] == ["grey.png", "rgb.png"]
    assert said[0]["predicted"] in ("bright", "dark")
    tempered = np.sqrt(shares[0][0][0])
    assert list(said[0]["probabilities"].values()) == pytest.approx(tempered / tempered.sum(), abs=1e-5)


@pytest.mark.long
def test_that_a_folder_of_other_files_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "predict.py").write_text("mine")
    with pytest.raises(RunError, match="holds other files"):
        export_run(run, "python", tmp_path)
    assert (tmp_path / "predict.py").read_text() == "mine"


@pytest.mark.long
@pytest.mark.parametrize(("honest", "other"), [('rule="stretch"', 'rule="crop"'), ("size=(16, 16)", "size=(15, 16)")])
def test_that_a_changed_resize_rule_makes_the_check_fail(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, honest: str, other: str
) -> None:
    source = python_package.python_source
    monkeypatch.setattr(python_package, "python_source", lambda analysis: _swapped(source(analysis), honest, other))
    with pytest.raises(RunError, match=r"differ|does not run by itself"):
        export_run(run, "python", tmp_path / "package")
    assert list(tmp_path.iterdir()) == []


def _swapped(text: str, honest: str, other: str) -> str:
    assert honest in text or honest.replace('"', "'") in text
    return text.replace(honest, other).replace(honest.replace('"', "'"), other)


@pytest.mark.long
def test_that_a_changed_weight_makes_the_check_of_python_fail(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = python_package.save
    monkeypatch.setattr(python_package, "save", lambda tensors: save({k: v + 0.01 for k, v in tensors.items()}))
    with pytest.raises(RunError, match="differ"):
        export_run(run, "python", tmp_path / "package")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_that_a_torch_program_holds_no_case_and_no_line_of_source(run: Run, tmp_path: Path) -> None:
    report = export_run(run, "pt2", tmp_path / "model.pt2")
    assert report.max_abs_difference <= 1e-5
    with zipfile.ZipFile(report.file) as file:
        names = file.namelist()
        text = b"".join(file.read(name) for name in names if name.endswith(".json") or "extra" in name)
    assert not any("sample_inputs" in name and file_size for name, file_size in _sizes(report.file) if file_size > 2000)
    for told in (b".py", b"stack_trace", str(Path.home()).encode() + b"/", b"Deployed"):
        assert told not in text, told
    program = torch.export.load(report.file)
    deployed = Deployed(network(run.job.graph))
    image = torch.rand(3, 1, 40, 18) * 255
    assert program.module()(image)[0].shape == deployed(image)[0].shape


def _sizes(file: Path) -> list[tuple[str, int]]:
    with zipfile.ZipFile(file) as archive:
        return [(entry.filename, entry.file_size) for entry in archive.infolist()]


def test_that_checks_hold_several_batch_sizes_and_another_size() -> None:
    one = network(graphs.classifier())
    contract = contract_of(one.analysis)
    cases = [case_tensors(torch.rand(1, 20, 24), place, contract, one.inputs) for place in range(8)]
    shapes = {tuple(batch[0].shape) for batch in check_batches(cases, contract)}
    assert {shape[0] for shape in shapes} == {1, 2, 8}
    assert len({shape[2:] for shape in shapes}) == 2
