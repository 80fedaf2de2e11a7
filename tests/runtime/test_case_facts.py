"""A few validation cases are seen with their answers in the epochs of a run: the same ones, true, small, nameless."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from runtime import case_facts, template_fit, templates
from runtime.case_answers import answer_of, cut_of, kept, picture_of, truth_of
from runtime.case_facts import CaseFacts
from runtime.data.labels import read_dataset
from runtime.document import Document
from runtime.events import Epoch
from runtime.job import make_job
from runtime.runs import create_run
from runtime.seen_cases import FILE, SIDE, SeenCase, SeenHistory, least_missed, read_cases
from runtime.splits import load_split
from runtime.train import train
from runtime.trained import load_trained
from tests.builders import graphs, pictures


@pytest.fixture(autouse=True)
def every_epoch(monkeypatch):
    """Epochs of these runs take milliseconds; all of them are kept."""
    monkeypatch.setattr(case_facts, "_LEAST_S", 0.0)
    monkeypatch.setattr(case_facts, "RATIO", 0.0)


@pytest.fixture(scope="module")
def blobs(tmp_path_factory):
    return pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data", 60)


@pytest.fixture(scope="module")
def graph(blobs):
    return graphs.classifier(before=["normalise"], **pictures.facts(blobs))


def seen_in(graph, folder, **training):
    run = pictures.new_run(graph, folder, **{"epochs": 3, "batch": 8, "device": "cpu", **training})
    list(train(run.job))
    return run, read_cases(run.folder, damaged=True)


def test_that_classes_are_seen_with_probabilities_that_are_those_of_the_network(graph, tmp_path):
    run, seen = seen_in(graph, tmp_path / "run")
    assert (seen.task, seen.classes, seen.planned) == ("classification", ("bright", "dark"), 3)
    assert tuple(seen.epochs) == (1, 2, 3)
    assert {case.truth for case in seen.cases} == {(0,), (1,)}
    assert 2 <= len(seen.cases) <= 8
    network = load_trained(run, "last").network
    for case, answer in zip(seen.cases, seen.epochs[3], strict=True):
        image = picture_named(graph, case.name)
        with torch.no_grad():
            shares = network({"image_folder-1": torch.from_numpy(image)[None, None]}).at("dense-1")[0].softmax(0)
        assert dict(answer)[0] == pytest.approx(float(shares[0]), abs=1e-3)
        assert np.corrcoef(case.picture.ravel(), image.ravel())[0, 1] > 0.95


def picture_named(graph, name, within=""):
    """The values of “File 17”: the seventeenth of the folder in path order."""
    folder = Path(graph.nodes["image_folder-1"].settings["folder"])
    found = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.png"))
    file = found[int(name.removeprefix("File ")) - 1]
    return np.asarray(Image.open(folder / (file.replace("images", within) if within else file)), np.float32)


def test_that_masks_are_seen_beside_what_was_found(tmp_path):
    graph = graphs.segmenter(before=["normalise"], **pictures.facts(pictures.masked(tmp_path / "masked", 24)))
    _, seen = seen_in(graph, tmp_path / "run", epochs=8)
    assert seen.task == "segmentation"
    for case, first, last in zip(seen.cases, seen.epochs[1], seen.epochs[8], strict=True):
        assert np.array_equal(case.truth, picture_named(graph, case.name, "masks"))
        assert first.shape == last.shape == case.truth.shape == case.picture.shape
    wrong = [sum((answer != case.truth).mean() for case, answer in zip(seen.cases, seen.epochs[epoch], strict=True))
             for epoch in (1, 8)]  # fmt: skip
    assert wrong[1] < wrong[0]


def test_that_numbers_are_seen_from_the_lowest_to_the_highest(tmp_path):
    graph = graphs.regressor(before=["normalise"], **pictures.facts(pictures.numbered(tmp_path / "numbered", 90)))
    run, seen = seen_in(graph, tmp_path / "run", epochs=2)
    assert seen.task == "regression"
    truths = [case.truth for case in seen.cases]
    assert len(truths) == 8
    assert max(truths) - min(truths) > 1
    assert all(isinstance(answer, float) for answer in seen.epochs[2])
    assert load_split(run.folder).parts["validation"]
    assert seen.unit == ""


def test_that_the_unit_of_numbers_is_that_of_their_column_or_of_the_user(tmp_path):
    facts = pictures.facts(pictures.numbered(tmp_path / "numbered", 30))
    for told, unit in (({"found_unit": "mm"}, "mm"), ({"found_unit": "mm", "unit": "px"}, "px")):
        _, seen = seen_in(graphs.regressor(before=["normalise"], **{**facts, **told}), tmp_path / unit, epochs=1)
        assert seen.unit == unit


def test_that_what_is_made_of_the_same_noise_is_seen_in_every_epoch(tmp_path):
    data = read_dataset(pictures.class_folders(tmp_path / "data", 24))
    graph = template_fit.fitted(templates.graph_of("gan"), data)
    run = pictures.new_run(graph, tmp_path / "run", epochs=2, batch=8, device="cpu")
    list(train(run.job))
    seen = read_cases(run.folder, damaged=True)
    assert seen.task == "generated"
    assert [case.name for case in seen.cases][:2] == ["Draw 1", "Draw 2"]
    assert all(case.picture is None and case.truth is None for case in seen.cases)
    assert tuple(seen.epochs) == (1, 2)
    first, last = seen.epochs[1], seen.epochs[2]
    assert any(not np.array_equal(one, other) for one, other in zip(first, last, strict=True))
    weights = load_trained(run, "last").network
    again = pictures.new_run(graph, tmp_path / "again", epochs=2, batch=8, device="cpu")
    list(train(again.job))
    same = read_cases(again.folder).epochs[2]
    assert all(np.array_equal(one, other) for one, other in zip(last, same, strict=True))
    repeated = load_trained(again, "last").network.state_dict()
    assert all(torch.equal(tensor, repeated[name]) for name, tensor in weights.state_dict().items())


def test_that_pictures_to_be_rebuilt_are_seen_given_answered_and_wanted(tmp_path):
    document = Document()
    with document.edit("Draw"):
        origin = graphs.source(document, **pictures.facts(pictures.class_folders(tmp_path / "data", 40)))
        given = graphs.chain(document, origin, ["normalise"])
        last = graphs.chain(document, given, [("convolution", {"filters": 1})])
        graphs.judge(document, last, given, "out", "squared_error")
    _, seen = seen_in(document.graph(), tmp_path / "run", epochs=4)
    assert seen.task == "image"
    for case, answer in zip(seen.cases, seen.epochs[4], strict=True):
        assert answer.shape == case.truth.shape == case.picture.shape
        assert np.corrcoef(case.picture.ravel(), case.truth.ravel())[0, 1] > 0.99


def test_that_a_resumed_run_goes_on_with_the_same_cases(graph, tmp_path):
    run, first = seen_in(graph, tmp_path / "run", epochs=2)
    create_run(job := make_job(graph, run.folder, epochs=4, batch=8, device="cpu", resume=True))
    list(train(job))
    second = read_cases(run.folder, damaged=True)
    assert tuple(second.epochs) == (1, 2, 3, 4)
    assert [case.name for case in second.cases] == [case.name for case in first.cases]
    assert second.epochs[1] == first.epochs[1]
    assert second.planned == 4


def test_that_the_cases_follow_from_the_seed(graph, tmp_path):
    names = [[case.name for case in seen_in(graph, tmp_path / name, epochs=1)[1].cases] for name in "ab"]
    assert names[0] == names[1]


def test_that_no_name_of_a_file_or_folder_stands_in_the_file(tmp_path):
    folder = pictures.class_folders(tmp_path / "Mustermann", 40, ("ill", "well"))
    graph = graphs.classifier(before=["normalise"], **pictures.facts(folder))
    run, _ = seen_in(graph, tmp_path / "run", epochs=1)
    text = (run.folder / FILE).read_text(encoding="utf-8")
    assert "Mustermann" not in text
    assert not any(file.stem in text for file in folder.rglob("*.png"))


def test_that_a_training_goes_on_where_the_file_cannot_be_written(graph, tmp_path):
    run = pictures.new_run(graph, tmp_path / "run", epochs=2, batch=8, device="cpu")
    (run.folder / FILE).mkdir()
    assert list(train(run.job))[-1].epochs == 2
    assert not list(run.folder.glob(f".{FILE}*"))
    assert read_cases(run.folder).cases == ()


def test_that_the_newest_epoch_is_kept_when_a_run_ends_before_its_last(graph, tmp_path, monkeypatch):
    monkeypatch.setattr(case_facts, "_LEAST_S", 3600.0)
    run = pictures.new_run(graph, tmp_path / "run", epochs=500, batch=8, device="cpu")
    for event in train(run.job):
        if isinstance(event, Epoch) and event.epoch == 4:
            run.ask_to_stop()
    assert tuple(read_cases(run.folder).epochs) == (1, event.epochs)


def test_that_looking_changes_nothing_of_the_training(graph, tmp_path, monkeypatch):
    run, _ = seen_in(graph, tmp_path / "run")
    monkeypatch.setattr(CaseFacts, "take", lambda *_: None)
    other = pictures.new_run(graph, tmp_path / "other", epochs=3, batch=8, device="cpu")
    list(train(other.job))
    assert not (other.folder / FILE).exists()
    states = [load_trained(one, "last").network.state_dict() for one in (run, other)]
    assert all(torch.equal(tensor, states[1][name]) for name, tensor in states[0].items())


def test_that_the_fullest_slice_of_a_volume_is_seen():
    mask = torch.zeros(6, 300, 200, dtype=torch.int64)
    mask[4, 100:200, 50:150] = 1
    mask[2, :10] = 1
    cut = cut_of("segmentation", mask, False)
    truth = truth_of("segmentation", mask, cut)
    assert truth.shape == (SIDE, 85)
    assert truth.mean() == pytest.approx(100 * 100 / (300 * 200), rel=0.05)
    scores = torch.stack([1 - mask.float(), mask.float()])
    assert np.array_equal(answer_of("segmentation", kept("segmentation", scores, cut), cut), truth)
    picture, at = picture_of(mask.float()[None], cut.slice, middle=False)
    assert (picture.shape, at) == (truth.shape, (5, 6))
    empty = cut_of("segmentation", torch.zeros(6, 4, 4, dtype=torch.int64), False)
    assert empty.slice == 3


def test_that_what_lies_on_a_resized_image_is_seen_on_the_image_resized_alike(tmp_path):
    before = [("resize", {"size": (12, 24), "fit": "pad"}), "normalise"]
    graph = graphs.segmenter(before=before, **pictures.facts(pictures.masked(tmp_path / "masked", 24)))
    _, seen = seen_in(graph, tmp_path / "run", epochs=1)
    for case in seen.cases:
        assert case.picture.shape == case.truth.shape == (12, 24)
        bright = case.picture > 190
        assert (bright & (case.truth > 0)).sum() > 0.6 * bright.sum()


def test_that_several_labels_keep_all_that_are_true_or_answered():
    shares = torch.tensor([0.9, 0.8, 0.1, 0.7, 0.6, 0.95, 0.99, 0.01])
    cut = cut_of("several labels", torch.tensor([0.0, 0, 0, 0, 0, 0, 0, 1]), False)
    answer = answer_of("several labels", kept("several labels", shares.logit(), cut), cut)
    assert [place for place, _ in answer] == [6, 5, 0, 1, 3, 4, 7]


def test_that_a_long_run_keeps_a_small_file_with_the_first_and_the_newest_epoch(tmp_path):
    history, generator = SeenHistory(tmp_path), np.random.default_rng(0)
    picture = generator.integers(0, 256, (SIDE, SIDE), np.uint8)
    history.begin("image", (), 500, [SeenCase(f"File {number}", picture, picture) for number in range(8)])
    for epoch in range(1, 120):
        history.add(epoch, [picture] * 8)
    history.write()
    seen = read_cases(tmp_path, damaged=True)
    assert (tmp_path / FILE).stat().st_size < 3 * 2**20
    assert [*seen.epochs][:: len(seen.epochs) - 1] == [1, 119]
    assert np.array_equal(seen.epochs[119][0], picture)


def test_that_early_epochs_lie_denser_than_late_ones():
    kept_epochs = list(range(1, 9))
    for epoch in range(9, 1001):
        kept_epochs.append(epoch)
        kept_epochs.remove(least_missed(kept_epochs))
    assert kept_epochs[0] == 1
    assert kept_epochs[-1] == 1000
    ratios = [after / before for before, after in pairwise(kept_epochs)]
    assert max(ratios) < 6
    assert sum(epoch <= 100 for epoch in kept_epochs) >= 4


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(format=2),
        lambda told: told["cases"][0]["picture"].update(size=[9999, 9999]),
        lambda told: told["cases"][0]["picture"].update(pixels="AAAA"),
        lambda told: told["seen"][0]["answers"].pop(),
        lambda told: told.pop("classes"),
    ],
)
def test_that_a_damaged_file_shows_nothing_and_is_begun_anew(tmp_path, change):
    picture = np.zeros((4, 4), np.uint8)
    history = SeenHistory(tmp_path)
    history.begin("classification", ("a", "b"), 3, [SeenCase("File 1", picture, (0,))])
    history.add(1, [((0, 0.9), (1, 0.1))])
    history.write()
    told = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    change(told)
    (tmp_path / FILE).write_text(json.dumps(told), encoding="utf-8")
    assert read_cases(tmp_path).cases == ()
    again = SeenHistory(tmp_path)
    again.begin("classification", ("a", "b"), 3, [SeenCase("File 1", picture, (0,))])
    again.add(2, [((0, 0.9), (1, 0.1))])
    again.write()
    assert tuple(read_cases(tmp_path, damaged=True).epochs) == (2,)
