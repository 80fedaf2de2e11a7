"""Results by groups of cases: ages in bands, hospitals under a pseudonym, people never."""

import csv

import numpy as np
import pytest

from runtime.data.catalogue import DataError
from runtime.data.labels import read_dataset
from runtime.evaluation.measured import Measured
from runtime.evaluation.subgroups import group_values, subgroups_of
from tests.builders import pictures
from tests.runtime.evaluation.cases import classified


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = pictures.class_folders(tmp_path_factory.mktemp("groups") / "data", 12)
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    with (folder / "facts.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["path", "sex", "age", "site", "dose", "patient_id", "note"])
        for number, path in enumerate(paths):
            sex = "" if number == 0 else "FM"[number % 2]
            site = f"St. Mary {number % 3}"
            table.writerow([path, sex, f"{7 * number + 3}", site, number * 1.5, f"P{number}", "w" + "x" * number])
    return read_dataset(folder, labels="folders")


def values(dataset, column, **more):
    return list(group_values(dataset, column, range(len(dataset.samples)), "salt", **more))


def test_that_words_stay_ages_become_bands_and_many_numbers_quarters(dataset):
    assert values(dataset, "sex") == ["", *("M", "F") * 5, "M"]
    assert values(dataset, "age") == [*["under 18"] * 3, *["18–39"] * 3, *["40–59"] * 3, *["60–79"] * 2, "80 and older"]
    assert values(dataset, "dose") == [
        *["up to 4.125"] * 3, *["4.125 to 8.25"] * 3, *["8.25 to 12.38"] * 3, *["over 12.38"] * 3
    ]  # fmt: skip


def test_that_the_name_of_a_hospital_is_told_and_not_kept(dataset):
    names = {}
    found = values(dataset, "site", on_name=names.__setitem__)
    assert sorted(names.values()) == ["St. Mary 0", "St. Mary 1", "St. Mary 2"]
    assert set(found) == set(names)
    assert not any("Mary" in value for value in found)
    assert found == values(dataset, "site")


@pytest.mark.parametrize(
    "column", ["patient_id", "PatientName", "PatientID", "StudyInstanceUID", "AccessionNumber", "path", "subject_id"]
)
def test_that_what_names_people_or_examinations_is_refused(dataset, column):
    with pytest.raises(DataError, match="names patients, people or examinations"):
        values(dataset, column)


def test_that_a_column_of_a_text_for_each_case_and_an_unknown_one_are_refused(dataset, monkeypatch):
    with pytest.raises(DataError, match="no column “weight” to give results by"):
        values(dataset, "weight")
    monkeypatch.setattr("runtime.evaluation.subgroups.MOST_VALUES", 11)
    with pytest.raises(DataError, match="12 different values in these cases"):
        values(dataset, "note")


def test_that_each_group_is_measured_with_its_own_patients_in_order():
    cases = classified(0, 30, 2, patients=9)
    bands = np.array(["", "18–39", "under 18", "80 and older", "40–59", "60–79"] * 5)
    cases = type(cases)(**{name: getattr(cases, name) for name in cases.__dataclass_fields__} | {
        "columns": {"age": bands}
    })  # fmt: skip
    found = subgroups_of(cases, lambda own: Measured(9, {"share": own.correct.mean(), "none": np.nan}))
    assert [one.value for one in found] == ["under 18", "18–39", "40–59", "60–79", "80 and older", ""]
    assert [one.cases for one in found] == [5] * 6
    assert found[0].patients == len(np.unique(cases.patient[2::6]))
    assert found[0].metrics == {"share": cases.correct[2::6].mean()}
