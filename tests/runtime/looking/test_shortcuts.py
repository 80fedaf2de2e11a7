"""A planted mark, scanner or column is found; clean data give no alarm."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from runtime.cli.main import run
from runtime.data.catalogue import DataError
from runtime.data.labels import read_dataset
from runtime.data.practice import write_practice
from runtime.data.scan import scan
from runtime.looking.probe import as_numbers, told
from runtime.looking.shortcuts import find_shortcuts, record_of
from tests.builders import pictures

COUNT = 48


def folder_of(place, mark=(), table=None):
    """Noise with discs at random, of two classes that differ in nothing; `mark` puts a letter-like mark on a class."""
    generator = np.random.default_rng(4)
    rows = [("path", "label", "patient", "site")]
    place.mkdir()
    for number in range(COUNT):
        picture, _, _ = pictures.blob(generator, bright=True, side=64)
        label = ("healthy", "ill")[number % 2]
        if label in mark:
            picture[3:8, 54:60] = 255
        Image.fromarray(picture).save(place / f"case{number:03}.png")
        site = table(number, label) if table else "ABC"[number % 3]
        rows.append((f"case{number:03}.png", label, f"P{number}", site))
    with (place / "cases.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return place


def found_in(folder, **words):
    catalogue = scan(folder)
    dataset = read_dataset(folder, words.get("labels", ""), catalogue)
    return {finding.what: finding for finding in find_shortcuts(dataset, catalogue)}, dataset


def test_that_clean_data_give_no_alarm(tmp_path):
    found, dataset = found_in(folder_of(tmp_path / "clean"), labels="cases.csv:label")
    assert "the border of the images" in found
    assert "the column “site” of a table" in found
    assert {finding.verdict for finding in found.values()} == {"none"}
    assert "No shortcut was found" in record_of(dataset, tuple(found.values())).facts["summary"]


@pytest.mark.long
def test_that_clean_practice_data_give_no_alarm(tmp_path):
    write_practice("t1-t2", tmp_path / "heads", 10)
    found, _ = found_in(tmp_path / "heads")
    assert not [finding for finding in found.values() if finding.verdict == "alarm"]


def test_that_a_mark_of_one_site_in_a_corner_is_found(tmp_path):
    found, _ = found_in(folder_of(tmp_path / "marked", mark=("ill",)), labels="cases.csv:label")
    border = found["the border of the images"]
    assert border.verdict == "alarm"
    assert border.told.share > 0.9
    assert border.told.low > 0.7
    assert "look for marks" in border.sentence


def test_that_a_column_that_goes_with_the_class_is_found(tmp_path):
    place = folder_of(tmp_path / "sites", table=lambda number, label: label[0].upper() if number % 8 else "X")
    found, dataset = found_in(place, labels="cases.csv:label")
    site = found["the column “site” of a table"]
    assert site.verdict == "alarm"
    assert "guessing gives 50 %; 48 patients" in site.sentence
    assert "the column “site” of a table" in record_of(dataset, tuple(found.values())).facts["summary"]


def test_that_brightness_as_a_whole_is_noted_and_no_alarm(tmp_path):
    found, _ = found_in(pictures.class_folders(tmp_path / "discs", 40))
    assert found["a blur of 8×8 pixels"].verdict == "note"


def test_that_numbers_are_foretold_as_above_or_below_the_median(tmp_path):
    found, _ = found_in(pictures.numbered(tmp_path / "numbers", 30))
    assert found["the border of the images"].told.chance == 0.5


def test_that_too_few_patients_are_said(tmp_path):
    found, dataset = found_in(pictures.class_folders(tmp_path / "few", 8))
    assert {finding.verdict for finding in found.values()} == {"few"}
    assert "too few patients to say" in record_of(dataset, tuple(found.values())).facts["summary"]


def test_that_masks_are_refused_in_words(tmp_path):
    with pytest.raises(DataError, match=r"has masks; shortcuts are looked for where each case has one class"):
        found_in(pictures.masked(tmp_path / "masked", 6))


def test_that_patients_and_not_images_are_what_the_interval_counts():
    generator = np.random.default_rng(0)
    facts, labels = generator.normal(size=(60, 3)), [f"{number % 2}" for number in range(60)]
    facts[:, 0] += [2 * int(label) for label in labels]
    alone = told(facts, labels, [str(number) for number in range(60)])
    pairs = told(facts, labels, [str(number // 6) for number in range(60)])
    assert alone.share > 0.75
    assert pairs.high - pairs.low > 1.3 * (alone.high - alone.low)
    assert 0 <= pairs.low < pairs.share <= pairs.high <= 1


def test_that_chance_is_told_as_chance():
    generator = np.random.default_rng(1)
    sure = 0
    for _ in range(40):
        labels = [str(one) for one in generator.integers(0, 2, 40)]
        sure += told(generator.normal(size=(40, 20)), labels, [str(number) for number in range(40)]).sure
    assert sure <= 2


def test_that_properties_become_columns_of_values_and_numbers():
    columns = as_numbers(["64×64", "64×64", "32×64", "64×64"], ["a", "b", "c", "d"])
    assert columns.tolist() == [[1, 64, 64], [1, 64, 64], [0, 32, 64], [1, 64, 64]]


def test_that_the_command_says_what_was_found(tmp_path, capsys):
    place = folder_of(tmp_path / "marked", mark=("ill",))
    assert run(["shortcuts", str(place), "--labels", "cases.csv:label", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["alarms"] >= 1
    assert "the border of the images" in record["summary"]
    border = next(finding for finding in record["findings"] if finding["what"] == "the border of the images")
    assert 0 <= border["low"] <= border["share"] <= border["high"] <= 1
