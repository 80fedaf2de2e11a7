"""A table of numbers as a source: read with every reason told, trained beside images or alone, measured, exported."""

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from nodes.tables import Table
from runtime.analysis import analyse
from runtime.attach import attach
from runtime.data.catalogue import DataError
from runtime.data.labels import read_dataset
from runtime.data.matched import matched
from runtime.data.table_cases import Asked, asked_in, read_table_cases
from runtime.delivery.contract import parse
from runtime.delivery.exporting import export_run
from runtime.evaluation.evaluate import evaluate
from runtime.events import Epoch, Finished, Warned
from runtime.files import save_graph
from runtime.graph import Training
from runtime.job import make_job
from runtime.material import read_cases
from runtime.readiness import training_problems
from runtime.runs import create_run
from runtime.splits import load_split
from runtime.train import train
from runtime.trained import load_trained
from tests.builders import graphs, pictures
from tests.runtime.command import answer, done, netloom
from tests.runtime.command import table as rows_in

HEAD = ("patient_id", "age_years", "volume [ml]", "sex", "site")


def write(path, rows, head=HEAD):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Pictures in two classes, and a table whose second column tells them apart; two numbers are missing."""
    place = tmp_path_factory.mktemp("clinical")
    folder = pictures.class_folders(place / "images", 24)
    rows = []
    for path in sorted(folder.rglob("*.png")):
        number, bright = int(path.stem[4:]), path.parent.name == "bright"
        age = "" if number == 3 else str(40 + number)
        volume = "n/a" if number == 5 else f"{1000 + 100 * bright + number},5"
        rows.append((path.stem, age, volume, "mw"[number % 2], 7))
    return folder, write(place / "clinic.csv", [*rows, ("stranger", 50, "900", "m", 7)])


def both(data, standardised=True, **training):
    """Pictures and the table, concatenated before the last layer; the pictures have the labels."""
    folder, file = data
    document = graphs.Document()
    with document.edit("Draw"):
        images = graphs.source(document, **{**pictures.facts(folder), "size": [16, 16]})
        numbers = document.add("table", "Clinic")
        document.change(numbers, folder=str(file), columns=["age_years", "volume [ml]"])
        ends = [graphs.chain(document, images, ["normalise", "flatten", ("dense", {"units": 2})])]
        ends.append(graphs.chain(document, numbers, ["standardise_columns"] if standardised else []))
        joined = graphs.add(document, "concatenate")
        for end in ends:
            graphs.wire(document, end, joined)
        last = graphs.chain(document, joined, [("dense", {"units": 2})])
        graphs.judge(document, last, images, "class", "cross_entropy", ("accuracy",))
        document.train_with(Training(**{"epochs": 3, "batch": 8, "device": "cpu", **training}))
    return attached(document, numbers)


def at_rate(graph, rate):
    own = {key: replace(node, settings={"rate": rate}) for key, node in graph.nodes.items() if node.type == "adam"}
    return replace(graph, nodes={**graph.nodes, **own})


def attached(document, numbers):
    settings = document.nodes[numbers].settings
    dataset = read_table_cases(Path(str(settings["folder"])), asked_in(settings))
    with document.edit("Attach"):
        document.change(numbers, **attach(document.graph(), numbers, dataset))
    return document.graph()


def test_that_every_column_and_row_is_taken_or_told_with_its_reason(tmp_path):
    cells = ("A 41 1,5 m x", "B - 2.5 w x", "C 7 3 m -", "C 8 4 m x", "D 9 na m x")
    file = write(tmp_path / "t.csv", [row.split() for row in cells])
    found = read_table_cases(file, Asked())
    assert found.columns == ("age_years", "volume [ml]")
    assert [(sample.path, sample.patient) for sample in found.samples] == [("A", "A"), ("B", "B"), ("D", "D")]
    assert found.samples[0].values == (41.0, 1.5)
    assert math.isnan(found.samples[1].values[0])
    assert [(one.path, one.reason) for one in found.skipped] == [("C", "stands in 2 rows of the table")]
    told = " ".join(found.said)
    assert "The column “sex” is not taken: it holds text, such as “m”." in told
    assert "The column “patient_id” is not taken: it names the case." in told
    assert "age_years in 1 case, volume [ml] in 1 case" in found.warnings[0]
    strict = read_table_cases(file, Asked(leaves_out=True))
    assert [sample.path for sample in strict.samples] == ["A"]
    assert [(one.path, one.reason) for one in strict.skipped if one.path != "C"] == [
        ("B", "has no number in age_years"), ("D", "has no number in volume [ml]"),
    ]  # fmt: skip


def test_that_yes_counts_as_1_and_no_as_0_where_a_column_says_both_or_is_asked_for(tmp_path):
    cells = ("A 41 1 f yes", "B 52 2 f no", "C 63 3 f -")
    file = write(tmp_path / "t.csv", [row.split() for row in cells])
    found = read_table_cases(file, Asked())
    assert found.columns == ("age_years", "volume [ml]", "site")
    assert [sample.values[2] for sample in found.samples[:2]] == [1.0, 0.0]
    assert math.isnan(found.samples[2].values[2])
    told = " ".join(found.said)
    assert "In “site”, yes counts as 1 and no as 0." in told
    assert "The column “sex” is not taken: it holds text, such as “f”." in told  # one word in all rows: for female?
    one = write(tmp_path / "one.csv", [("D", 41, 1, "m", "yes")])
    assert read_table_cases(one, Asked(("site",))).samples[0].values == (1.0,)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(("weight",)), "t.csv has no column “weight”; its columns are patient_id, age_years"),
        (Asked(("sex",)), "The column “sex” of t.csv is to be numbers, but holds “m” in line 2"),
        (Asked(labels="stage"), "has no column “stage” to learn"),
    ],
)
def test_that_columns_that_do_not_fit_are_refused_by_name(tmp_path, asked, said):
    file = write(tmp_path / "t.csv", [("A", 41, 1, "m", "x"), ("B", 42, 2, "w", "x")])
    with pytest.raises(DataError, match=said):
        read_table_cases(file, asked)
    with pytest.raises(DataError, match="is a folder; choose the table itself"):
        read_table_cases(tmp_path, Asked())


def test_that_rows_find_cases_by_file_and_patients_and_a_patient_has_one_row_for_all_images(tmp_path):
    folder = pictures.class_folders(tmp_path / "images", 8)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    lines = [("path", "patient", "label"), *((name, f"P{at // 4}", at % 2) for at, name in enumerate(names))]
    (folder / "labels.csv").write_text("\n".join(",".join(map(str, line)) for line in lines))
    images = read_dataset(folder, "labels.csv")
    of_patients = read_table_cases(write(tmp_path / "p.csv", [("p0", 1, 2, "", ""), ("P1", 3, 4, "", "")]), Asked())
    cases = matched({"i": images, "t": of_patients}, {"i": "Images", "t": "Table"})
    assert [row.values[0] for row in cases.of["t"].samples] == [1.0] * 4 + [3.0] * 4
    assert len({sample.group for sample in cases.cases.samples}) == 2
    assert "by the patient that the table names" in cases.told["i"][0]
    files = write(tmp_path / "f.csv", [(name.split("/")[-1], at) for at, name in enumerate(names)], ("file", "age"))
    found = matched({"i": images, "t": read_table_cases(files, Asked())}, {"i": "Images", "t": "Table"})
    assert [row.values[0] for row in found.of["t"].samples] == [float(at) for at in range(8)]
    strangers = read_table_cases(write(tmp_path / "s.csv", [("Z1", 1, 2, "", ""), ("Z2", 3, 4, "", "")]), Asked())
    with pytest.raises(DataError, match="No cases of “Images” and “Table” belong together"):
        matched({"i": images, "t": strangers}, {"i": "Images", "t": "Table"})


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    graph = at_rate(both(data, epochs=12), 0.05)
    run = create_run(make_job(graph, tmp_path_factory.mktemp("runs") / "run"))
    return run, list(train(run.job))


def test_that_images_and_a_table_learn_together(trained, data):
    run, events = trained
    assert isinstance(events[-1], Finished)
    losses = [event.metrics["train_loss"] for event in events if isinstance(event, Epoch)]
    assert losses[-1] < losses[0]
    told = [event.message for event in events if isinstance(event, Warned)]
    assert any("Numbers are missing: age_years in 1 case, volume [ml] in 1 case" in text for text in told)
    assert any("1 case of “Clinic” without a partner" in text for text in told)
    assert not any("stranger" in text for text in told)
    assert evaluate(run).metrics["accuracy"] >= 0


def test_that_mean_and_spread_are_those_of_the_training_part_alone(trained, data):
    run, _ = trained
    model = load_trained(run)
    cases = read_cases(model.analysis)
    chosen = load_split(run.folder).indexes(cases.cases, "train")
    values = np.array([cases.of["table-1"].samples[at].values for at in chosen])
    module = model.network.get_submodule("standardise_columns")
    assert np.allclose(module.mean, np.nanmean(values, axis=0), rtol=1e-5)
    assert np.allclose(module.spread, np.nanstd(values, axis=0), rtol=1e-3)
    given = torch.tensor([[math.nan, float(module.mean[1])]])
    assert torch.equal(module(given), torch.zeros(1, 2))


@pytest.mark.slow
def test_that_onnx_takes_the_table_as_an_input_of_its_own_and_predicts(trained, data, tmp_path):
    run, _ = trained
    folder, file = data
    report = export_run(run, "onnx", tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(report.file), providers=["CPUExecutionProvider"])
    assert [entry.shape[1:] for entry in session.get_inputs()][1] == [2]
    contract = parse(session.get_modelmeta().custom_metadata_map["netloom"])
    clinic = contract.inputs[1]
    assert (clinic.columns, clinic.column_units) == (("age_years", "volume [ml]"), ("years", "ml"))
    assert (clinic.missing, clinic.size, clinic.rule) == ("mean", (), None)
    tables = []
    given = ("--data", f"Image={folder}", "--data", f"clinic={file}")
    for number, model in enumerate((run.folder, report.file)):
        done("predict", model, *given, "--out", tmp_path / f"{number}.csv")
        tables.append(rows_in(tmp_path / f"{number}.csv"))
    assert [row["predicted"] for row in tables[0]] == [row["predicted"] for row in tables[1]]
    assert sum(not row["problem"] for row in tables[0]) == 24
    assert any("stranger has no partner" in row["problem"] for row in tables[0])
    lacking = netloom("predict", run.folder, *given[:2], "--out", tmp_path / "x.csv")
    assert (lacking.returncode, "The model takes “Clinic” too" in lacking.stderr) == (1, True)


def test_that_missing_numbers_need_what_fills_them(data):
    told = [problem.message for problem in training_problems(analyse(both(data, standardised=False)))]
    assert any("Numbers are missing in “Clinic”" in text and "put Standardise columns between" in text for text in told)
    assert not any("missing" in problem.message for problem in training_problems(analyse(both(data))))


@pytest.mark.slow
def test_that_a_table_alone_learns_a_class_and_a_number(tmp_path):
    generator = np.random.default_rng(0)
    drawn = generator.normal(50, 10, (60, 2)).round(3).tolist()
    rows = [(f"case{at:03}", x, y, "ill" if x > y else "well", round(x - y, 3)) for at, (x, y) in enumerate(drawn)]
    file = write(tmp_path / "t.csv", rows, ("id", "x", "y", "state", "score"))
    for column, port, loss, units in (("state", "class", "cross_entropy", 2), ("score", "number", "squared_error", 1)):
        document = graphs.Document()
        with document.edit("Draw"):
            source = document.add("table", "Numbers")
            document.change(source, folder=str(file), columns=["x", "y"], labels=column)
            last = graphs.chain(document, source, ["standardise_columns", ("dense", {"units": units})])
            graphs.judge(document, last, source, port, loss)
            document.train_with(Training(epochs=16, batch=8, device="cpu"))
        graph = at_rate(attached(document, source), 0.05)
        save_graph(graph, tmp_path / f"{column}.netloom")
        assert answer("check", tmp_path / f"{column}.netloom")["ok"]
        run = create_run(make_job(graph, tmp_path / column))
        losses = [event.metrics["validation_loss"] for event in train(run.job) if isinstance(event, Epoch)]
        assert losses[-1] < 0.7 * losses[0]
        assert evaluate(run, data=file).cases == 60
        done("predict", run.folder, file, "--out", tmp_path / f"{column}.csv")
        assert len(rows_in(tmp_path / f"{column}.csv")) == 60
        assert export_run(run, "onnx", tmp_path / f"{column}.onnx").checked_cases > 0


def test_that_an_unread_table_says_what_is_to_be_done():
    for settings, said in (({}, "has no file yet"), ({"folder": "t.csv"}, "was not read yet")):
        with pytest.raises(Exception, match=said):
            Table(**settings).infer()
