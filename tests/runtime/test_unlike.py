"""Images that a model was not made for are refused with the reason, by the run and by the ONNX file alone."""

import importlib.util
import json
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import resources
from runtime.compile import compile_graph
from runtime.data.catalogue import Found
from runtime.data.labels import read_dataset
from runtime.data.scan import scan
from runtime.delivery.contract import InputContract, contract_of, parse
from runtime.delivery.onnx_file import export_onnx
from runtime.delivery.predict import predict_folder
from runtime.delivery.prediction_cases import fitting
from runtime.delivery.predictors import OnnxPredictor
from runtime.delivery.seen import Seen, colour_of, read_seen
from runtime.delivery.seen_images import seen_in, with_seen
from runtime.delivery.unlike import Unlike
from tests.builders import graphs, pictures
from tests.builders.dicom import dicom

CHEST = {"BodyPartExamined": "CHEST"}


def slices(folder, count=4, level=1000, **elements):
    draw = np.random.default_rng(3)
    for number in range(count):
        stored = (draw.integers(0, 1000, (16, 16)) + level).astype(np.uint16)
        dicom(folder / "ab"[number % 2] / f"{number}.dcm", stored, patient=f"P{number}", series=f"1.2.{number}",
              intercept=-1000, slope=1, **elements)  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = slices(tmp_path_factory.mktemp("trained"), **CHEST)
    return seen_in(read_dataset(folder), scan(folder), range(4))


def test_that_what_training_images_are_like_is_read_of_headers_and_pixels(seen):
    assert (seen.images, seen.modalities, seen.body_parts, seen.colours) == (4, ("CT",), ("CHEST",), ("grey",))
    assert seen.spacing_mm == (1, 1)
    assert 0 <= seen.darkest[0] <= seen.darkest[1] < 50
    assert 950 < seen.brightest[0] <= seen.brightest[1] < 1000
    assert read_seen(json.loads(json.dumps(asdict(seen)))) == seen


@pytest.fixture(scope="module")
def model(tmp_path_factory, seen):
    """An ONNX file alone, of a model that was trained on chest CT."""
    place = tmp_path_factory.mktemp("model")
    folder = slices(place / "data", **CHEST)
    torch.manual_seed(1)
    graph = graphs.classifier(kind="dicom_folder", before=["normalise"], **pictures.facts(folder))
    network = compile_graph(graphs.sound(graph))
    contract = contract_of(network.analysis)
    contract = replace(contract, inputs=(replace(contract.inputs[0], seen=seen),))
    report = export_onnx(network, place / "model.onnx", contract, [torch.rand(1, 16, 16) * 1000])
    return OnnxPredictor(report.file)


def problem(model, folder):
    (row,) = predict_folder(model, folder)
    assert bool(row.answers) != bool(row.problem)
    return row.problem


@pytest.mark.parametrize(
    ("elements", "told"),
    [
        (CHEST, ""),
        ({}, ""),  # a file that does not say is not refused
        ({"Modality": "MR"}, "a/0.dcm is MR, and the model was made for CT images."),
        ({"BodyPartExamined": "HEAD"}, "a/0.dcm shows the body part HEAD, and the model was made for CHEST."),
        ({"spacing": (2.5, 2.5)}, "a/0.dcm has pixels of 2.5 × 2.5 mm, and the model was made for pixels of 1 mm."),
        ({"spacing": (1.4, 0.7)}, ""),
        ({"level": 5000}, "the model was made for images from"),
    ],
)
def test_that_an_image_the_model_was_not_made_for_is_refused_with_its_reason(model, tmp_path, elements, told):
    found = problem(model, slices(tmp_path, 1, **elements))
    assert told in found if told else not found


def test_that_a_colour_image_is_refused_by_a_model_made_for_grey_ones(model, tmp_path):
    dicom(tmp_path / "colour.dcm", np.full((8, 8, 3), 100, np.uint8), photometric="RGB")
    assert problem(model, tmp_path) == "colour.dcm is a colour image, and the model was made for grey images."


def test_that_images_that_were_scaled_or_are_flat_are_refused(model, tmp_path):
    wanted = model.contract.inputs[0]
    scaled = np.random.default_rng(0).random((1, 8, 8))
    (why,) = Unlike(tmp_path, wanted).of_pixels(scaled[None])
    assert "made for images from" in why
    dim = replace(wanted, seen=Seen(darkest=(0, 120), brightest=(110, 1000)))
    flat = np.full((1, 8, 8), 100.0)
    assert Unlike(tmp_path, dim).of_pixels(flat[None]) == [""]
    bright = replace(wanted, seen=Seen(darkest=(0, 60), brightest=(110, 1000)))
    (why,) = Unlike(tmp_path, bright).of_pixels(flat[None])
    assert "nearly flat" in why


def test_that_a_model_that_resamples_asks_for_no_spacing(model, tmp_path):
    item = Found("a.dcm", "image", 1, (8, 8), spacing_mm=(9.0, 9.0))
    wanted = model.contract.inputs[0]
    assert "9 × 9 mm" in Unlike(tmp_path, wanted).of_file(item)
    assert not Unlike(tmp_path, replace(wanted, spacing_mm=(1.0, 1.0))).of_file(item)


def test_that_an_inverted_grey_image_is_as_good_as_any():
    assert [colour_of(one) for one in ("MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL_422", "PALETTE COLOR", "")] == [
        "grey", "grey", "colour", "colour", "palette", ""
    ]  # fmt: skip


def test_that_the_contract_carries_what_was_seen_through_the_file(model, seen):
    assert model.contract.inputs[0].seen == seen
    bare = json.loads(model.contract.text())
    for entry in bare["inputs"]:
        del entry["seen"]  # a file of an earlier version
    assert parse(json.dumps(bare)).inputs[0].seen is None


@pytest.mark.parametrize(("method", "kept"), [("per image (mean 0, spread 1)", False), ("range to 0–1", True)])
def test_that_brightness_counts_only_where_the_network_sees_it(tmp_path, seen, method, kept):
    (tmp_path / "seen.json").write_text(json.dumps({"format": 1, **asdict(seen)}))
    analysis = graphs.sound(graphs.classifier(before=[("normalise", {"method": method})]))
    (entry,) = with_seen(contract_of(analysis), tmp_path, analysis).inputs
    assert (entry.seen.brightest == seen.brightest) is kept
    assert entry.seen.modalities == ("CT",)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16])
@pytest.mark.parametrize("ends", [(0, 255), (-1000, 3000), (100, 140), (0, 40000), (-3, 0)])
def test_that_whole_numbers_are_judged_as_their_float32_values_are(kind, ends):
    draw = np.random.default_rng(len(str(kind)) + ends[1])
    room = np.iinfo(kind)
    said = set()
    for dark, bright in (
        ((-1000.0, -900.0), (900.0, 3000.0)),
        ((0.0, 20.0), (120.0, 255.0)),
        ((50.0, 50.0), (90.0, 90.0)),
    ):
        seen = Seen(darkest=dark, brightest=bright)
        unlike = Unlike(Path("/"), InputContract("a", "a", "data", 1, (9, 9), None, seen=seen))
        for side in (1, 3, 40):
            image = draw.integers(max(ends[0], room.min), min(ends[1], room.max) + 1, (1, side, side)).astype(kind)
            (why,) = unlike.of_pixels(image[None])
            assert [why] == unlike.of_pixels(image[None].astype(np.float32))
            low, high = np.percentile(image, (1, 99))
            gap = 0.25 * (bright[1] - dark[0])
            within = dark[0] - gap <= low <= dark[1] + gap and bright[0] - gap <= high <= bright[1] + gap
            assert within or why.startswith("has pixels from")
            said.add(why[:10])
    assert "has pixels" in said


@pytest.mark.parametrize(
    ("elements", "told"),
    [
        ({}, ""),
        ({"Modality": "MR"}, "its Modality is MR, and the network was made for CT"),
        ({"BodyPartExamined": "HEAD"}, "its BodyPartExamined is HEAD, and the network was made for CHEST"),
        ({"spacing": (2.5, 2.5)}, "its pixels are 2.5 mm, and the network was made for 1 mm"),
    ],
)
def test_that_the_exported_python_refuses_what_the_network_was_not_made_for(model, tmp_path, elements, told):
    spec = importlib.util.spec_from_file_location("preparation", resources.path("package", "preparation.py"))
    preparation = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(preparation)
    slices(tmp_path, 1, **{**CHEST, **elements})
    entry = SimpleNamespace(**json.loads(model.contract.text())["inputs"][0])
    found = preparation.unlike(tmp_path / "a" / "0.dcm", entry)
    assert found == (f"0.dcm: {told}" if told else "")


@pytest.mark.parametrize(("have", "wants"), [(1, 3), (3, 1), (2, 12)])
def test_that_leads_of_a_signal_are_not_taken_for_colours(tmp_path, have, wants):
    wanted = InputContract("a", "a", "data", wants, (40,), None)
    signals = np.ones((2, have, 40), np.float32)
    _, problems = fitting(signals, wanted, Unlike(tmp_path, wanted))
    assert problems == [f"has {have} lead{'s' * (have > 1)}, but the model takes {wants}"] * 2
