"""Whatever the option: patients stay together, counts add up, and added data move no case."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.data.catalogue import PARTS, DataError, DataSet, Part, Parts, Sample
from runtime.data.split import divide
from runtime.data.split_columns import column_values, values_for
from runtime.data.split_how import STUDY, How, how_of
from runtime.data.split_kept import KeptSides, as_setting, in_setting, merged, recorded
from runtime.data.split_preview import preview
from runtime.graph import SplitBy, Training
from tests.builders.dicom import dicom, gradient

WAYS: tuple[SplitBy, ...] = ("patient", "study", "column", "image")
SITES = ("north", "south", "east", "")
Values = Mapping[str, str]


def sample(number: int, patient: str = "", label: str | None = None, part: Part | None = None) -> Sample:
    path = f"image{number:04d}.png"
    return Sample(path, 0, 1, (8, 8), patient or path, patient, part, label)


def dataset(samples: list[Sample], folder: str = "/nowhere") -> DataSet:
    classes = tuple(sorted({item.label for item in samples if item.label is not None}))
    return DataSet(folder, "image", tuple(samples), "class" if classes else "", classes, 1, (8, 8), "")


@st.composite
def divisions(draw: st.DrawFn) -> tuple[list[Sample], Values, How]:
    """Any cases (images of no patient, patients at several sites, cases without a label) and any way to divide them."""
    count = draw(st.integers(2, 60))
    patients = draw(st.lists(st.integers(0, 15), min_size=count, max_size=count))
    labels = draw(st.lists(st.sampled_from(["a", "b", None]), min_size=count, max_size=count))
    sites = draw(st.lists(st.sampled_from(SITES), min_size=count, max_size=count))
    rows = zip(range(count), patients, labels, strict=True)
    samples = [sample(number, f"p{patient}" if patient else "", label) for number, patient, label in rows]
    values = {one.path: site for one, site in zip(samples, sites, strict=True)}
    by = draw(st.sampled_from(WAYS))
    held_out = draw(st.sampled_from(["", "north"])) if by == "column" else ""
    folds = 0 if held_out else draw(st.sampled_from([0, 0, 3, 5]))
    shares = draw(st.sampled_from([(0.7, 0.15, 0.15), (0.5, 0.25, 0.25), (0.8, 0.2, 0.0)]))
    column = "site" if by == "column" else ""
    how = How(by, draw(st.integers(0, 3)), shares, column, held_out, folds, draw(st.integers(1, 3)))
    return samples, values, how


def parts_or_none(samples: list[Sample], values: Values, how: How, *kept: KeptSides) -> tuple[Parts, KeptSides] | None:
    try:
        division = divide(dataset(samples), how, values, kept)
    except DataError:
        return None
    return division.parts, recorded(how.name, division.sides, kept)


def sides(samples: list[Sample], parts: Parts) -> dict[str, Part]:
    return {samples[index].key: part for part in PARTS for index in parts.of(part)}


@given(divisions())
def test_that_no_patient_is_on_two_sides_unless_the_user_splits_by_study_or_image(
    drawn: tuple[list[Sample], Values, How],
) -> None:
    samples, values, how = drawn
    found = parts_or_none(samples, values, how)
    if found is None:
        return
    parts = found[0]
    of_patient: dict[str, set[Part]] = {}
    for part in PARTS:
        for index in parts.of(part):
            of_patient.setdefault(samples[index].patient, set()).add(part)
    torn = [patient for patient, some in of_patient.items() if patient and len(some) > 1]
    if how.by in ("patient", "column"):
        assert not torn
    else:
        assert bool(torn) == any("do not report them" in text for text in parts.warnings)


@given(divisions())
def test_that_every_case_is_in_one_part_and_the_preview_counts_as_the_division_does(
    drawn: tuple[list[Sample], Values, How],
) -> None:
    samples, values, how = drawn
    data = dataset(samples)
    found, told = parts_or_none(samples, values, how), preview(data, how, values)
    assert bool(told.problems) == (found is None)
    if found is None:
        assert sum(told.cases.values()) == 0
        return
    assert sorted(index for part in PARTS for index in found[0].of(part)) == list(range(len(samples)))
    assert {part: len(found[0].of(part)) for part in PARTS} == told.cases
    assert told.how == found[0].how
    labelled = sum(one.label is not None for one in samples)
    assert sum(sum(told.by_class[part]) for part in PARTS) == labelled


@given(divisions(), st.integers(1, 59))
def test_that_adding_data_moves_no_case(drawn: tuple[list[Sample], Values, How], few: int) -> None:
    samples, values, how = drawn
    first = samples[: min(few, len(samples) - 1)]
    before = parts_or_none(first, values, how)
    if before is None:
        return
    after = parts_or_none(samples, values, how, before[1])
    if after is None:
        return
    now = sides(samples, after[0])
    assert all(now[key] == part for key, part in sides(first, before[0]).items())


@given(divisions())
def test_that_a_record_survives_being_written(drawn: tuple[list[Sample], Values, How]) -> None:
    found = parts_or_none(*drawn)
    if found is None:
        return
    (read,) = in_setting(as_setting([found[1]]))
    assert read == found[1]
    assert merged([read], [found[1]]) == (read,)


def test_that_a_record_names_nobody() -> None:
    data = dataset([sample(n, f"Doe^Jane{n}", "ab"[n % 2]) for n in range(12)])
    division = divide(data, How())
    assert "Doe" not in "".join(as_setting([recorded("x", division.sides)]))


def test_that_a_damaged_record_says_nothing() -> None:
    assert in_setting(["patient seed 0\ttrain abc"]) == ()
    assert in_setting(7) == ()
    assert in_setting([""]) == ()


def test_that_each_fold_tests_every_case_once() -> None:
    data = dataset([sample(n, f"p{n // 3}", "ab"[n // 3 % 2]) for n in range(60)])
    tested: list[int] = []
    for fold in range(1, 6):
        parts = divide(data, How(folds=5, fold=fold)).parts
        assert {data.samples[index].label for index in parts.validation} == {"a", "b"}
        tested += parts.test
    assert sorted(tested) == list(range(60))


def test_that_more_folds_than_patients_are_refused() -> None:
    with pytest.raises(DataError, match="5 folds need at least 5 patients, and there are 3"):
        divide(dataset([sample(n, f"p{n % 3}") for n in range(9)]), How(folds=5))


def test_that_folds_do_not_mix_the_parts_that_the_data_name() -> None:
    data = dataset([sample(n, f"p{n}", part="train" if n < 6 else "test") for n in range(9)])
    with pytest.raises(DataError, match=r"name their parts \(train, test\)"):
        divide(data, How(folds=3))


def test_that_one_site_is_held_out_whole() -> None:
    samples = [sample(n, f"p{n}", "ab"[n % 2]) for n in range(30)]
    values = {one.path: "north" if number < 6 else "south" for number, one in enumerate(samples)}
    parts = divide(dataset(samples), How("column", column="site", held_out="north"), values).parts
    assert parts.test == tuple(range(6))
    assert parts.validation
    assert "“north” of site held out" in parts.how


def test_that_a_site_that_is_not_there_is_refused_with_those_that_are() -> None:
    samples = [sample(n, f"p{n}") for n in range(4)]
    values = {one.path: "south" for one in samples}
    with pytest.raises(DataError, match=r"No case has “north” in the column “site”; its values are south\."):
        divide(dataset(samples), How("column", column="site", held_out="north"), values)


def test_that_a_split_by_site_keeps_sites_together() -> None:
    samples = [sample(n, f"p{n}") for n in range(40)]
    values = {one.path: f"site {number // 5}" for number, one in enumerate(samples)}
    parts = divide(dataset(samples), How("column", column="site"), values).parts
    found = [{values[samples[index].path] for index in parts.of(part)} for part in PARTS]
    assert sum(map(len, found)) == 8
    assert parts.how.endswith("values of site")


def test_that_a_column_is_found_in_a_table_of_the_folder(tmp_path: Path) -> None:
    rows = "".join(f"image{n:04d}.png,site {n % 2}\n" for n in range(4))
    (tmp_path / "more.csv").write_text("file,Site\n" + rows, encoding="utf-8")
    data = dataset([sample(n, f"p{n}") for n in range(4)], str(tmp_path))
    assert column_values(data, "site")["image0003.png"] == "site 1"


def test_that_a_column_is_read_from_dicom_headers(tmp_path: Path) -> None:
    dicom(tmp_path / "a.dcm", gradient(), StationName="CT1")
    dicom(tmp_path / "b.dcm", gradient())
    samples = tuple(Sample(name, 0, 1, (8, 8), name) for name in ("a.dcm", "b.dcm"))
    data = DataSet(str(tmp_path), "dicom", samples, "", (), 1, (8, 8), "")
    assert column_values(data, "StationName") == column_values(data, "(0008,1010)") == {"a.dcm": "CT1", "b.dcm": ""}
    assert How("study").values_column == STUDY
    assert values_for(data, How()) == {}


def test_that_an_unknown_column_and_one_that_names_patients_are_refused(tmp_path: Path) -> None:
    data = dataset([sample(0, "p")], str(tmp_path))
    with pytest.raises(DataError, match="no column “site” to split by"):
        column_values(data, "site")
    with pytest.raises(DataError, match="split by patient"):
        column_values(data, "PatientName")


def test_that_the_settings_of_a_project_say_how() -> None:
    how = how_of(Training(split="column", split_column="site", parts=(0.6, 0.2, 0.2), seed=4))
    assert (how.by, how.column, how.shares, how.seed) == ("column", "site", (0.6, 0.2, 0.2), 4)


def test_that_the_preview_of_100000_cases_is_cheap() -> None:
    """By the number of reads of the files, which is none: the folder does not exist."""
    data = dataset([sample(n, f"p{n // 100}", "ab"[n // 100 % 2]) for n in range(100_000)])
    told = preview(data, How())
    assert sum(told.cases.values()) == 100_000
