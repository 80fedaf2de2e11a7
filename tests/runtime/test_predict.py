"""Predictions for a folder: a row for every file, in order, by the trained network and by the ONNX file alike."""

import csv
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import onnx
import pytest
import torch
from onnx import NodeProto, TensorProto, helper, numpy_helper
from PIL import Image

from runtime.compile import Network, compile_graph
from runtime.data.scan import scan
from runtime.delivery.answers import Answer, Row, answer_of, classes_of, unfitted
from runtime.delivery.contract import OutputContract, contract_of
from runtime.delivery.onnx_file import export_onnx
from runtime.delivery.predict import OnnxPredictor, TrainedPredictor, predict_folder, write_predictions
from runtime.delivery.prediction_files import told
from runtime.delivery.seen import Seen
from runtime.errors import RunError
from runtime.graph import Graph
from runtime.plan import FittedSize
from tests.builders import graphs
from tests.builders.dicom import dicom, enhanced, gradient


def network_of(graph: Graph) -> Network:
    torch.manual_seed(3)
    network = compile_graph(graphs.sound(graph))
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(torch.randn_like(weight) * 0.1)
    return network


def predictor_of(graph: Graph) -> TrainedPredictor:
    network = network_of(graph)
    return TrainedPredictor(network, contract_of(network.analysis))


def picture(path: Path, rows: int = 20, columns: int = 24, channels: int = 0, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    size = (rows, columns, channels) if channels else (rows, columns)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, size, np.uint8)).save(path)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures of several sizes, one in colour with transparency, a broken one, a text."""
    place = tmp_path / "pictures"
    for index, (rows, columns) in enumerate([(20, 24), (30, 10), (20, 24), (7, 7)]):
        picture(place / f"case-{index}.png", rows, columns, seed=index)
    picture(place / "deeper" / "a.png", 20, 24, seed=9)
    picture(place / "with-alpha.png", channels=4)
    (place / "broken.png").write_bytes((place / "case-0.png").read_bytes()[:60])
    (place / "notes.txt").write_text("not an image")
    return place


def test_that_every_file_gets_a_row_in_sorted_order_and_no_file_stops_the_others(folder: Path):
    rows = list(predict_folder(predictor_of(graphs.classifier()), folder))
    paths = [row.path for row in rows]
    assert paths == sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    problems = {row.path: row.problem for row in rows if row.problem}
    assert set(problems) == {"broken.png", "notes.txt"}
    assert "is a text, not an image" in problems["notes.txt"]
    assert all(not row.answers for row in rows if row.problem)


def test_that_batches_of_equal_size_answer_as_single_images_do(folder: Path):
    model = predictor_of(graphs.classifier(before=["normalise"]))
    for row in predict_folder(model, folder):
        if not row.problem and row.path != "with-alpha.png":
            image = np.asarray(Image.open(folder / row.path), np.float32)[None, None]
            (alone,) = model.answers([image])
            assert np.allclose(row.answers[0].probabilities, alone[0], atol=1e-6)
            assert row.answers[0].predicted == ("healthy", "ill")[int(alone[0].argmax())]


def test_that_the_onnx_file_alone_gives_the_same_table_as_the_trained_network(folder: Path, tmp_path: Path):
    network = network_of(graphs.classifier(before=["normalise"], fit="pad"))
    contract = contract_of(network.analysis)
    cases = [torch.rand(1, 20, 24) * 255]
    report = export_onnx(network, tmp_path / "model.onnx", contract, cases)
    one = write_predictions(predict_folder(TrainedPredictor(network, contract), folder), tmp_path / "one.csv")
    onnx_model = OnnxPredictor(report.file)
    two = write_predictions(predict_folder(onnx_model, folder), tmp_path / "two.csv")
    assert onnx_model.notes == ()
    assert (one.answered, one.failed) == (two.answered, two.failed) == (6, 2)
    for row, other in zip(table(one.file), table(two.file), strict=True):
        assert list(row) == ["path", "predicted", "p:healthy", "p:ill", "problem"]
        assert (row["path"], row["predicted"], row["problem"]) == (other["path"], other["predicted"], other["problem"])
        if row["predicted"]:
            assert float(row["p:ill"]) == pytest.approx(float(other["p:ill"]), abs=2e-6)


def test_that_a_regression_writes_its_number(folder: Path, tmp_path: Path):
    written = write_predictions(predict_folder(predictor_of(graphs.regressor()), folder), tmp_path / "out.csv")
    row = table(written.file)[1]
    assert list(row) == ["path", "predicted", "problem"]
    assert np.isfinite(float(row["predicted"]))
    assert written.pictures is None


def test_that_masks_are_written_at_the_size_of_the_original(folder: Path, tmp_path: Path):
    model = predictor_of(graphs.segmenter(before=[("resize", {"size": (12, 10), "fit": "pad"})]))
    written = write_predictions(predict_folder(model, folder), tmp_path / "out.csv")
    rows = [row for row in table(written.file) if not row["problem"]]
    assert len(rows) == 6
    for row in rows:
        mask = np.asarray(Image.open(tmp_path / row["mask"]))
        assert mask.shape == np.asarray(Image.open(folder / row["path"])).shape[:2]
        assert set(np.unique(mask)) <= {0, 1}
        assert row["predicted"] == ("lesion" if mask.any() else "background")
    answered = [row for row in predict_folder(model, folder) if not row.problem]
    for row, cells in zip(answered, rows, strict=True):
        share = (np.asarray(Image.open(tmp_path / cells["mask"])) > 0).mean()
        assert told(row)["shares"] == ({"lesion": share} if share else {})


@pytest.mark.parametrize("rule", ["stretch", "pad", "crop"])
def test_that_a_mask_comes_back_to_where_it_lay(rule: Any):
    from runtime.modules.fit import Fit

    mask = torch.zeros(1, 80, 120, dtype=torch.int64)
    mask[:, 23:57, 40:83] = 1
    fits = (FittedSize((128, 160), rule), FittedSize((96, 96), rule))
    small = mask
    for step in fits:
        small = Fit(step.size, step.rule).mask(small)
    back = unfitted(small[0].numpy().astype(np.uint16), fits, (80, 120))
    both, either = ((back > 0) & (mask[0].numpy() > 0)).sum(), ((back > 0) | (mask[0].numpy() > 0)).sum()
    assert back.shape == (80, 120)
    assert both / either > 0.9


def test_that_what_a_crop_cut_away_is_background():
    back = unfitted(np.ones((8, 8), np.uint16), (FittedSize((8, 8), "crop"),), (8, 16))
    assert back[:, 4:12].all()
    assert not back[:, :4].any()
    assert not back[:, 12:].any()


def test_that_a_mask_of_a_volume_lies_on_its_volume_in_every_orientation(tmp_path: Path):
    graph = graphs.segmenter(size=(6, 8, 10), found_size=(6, 8, 10))
    values = np.random.default_rng(0).normal(0, 100, (10, 8, 6)).astype(np.float32)
    (tmp_path / "in").mkdir()
    for name, signs in {"a": (1, 1, 1), "b": (-1, 1, -1)}.items():
        turned = values[:: signs[0], :: signs[1], :: signs[2]]
        affine = np.diag([*map(float, signs), 1.0])
        nibabel.save(nibabel.Nifti1Image(turned, affine), tmp_path / "in" / f"{name}.nii.gz")
    (tmp_path / "in" / "b.nii.gz").rename(tmp_path / "in" / "b.volume")  # told by its content, not by its name
    written = write_predictions(predict_folder(predictor_of(graph), tmp_path / "in"), tmp_path / "out.csv")
    masks = {}
    for row in table(written.file):
        assert row["problem"] == ""
        mask = nibabel.load(tmp_path / row["mask"])
        assert np.array_equal(mask.affine, np.diag([-1, 1, -1, 1] if row["path"] == "b.volume" else [1, 1, 1, 1]))
        masks[row["path"]] = np.asarray(mask.dataobj)
    assert masks["a.nii.gz"].any()
    assert np.array_equal(masks["b.volume"][::-1, :, ::-1], masks["a.nii.gz"])


def test_that_frames_of_one_file_get_rows_of_their_own(tmp_path: Path):
    (tmp_path / "in").mkdir()
    pages = [Image.fromarray(np.full((20, 24), 50 * number, np.uint8)) for number in range(3)]
    pages[0].save(tmp_path / "in" / "stack.tiff", save_all=True, append_images=pages[1:])
    rows = list(predict_folder(predictor_of(graphs.classifier()), tmp_path / "in"))
    assert [row.path for row in rows] == ["stack.tiff#0", "stack.tiff#1", "stack.tiff#2"]
    assert all(row.answers for row in rows)


def test_that_an_image_with_other_channels_than_the_model_takes_says_so(folder: Path):
    problems = {row.path: row.problem for row in predict_folder(predictor_of(graphs.classifier(channels=2)), folder)}
    assert problems["case-0.png"] == "case-0.png has 1 channel, but the model takes 2."
    assert problems["with-alpha.png"] == "with-alpha.png has 3 channels, but the model takes 2."


def test_that_a_colour_model_takes_grey_images_as_training_does(folder: Path):
    rows = list(predict_folder(predictor_of(graphs.classifier(channels=3)), folder))
    assert sum(bool(row.answers) for row in rows) == 6


def test_that_a_model_for_volumes_says_why_it_cannot_take_a_picture(folder: Path):
    graph = graphs.segmenter(size=(6, 8, 10), found_size=(6, 8, 10))
    problems = [row.problem for row in predict_folder(predictor_of(graph), folder)]
    assert "case-0.png is a 2-D image, but the model takes a 3-D volume." in problems


def test_that_cells_a_spreadsheet_would_run_are_disarmed(tmp_path: Path):
    (tmp_path / "in").mkdir()
    picture(tmp_path / "in" / "=1+1.png")
    model = predictor_of(graphs.classifier(classes=("@home", "-away")))
    row = table(write_predictions(predict_folder(model, tmp_path / "in"), tmp_path / "out.csv").file)[0]
    assert row["path"] == "'=1+1.png"
    assert row["predicted"] in ("'@home", "'-away")


def test_that_a_table_written_into_the_folder_is_not_taken_for_a_case(folder: Path):
    written = write_predictions(predict_folder(predictor_of(graphs.classifier()), folder), folder / "out.csv")
    assert not [row["path"] for row in table(written.file) if "out.csv" in row["path"]]


def test_that_a_file_whose_description_lies_is_refused(folder: Path, tmp_path: Path):
    network = network_of(graphs.classifier())
    report = export_onnx(network, tmp_path / "model.onnx", contract_of(network.analysis), [])
    model = onnx.load(report.file)
    said = json.loads(model.metadata_props[0].value)
    said["outputs"][0]["shape"] = [9]
    model.metadata_props[0].value = json.dumps(said)
    onnx.save(model, report.file)
    problems = [row.problem for row in predict_folder(OnnxPredictor(report.file), folder)]
    assert any("described as 9, but the model gave 2" in problem for problem in problems)


def test_that_an_empty_table_has_its_head(tmp_path: Path):
    written = write_predictions(iter(()), tmp_path / "out.csv")
    assert written.file.read_text().split() == ["path,predicted,problem"]


def test_that_a_failed_writing_leaves_no_half_table(tmp_path: Path):
    def rows():
        yield Row("a.png", (), problem="No.")
        raise RunError("stopped")

    with pytest.raises(RunError, match="stopped"):
        write_predictions(rows(), tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_that_one_channel_of_yes_or_no_names_both_classes():
    output = OutputContract("Answer", "answer", "classification", "sigmoid", ("no", "yes"), (1,))
    assert classes_of(output) == ("no", "yes")
    assert answer_of(output, np.array([0.75], np.float32), (4, 4)) == Answer("yes", (0.25, 0.75))


def test_that_files_that_are_no_models_are_refused_in_words(tmp_path: Path):
    (tmp_path / "text.onnx").write_text("hello")
    for name, says in {"text.onnx": "cannot be loaded", "missing.onnx": "no file"}.items():
        with pytest.raises(RunError, match=says):
            OnnxPredictor(tmp_path / name)


def foreign(path: Path, node: NodeProto, shape: list[int | str], weights: list[TensorProto] | None = None) -> Path:
    """An ONNX file by another program: one image 1×8×8 through one node."""
    image = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1, 8, 8])
    answer = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", *shape])
    graph = helper.make_graph([node], "g", [image], [answer], weights or [])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=8), path)
    return path


def test_that_a_foreign_answer_of_one_pixel_is_a_choice_of_classes_in_raw_scores(tmp_path: Path):
    kernel = np.random.default_rng(0).normal(size=(5, 1, 8, 8)).astype(np.float32)
    conv = helper.make_node("Conv", ["x", "w"], ["y"])
    file = foreign(tmp_path / "m.onnx", conv, [5, 1, 1], [numpy_helper.from_array(kernel, "w")])
    model = OnnxPredictor(file)
    assert "raw scores" in " ".join(model.notes)
    picture(tmp_path / "in" / "one.png", 8, 8)
    (row,) = table(write_predictions(predict_folder(model, tmp_path / "in"), tmp_path / "out.csv").file)
    image = np.asarray(Image.open(tmp_path / "in" / "one.png"), np.float32)
    scores = (kernel[:, 0] * image).sum(axis=(1, 2))
    assert row["predicted"] == str(scores.argmax())
    assert [float(row[f"p:{index}"]) for index in range(5)] == pytest.approx(scores, rel=1e-4)


def test_that_a_model_that_cannot_be_loaded_or_run_is_told_in_one_sentence(tmp_path: Path):
    unknown = foreign(tmp_path / "unknown.onnx", helper.make_node("Nope", ["x"], ["y"]), [1, 8, 8])
    with pytest.raises(RunError) as caught:
        OnnxPredictor(unknown)
    said = [str(caught.value)]
    size = numpy_helper.from_array(np.array([3, 3]), "s")
    wrong = foreign(tmp_path / "wrong.onnx", helper.make_node("Reshape", ["x", "s"], ["y"]), [3], [size])
    with pytest.raises(RunError) as caught:
        OnnxPredictor(wrong).answers([np.zeros((1, 1, 8, 8), np.float32)])
    said.append(str(caught.value))
    assert all(text.endswith(".") for text in said)
    assert not re.search(r"onnxruntime_src|\.(cc|h):|::|ONNXRuntimeError", " ".join(said))
    assert "Nope" in said[0]
    assert "reshape" in said[1].casefold()


def test_that_a_model_of_two_images_says_that_a_folder_is_not_enough(tmp_path: Path):
    from runtime.document import Document

    document = Document()
    with document.edit("Draw"):
        total = graphs.add(document, "add")
        for _ in range(2):
            graphs.wire(document, graphs.source(document), total)
        graphs.wire(document, total, graphs.add(document, "output"))
    with pytest.raises(RunError, match=r"“Image”, “Image 2”: name a folder for each"):
        list(predict_folder(predictor_of(document.graph()), tmp_path))


def test_that_a_foreign_onnx_file_is_used_as_its_shapes_allow_and_says_so(real_data: Path, tmp_path: Path):
    (file,) = sorted((real_data / "onnx" / "mnist-8").glob("*.onnx"))
    model = OnnxPredictor(file)
    assert "no description by Netloom" in model.notes[0]
    assert "28×28" in model.notes[0]
    for number in range(3):
        picture(tmp_path / "in" / f"{number}.png", 28, 28, seed=number)
    rows = table(write_predictions(predict_folder(model, tmp_path / "in"), tmp_path / "out.csv").file)
    assert [row["problem"] for row in rows] == ["", "", ""]
    assert all(row["predicted"] in "0123456789" for row in rows)


def test_that_a_foreign_file_that_takes_no_images_is_refused(real_data: Path):
    (file,) = sorted((real_data / "onnx").glob("iris_mlp/*.onnx"))[:1]
    with pytest.raises(RunError, match="cannot be applied to a folder"):
        OnnxPredictor(file)


def test_that_real_x_rays_are_answered_beside_a_file_that_cannot_be_read(real_data: Path, tmp_path: Path):
    (tmp_path / "in").mkdir()
    for file in sorted((real_data / "classification" / "chest_xray_pneumonia").rglob("*.jp*g"))[:5]:
        shutil.copy(file, tmp_path / "in")
    (tmp_path / "in" / "zz.jpeg").write_bytes(b"\xff\xd8\xff\xe0 not much of a picture")
    rows = list(predict_folder(predictor_of(graphs.classifier(before=["normalise"])), tmp_path / "in"))
    assert [bool(row.answers) for row in rows] == [True] * 5 + [False]


def test_that_dicom_frames_are_answered(tmp_path: Path):
    (tmp_path / "in").mkdir()
    frames = np.random.default_rng(0).integers(0, 500, (2, 20, 24)).astype(np.uint16)
    enhanced(tmp_path / "in" / "stack.dcm", frames, [(1.0, 0.0), (2.0, -5.0)])
    rows = list(predict_folder(predictor_of(graphs.classifier(kind="dicom_folder")), tmp_path / "in"))
    assert [row.path for row in rows] == ["stack.dcm#0", "stack.dcm#1"]
    assert all(row.answers for row in rows)


def notes_of(predictor: TrainedPredictor, folder: Path) -> list[str]:
    said: list[str] = []
    assert all(row.answers for row in predict_folder(predictor, folder, on_note=said.append))
    return said


def trained_on(modality: str) -> TrainedPredictor:
    predictor = predictor_of(graphs.classifier())
    (given,) = predictor.contract.inputs
    predictor.contract = replace(predictor.contract, inputs=(replace(given, modality=modality),))
    return predictor


def test_that_images_of_another_modality_are_refused_with_the_reason(tmp_path: Path) -> None:
    for number in range(3):
        dicom(tmp_path / f"{number}.dcm", gradient())
    own = scan(tmp_path).found[0].modality
    assert notes_of(trained_on(own), tmp_path) == []
    other = "US" if own != "US" else "PT"
    assert [row.problem for row in predict_folder(trained_on(other), tmp_path)] == [
        f"{number}.dcm is {own}, and the model was made for {other} images." for number in range(3)
    ]
    assert notes_of(trained_on(""), tmp_path) == []


def test_that_images_with_other_channels_are_converted_and_told_with_their_count(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    picture(tmp_path / "b.png", channels=3)
    (said,) = notes_of(trained_on(""), tmp_path)
    assert said.startswith("1 of 2 images is ")
    assert said.endswith("it is converted.")


def test_that_pictures_do_not_say_their_modality_and_that_this_is_told(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    (said,) = notes_of(trained_on("MR"), tmp_path)
    assert said == (
        "1 of 1 image does not say its modality, and the model was made for MR images: make sure that it fits."
    )


def test_that_masks_beside_the_images_have_no_row_and_are_told_so_that_the_files_add_up(folder: Path, tmp_path: Path):
    for index in range(3):
        (folder / "masks").mkdir(exist_ok=True)
        shutil.copyfile(folder / f"case-{index}.png", folder / "masks" / f"case-{index}.png")
    shutil.copyfile(folder / "case-3.png", folder / "case-3_mask.png")
    picture(folder / "label-7.png", seed=12)
    files = [path for path in folder.rglob("*") if path.is_file()]
    notes: list[str] = []
    rows = predict_folder(predictor_of(graphs.classifier()), folder, on_note=notes.append)
    written = write_predictions(rows, tmp_path / "out.csv")
    masks = "case-3_mask.png, masks/case-0.png, masks/case-1.png, masks/case-2.png"
    assert f"4 mask files are not images to predict: {masks}." in notes
    assert written.answered + written.failed + 4 == len(files)
    listed = {row["path"] for row in table(written.file)}
    assert "label-7.png" in listed
    assert not any("mask" in path for path in listed)


def test_that_one_mask_of_a_whole_series_has_no_row(tmp_path: Path):
    for number in range(2):
        dicom(tmp_path / "p" / f"{number}.dcm", gradient(20, 24) + number, position=(0.0, 0.0, 3.0 * number))
    nibabel.save(nibabel.Nifti1Image(np.zeros((24, 20, 2), np.uint8), np.eye(4)), tmp_path / "p" / "mask.nii.gz")
    notes: list[str] = []
    rows = list(predict_folder(predictor_of(graphs.classifier()), tmp_path, on_note=notes.append))
    assert [row.path for row in rows] == ["p/0.dcm", "p/1.dcm"]
    assert "1 mask file is no image to predict: p/mask.nii.gz." in notes


def test_that_answers_from_the_cache_are_those_of_decoded_files_refusals_included(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path / "cache"))
    network = network_of(graphs.classifier())
    contract = contract_of(network.analysis)
    seen = Seen(images=3, darkest=(0.0, 10.0), brightest=(3000.0, 4095.0))
    predictor = TrainedPredictor(network, replace(contract, inputs=(replace(contract.inputs[0], seen=seen),)))
    for number in range(18):
        pixels = np.random.default_rng(number).integers(0, 4095, (20, 24)).astype(np.uint16)
        dicom(tmp_path / "images" / f"{number:02}.dcm", pixels // (40 if number == 4 else 1), instance=number + 1)
    path = tmp_path / "images" / "07.dcm"
    path.write_bytes(path.read_bytes()[:-200])
    first, again = ([*predict_folder(predictor, tmp_path / "images")] for _ in range(2))
    plain = [*predict_folder(predictor, tmp_path / "images", files=[row.path for row in first])]
    (kept,) = (tmp_path / "cache").glob("*.images")
    content = bytearray(kept.read_bytes())
    content[5 * (len(content) // 17) + 9] ^= 1
    kept.write_bytes(content)
    mended = [*predict_folder(predictor, tmp_path / "images")]
    assert not list((tmp_path / "cache").glob("*.json")), "the damaged entry is made anew the next time"
    for rows in (again, plain, mended):
        assert [row.problem for row in rows] == [row.problem for row in first]
        for row, other in zip(rows, first, strict=True):
            assert [answer.probabilities for answer in row.answers] == [one.probabilities for one in other.answers]
    assert "has pixels from" in first[4].problem
    assert "07.dcm" in first[7].problem
    assert sum(not row.problem for row in first) == 16


def test_that_large_images_are_answered_in_smaller_batches_from_the_cache_too(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path / "cache"))
    sizes: list[int] = []

    class Counting(TrainedPredictor):
        def answers(self, images):
            sizes.append(len(images[0]))
            return super().answers(images)

    network = network_of(graphs.classifier(size=(16, 16)))
    predictor = Counting(network, contract_of(network.analysis))
    for side, most in ((16, 16), (600, 3)):  # 600 x 600 pixels are 1.4 MB as float32
        for number in range(17):
            picture(tmp_path / str(side) / f"{number:02}.png", side, side, seed=number)
        for _ in range(2):
            sizes.clear()
            assert not any(row.problem for row in predict_folder(predictor, tmp_path / str(side)))
            assert (max(sizes), sum(sizes)) == (most, 17)
