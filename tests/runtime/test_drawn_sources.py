"""A second folder whose cases are not matched: drawn independently, in an order that follows from seed and epoch."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from runtime.analysis import analyse
from runtime.data.batches import Part
from runtime.data.catalogue import PARTS, DataError
from runtime.data.drawn import drawn_from_all
from runtime.delivery.predict import predict_folder
from runtime.delivery.predictors import predictor_of
from runtime.evaluation.evaluate import evaluate
from runtime.events import Epoch, Finished, Warned
from runtime.files import save_graph
from runtime.job import make_job
from runtime.material import material_of, read_cases
from runtime.parting import divided
from runtime.readiness import training_problems
from runtime.repeating import create_repeat, repeat_job
from runtime.runs import create_run
from runtime.splits import load_split
from runtime.train import train
from tests.builders import graphs, pictures
from tests.runtime.command import answer

APART = {"matching": "drawn independently"}
CPU = torch.device("cpu")
FIRST, SECOND = "image_folder-1", "image_folder-2"


def some(folder, count, patients=""):
    """So many small pictures, each with its own grey; with `patients`, two of each."""
    for number in range(count):
        place = folder / f"{patients}{number // 2}" if patients else folder
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), 5 * number, np.uint8)).save(place / f"other{number:02}.png")
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("apart")
    return pictures.class_folders(place / "one", 24), some(place / "two", 10)


@pytest.fixture(scope="module")
def graph(folders):
    first, second = (pictures.facts(folder) for folder in folders)
    return graphs.two_sources({**first, "size": [8, 8]}, {**second, **APART}, batch=8)


@pytest.fixture(scope="module")
def trained(graph, tmp_path_factory):
    run = pictures.new_run(graph, tmp_path_factory.mktemp("runs") / "run", epochs=3)
    return run, list(train(run.job))


@pytest.fixture(scope="module")
def material(graph):
    analysis = analyse(graph)
    return material_of(analysis, read_cases(analysis))


def curve(events):
    return [event.metrics for event in events if isinstance(event, Epoch)]


def walked(part, seed, epoch):
    """The cases of the leading source and those beside them, in the order of an epoch."""
    batches = list(part.batches(5, part.walk(seed, epoch)))
    assert all(batch.of(SECOND).count == batch.count for batch in batches)
    return [case for one in batches for case in one.cases], [case for one in batches for case in one.of(SECOND).cases]


def test_that_an_epoch_sees_each_leading_case_once_and_draws_the_others_in_an_order_of_their_own(material):
    kept, read = (
        Part(material.cached, material.labels, tuple(range(24)), CPU, often, beside=material.beside)
        for often in (True, False)
    )
    leading, drawn = walked(kept, 3, 1)
    assert sorted(leading) == list(range(24))
    assert [drawn.count(case) for case in range(10)].count(0) == 0
    assert sorted(drawn[:10]) == sorted(drawn[10:20]) == list(range(10))  # all, before one comes again
    assert walked(kept, 3, 1) == walked(read, 3, 1) == (leading, drawn)
    assert walked(kept, 3, 2)[1] != drawn != walked(kept, 4, 1)[1]
    for part in (kept, read):
        for batch in part.batches(5, part.walk(3, 1)):
            for image, case in zip(batch.of(SECOND).images, batch.of(SECOND).cases, strict=True):
                assert np.array_equal(image.numpy(), material.beside[SECOND].cached.images[case])


def test_that_the_same_cases_lie_beside_each_other_whenever_they_are_measured(material):
    whole = Part(material.cached, material.labels, tuple(range(24)), CPU, True, beside=material.beside)
    (batch,) = whole.batches(24)
    few = Part(material.cached, material.labels, (3, 17), CPU, beside=material.beside)
    (other,) = few.batches(2)
    assert other.of(SECOND).cases == tuple(batch.of(SECOND).cases[case] for case in (3, 17))


def test_that_a_short_folder_comes_again_and_a_long_one_is_not_seen_whole():
    drawn = drawn_from_all("two", 4, range(9))
    assert len(set(drawn.order(range(9), 4, 0, 1).tolist())) == 4
    assert drawn.beside([0, 3]).tolist() == [0, 3]
    assert sorted(drawn.order(range(3), 6, 0, 1).tolist()) == [0, 0, 1, 1, 2, 2]


def test_that_a_run_tells_how_many_are_drawn_and_keeps_the_parts_of_both_folders_apart(trained):
    run, events = trained
    assert isinstance(events[-1], Finished)
    told = {event.message for event in events if isinstance(event, Warned)}
    saved = load_split(run.folder)
    seen, pool = len(saved.parts["train"]), len(saved.apart[SECOND]["train"])
    assert any(f"walks over {seen} training cases of “One” and draws as many of “Two”" in text for text in told)
    assert any("The 10 cases of “Two” are not matched" in text for text in told)
    parts = saved.apart[SECOND]
    assert sum(len(parts[part]) for part in PARTS) == 10 == len(frozenset().union(*parts.values()))
    assert 0 < pool < 10


def test_that_a_resumed_and_a_repeated_run_draw_what_the_first_one_drew(graph, trained, tmp_path):
    run = pictures.new_run(graph, tmp_path / "run", epochs=1)
    first = curve(train(run.job))
    job = make_job(graph, run.folder, epochs=3, resume=True)
    create_run(job)
    assert first + curve(train(job)) == curve(trained[1])
    again = repeat_job(trained[0].folder, tmp_path / "again")
    create_repeat(again, trained[0].folder)
    assert curve(train(again)) == curve(trained[1])


def test_that_the_test_part_is_measured_beside_the_test_part_and_answers_need_no_partners(trained, folders):
    run, _ = trained
    assert evaluate(run).cases == len(load_split(run.folder).parts["test"])
    rows = list(predict_folder(predictor_of(run.folder), folders))
    assert len([row for row in rows if not row.problem]) == 24
    back = list(predict_folder(predictor_of(run.folder), (folders[1], folders[0])))
    assert len([row for row in back if not row.problem]) == 10
    assert any("lies beside no case: the other folders have fewer" in row.problem for row in back)


def test_that_a_command_says_which_folder_is_drawn_from(graph, tmp_path):
    save_graph(graph, tmp_path / "two.netloom")
    found = answer("match", tmp_path / "two.netloom")
    assert found["matched"] == 24
    assert [(one["drawn"], one["left"]) for one in found["folders"]] == [(False, []), (True, [])]


def test_that_the_folder_that_leads_cannot_be_drawn_from(graph):
    nodes = dict(graph.nodes)
    nodes[FIRST] = replace(nodes[FIRST], settings={**nodes[FIRST].settings, **APART})
    (problem,) = [one for one in training_problems(analyse(replace(graph, nodes=nodes))) if one.code == "leads_apart"]
    assert problem.node == FIRST
    assert "An epoch walks over the cases of “One”" in problem.message


def of_patients(tmp_path, first, second, rows):
    """A job with two folders in which patients are named, and its cases."""
    (second / "patients.csv").write_text("\n".join(rows))
    one, two = ({**pictures.facts(folder), "size": [8, 8]} for folder in (first, second))
    run = pictures.new_run(graphs.two_sources(one, {**two, **APART}), tmp_path / "run")
    return run.job, read_cases(analyse(run.job.graph))


def test_that_a_patient_of_both_folders_is_in_the_same_part_of_both(tmp_path):
    first, second = pictures.class_folders(tmp_path / "one", 24), some(tmp_path / "two", 24)
    for folder in (first, second):
        paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
        rows = [f"{path},P{number // 2},{number % 2}" for number, path in enumerate(paths)]
        (folder / "patients.csv").write_text("\n".join(["path,patient,label", *rows]))
    job, cases = of_patients(tmp_path, first, second, (second / "patients.csv").read_text().split("\n"))
    parts, _ = divided(job, cases)
    sides = [
        {data.samples[index].patient: part for part in PARTS for index in parts.in_source(source).of(part)}
        for source, data in ((FIRST, cases.cases), *cases.divided_apart())
    ]
    assert sides[0] == sides[1]
    assert set(sides[0].values()) == set(PARTS)


def test_that_a_patient_whom_the_folders_name_in_different_parts_is_refused(tmp_path):
    first, second = pictures.class_folders(tmp_path / "one", 24), some(tmp_path / "two", 24)
    for folder in (first, second):
        paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
        names = ("train", "validation", "test") if folder == first else ("test", "train", "validation")
        rows = [f"{path},P{number // 2},{number % 2},{names[number // 2 % 3]}" for number, path in enumerate(paths)]
        (folder / "patients.csv").write_text("\n".join(["path,patient,label,split", *rows]))
    job, cases = of_patients(tmp_path, first, second, (second / "patients.csv").read_text().split("\n"))
    with pytest.raises(DataError, match="12 patients are in different parts of “One” and “Two”"):
        divided(job, cases)


def test_that_a_split_keeps_no_names_of_the_folder_that_is_drawn_from(trained):
    run, _ = trained
    content = (run.folder / "split.json").read_text()
    assert "other0" not in content
    assert set(json.loads(content)["apart"]) == {SECOND}
