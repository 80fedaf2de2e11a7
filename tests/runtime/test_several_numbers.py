"""Several numbers learned together: columns of a table, training in their spreads, measures and answers by name."""

import csv
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from PIL import Image

from nodes.losses import Huber, SquaredError
from nodes.metrics import MeanAbsoluteError
from nodes.spec import Target, Unfit
from nodes.units import units_each
from runtime import template_fit, templates
from runtime.analysis import analyse
from runtime.attach import learned
from runtime.compile import build
from runtime.data.catalogue import DataError
from runtime.data.corrections import corrected, corrections_in
from runtime.data.labels import read_dataset
from runtime.delivery.contract import parse
from runtime.delivery.exporting import export_run
from runtime.evaluation.evaluate import evaluate
from runtime.evaluation.headlines import headlines
from runtime.evaluation.record import load_cases
from runtime.events import Finished
from runtime.graph import Training
from runtime.job import make_job
from runtime.material import material_of, read_cases
from runtime.runs import create_run
from runtime.seen_cases import Numbers
from runtime.seen_cases import read_cases as seen_cases
from runtime.splits import load_split
from runtime.train import train
from runtime.trained import load_trained
from tests.builders import graphs
from tests.runtime.command import done

NAMES = ("age_years", "weight [g]")
WANTED = f"labels.csv:{','.join(NAMES)}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Forty pictures, the brighter the older; of one the weight is not known."""
    place = tmp_path_factory.mktemp("numbers")
    chance = np.random.default_rng(0)
    rows = [("path", "patient", *NAMES, "ward")]
    for number in range(40):
        bright = chance.uniform(0, 200)
        Image.fromarray((bright + chance.uniform(0, 9, (16, 16))).astype(np.uint8)).save(place / f"{number:02}.png")
        weight = "" if number == 7 else f"{3000 - 10 * bright:.1f}"
        rows.append((f"{number:02}.png", f"P{number}", f"{20 + bright / 4:.2f}", weight, "north"))
    with (place / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return place


def test_that_columns_named_together_are_numbers_and_a_gap_leaves_its_case_out(folder):
    dataset = read_dataset(folder, WANTED)
    assert (dataset.label, dataset.classes, dataset.unit) == ("number", NAMES, "years, g")
    assert len(dataset.samples) == 39
    assert all(len(sample.numbers) == 2 and sample.number is None for sample in dataset.samples)
    assert "1 image lacks one of the numbers in labels.csv and is left out: 07.png" in " ".join(dataset.warnings)
    assert "07.png" in {item.path for item in dataset.skipped}
    assert dataset.fingerprint != read_dataset(folder, "labels.csv:weight [g],age_years").fingerprint
    spreads = learned(dataset)["spreads"]
    assert spreads == pytest.approx(np.std([sample.numbers for sample in dataset.samples], axis=0), rel=1e-4)


def test_that_words_among_the_columns_are_refused(folder):
    with pytest.raises(DataError, match=r"Column 'ward' of labels\.csv holds north, but the columns named with it"):
        read_dataset(folder, "labels.csv:age_years,ward")


def test_that_numbers_given_by_hand_are_all_of_them(folder):
    dataset = read_dataset(folder, WANTED)
    code = corrections_in(()).with_label([dataset.samples[0].key], "33; 2000,5").as_setting()
    assert corrected(dataset, corrections_in(code)).samples[0].numbers == (33.0, 2000.5)
    code = corrections_in(()).with_label([dataset.samples[0].key], "33").as_setting()
    with pytest.raises(DataError, match="has 2 numbers"):
        corrected(dataset, corrections_in(code))


def test_that_each_number_counts_alike_in_the_losses():
    target = Target("number", (2,), NAMES, spreads=(2.0, 500.0))
    answer, truth = torch.tensor([[4.0, 1000.0]]), torch.tensor([[2.0, 500.0]])
    assert build(SquaredError().call((2,), target))(answer, truth).item() == 1.0
    assert build(Huber(delta=0.5).call((2,), target))(answer, truth).item() == pytest.approx(0.5 * (1 - 0.25))
    plain = build(SquaredError().call((1,), Target("number", (1,))))
    assert plain(answer[:, :1], truth[:, :1]).item() == 4.0


def test_that_a_metric_is_asked_of_one_number_by_its_name():
    target = Target("number", (2,), NAMES)
    metric = build(MeanAbsoluteError(number="weight [g]").call((2,), target))
    metric.update(torch.tensor([[1.0, 10.0]]), torch.tensor([[0.0, 4.0]]))
    assert metric.compute() == 6
    with pytest.raises(Unfit, match="There is no number “height”; choose one of age_years, weight"):
        MeanAbsoluteError(number="height").infer((2,), target)


def test_that_units_are_one_for_each_or_one_for_all():
    assert units_each("mm", 2) == ("mm", "mm")
    assert units_each("years, ", 2) == ("years", "")
    assert units_each("1, 2", 1) == ("1, 2",)
    with pytest.raises(Unfit, match="names 3 units"):
        units_each("a,b,c", 2)


def test_that_a_template_gets_an_answer_for_each_number(folder):
    analysis = analyse(template_fit.fitted(templates.graph_of("image-regression"), read_dataset(folder, WANTED)))
    assert not analysis.problems
    (meaning,) = analysis.meanings.values()
    assert (meaning.task, meaning.classes, meaning.units) == ("regression", NAMES, ("years", "g"))
    graph = template_fit.fitted(templates.graph_of("lenet"), read_dataset(folder, WANTED))
    assert not analyse(graph).problems


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    document = graphs.Document()
    with document.edit("Draw"):
        origin = graphs.source(document, **{**learned(read_dataset(folder, WANTED)), "size": [16, 16]})
        last = graphs.chain(document, origin, ["global_average_pooling", ("dense", {"units": 2}), "in_units"])
        graphs.judge(document, last, origin, "number", "squared_error", [
            "mean_absolute_error", ("mean_absolute_error", {"number": "weight [g]", "name": "Weight"}),
        ])  # fmt: skip
        document.train_with(Training(epochs=3, batch=8, device="cpu"))
    run = create_run(make_job(document.graph(), tmp_path_factory.mktemp("runs") / "run"))
    assert isinstance(list(train(run.job))[-1], Finished)
    return run


def test_that_mean_and_spread_are_those_of_the_training_part(trained):
    model = load_trained(trained)
    cases = read_cases(analyse(trained.job.graph))
    chosen = list(load_split(trained.folder).indexes(cases.cases, "train"))
    numbers = material_of(model.analysis, cases).labels.numbers[chosen].double()
    module = model.network.module_of("in_units-1")
    assert torch.allclose(module.mean.double(), numbers.mean(dim=0), rtol=1e-5)
    assert torch.allclose(module.spread.double(), numbers.std(dim=0, correction=0), rtol=1e-5)
    assert load_split(trained.folder).counts["image_folder-1"] == pytest.approx(module.spread.tolist())


def test_that_an_evaluation_measures_each_number_by_name(trained, folder):
    found = evaluate(trained)
    names = {f"{measure}:{name}" for measure in ("mean_absolute_error", "bias", "limit_low") for name in NAMES}
    assert names <= set(found.metrics)
    assert (found.classes, found.unit) == (NAMES, "years, g")
    assert headlines("regression", found.metrics)[:2] == tuple(f"mean_absolute_error:{name}" for name in NAMES)
    assert load_cases(trained.folder, "test").truth.shape == (found.cases, 2)
    head = (trained.folder / "evaluation-test.csv").read_text("utf-8").split("\n", 1)[0]
    assert head.startswith("case,true:age_years,predicted:age_years,true:weight [g],predicted:weight [g],patient")
    assert evaluate(trained, data=folder).cases == 39
    seen = seen_cases(trained.folder)
    assert all(isinstance(answer, Numbers) and len(answer.values) == 2 for answer in next(iter(seen.epochs.values())))


@pytest.mark.slow
def test_that_the_exported_model_names_its_numbers_and_a_table_has_a_column_for_each(trained, folder, tmp_path):
    report = export_run(trained, "onnx", tmp_path / "model.onnx")
    (output,) = parse(onnx.load(report.file).metadata_props[0].value).outputs
    assert (output.classes, output.units, output.shape) == (NAMES, ("years", "g"), (2,))
    done("predict", report.file, folder, "--out", tmp_path / "p.csv")
    with (tmp_path / "p.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == ["path", "predicted", "predicted:age_years", "predicted:weight [g]", "problem"]
    first = rows[0]
    assert first["predicted"] == f"age_years {first['predicted:age_years']}; weight [g] {first['predicted:weight [g]']}"
