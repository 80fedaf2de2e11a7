"""No patient is on two sides, every class is on both, and the same seed always gives the same division."""

import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.data.catalogue import PARTS, DataError, DataSet, Part, Parts, Sample
from runtime.data.labels import read_dataset
from runtime.data.split import split


def sample(number: int, patient: str = "", label: str | None = None, part: Part | None = None) -> Sample:
    path = f"image{number:04d}.png"
    return Sample(path, 0, 1, (8, 8), patient or path, patient, part, label)


def dataset(samples: Sequence[Sample], folder: str = "/nowhere") -> DataSet:
    classes = tuple(sorted({item.label for item in samples if item.label is not None}))
    return DataSet(folder, "image", tuple(samples), "class" if classes else "", classes, 1, (8, 8), "")


def keys(data: DataSet, parts: Parts, part: Part) -> set[str]:
    return {data.samples[index].key for index in parts.of(part)}


def patients_of(data: DataSet, parts: Parts, part: Part) -> set[str]:
    return {data.samples[index].group for index in parts.of(part)}


@st.composite
def data_sets(draw: st.DrawFn) -> DataSet:
    """Any data set: several images and classes per patient, images without a patient, images without a label."""
    patients = draw(st.lists(st.integers(0, 12), min_size=1, max_size=60))
    labels = draw(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=len(patients), max_size=len(patients)))
    pairs = enumerate(zip(patients, labels, strict=True))
    return dataset([sample(number, f"p{patient}" if patient else "", label) for number, (patient, label) in pairs])


@given(data_sets(), st.integers(0, 5))
def test_that_no_patient_is_on_two_sides(data: DataSet, seed: int) -> None:
    try:
        parts = split(data, seed)
    except DataError:
        return
    sides = [patients_of(data, parts, part) for part in PARTS]
    assert sum(map(len, sides)) == len(set.union(*sides))
    assert parts.train
    assert parts.validation


@given(data_sets(), st.integers(0, 5), st.sampled_from(["patient", "image"]))
def test_that_every_case_is_in_exactly_one_part(data: DataSet, seed: int, by: str) -> None:
    try:
        parts = split(data, seed, "image" if by == "image" else "patient")
    except DataError:
        return
    assert sorted((*parts.train, *parts.validation, *parts.test)) == list(range(len(data.samples)))


@given(data_sets(), st.integers(0, 5), st.randoms(use_true_random=False))
def test_that_the_order_of_cases_changes_nothing(data: DataSet, seed: int, order: random.Random) -> None:
    mixed = list(data.samples)
    order.shuffle(mixed)
    other = dataset(mixed)
    try:
        parts = split(data, seed)
    except DataError as error:
        with pytest.raises(DataError, match=re.escape(str(error))):
            split(other, seed)
        return
    turned = split(other, seed)
    assert all(keys(data, parts, part) == keys(other, turned, part) for part in PARTS)
    assert (parts.how, parts.warnings) == (turned.how, turned.warnings)


@given(st.integers(2, 40), st.integers(2, 5), st.integers(0, 9))
def test_that_every_class_is_in_training_and_validation(patients: int, classes: int, seed: int) -> None:
    """One class per patient, at least two patients per class."""
    patients = max(patients, 2 * classes)
    data = dataset([sample(2 * n + k, f"p{n}", f"c{n % classes}") for n in range(patients) for k in range(2)])
    parts = split(data, seed)
    for part in ("train", "validation"):
        assert {data.samples[index].label for index in parts.of(part)} == set(data.classes)
    if patients >= 3 * classes:
        assert {data.samples[index].label for index in parts.test} == set(data.classes)


def test_that_a_case_stays_on_its_side_when_data_are_added() -> None:
    few = dataset([sample(n, f"p{n}", "ab"[n % 2]) for n in range(100)])
    more = dataset([sample(n, f"p{n}", "ab"[n % 2]) for n in range(200)])
    before, after = split(few, 0), split(more, 0)
    moved = [key for part in PARTS for key in keys(few, before, part) if key not in keys(more, after, part)]
    assert not moved


def test_that_shares_are_kept_in_a_large_data_set() -> None:
    data = dataset([sample(n, f"p{n}", "ab"[n % 2]) for n in range(2000)])
    parts = split(data, 0)
    assert abs(len(parts.train) / 2000 - 0.70) < 0.03
    assert abs(len(parts.test) / 2000 - 0.15) < 0.03


def test_that_another_seed_divides_differently() -> None:
    data = dataset([sample(n, f"p{n}") for n in range(40)])
    assert len({split(data, seed).train for seed in range(5)}) == 5


def test_that_a_class_of_one_patient_is_refused_with_counts_and_ways_out() -> None:
    data = dataset(
        [sample(n, "only", "rare") for n in range(9)] + [sample(n + 20, f"p{n}", "common") for n in range(9)]
    )
    with pytest.raises(DataError) as refused:
        split(data, 0)
    text = str(refused.value)
    assert "too few have rare (patients per class: common 9, rare 1)" in text
    assert all(way in text for way in ("--split image", "add patients", "'split'"))


def test_that_a_split_by_image_warns_of_leaks() -> None:
    data = dataset([sample(n, f"p{n // 20}", f"c{n // 20}") for n in range(60)])
    parts = split(data, 0, by="image")
    assert any("by image: 3 of 3 patients" in text for text in parts.warnings)
    assert "images" in parts.how


def test_that_one_patient_alone_cannot_be_divided() -> None:
    with pytest.raises(DataError, match="there is only one patient"):
        split(dataset([sample(n, "p") for n in range(5)]), 0)


def test_that_parts_of_the_data_are_kept() -> None:
    named: list[Part] = ["train", "train", "validation", "test"]
    data = dataset([sample(n, f"p{n}", part=part) for n, part in enumerate(named)])
    parts = split(data, 7)
    assert (parts.train, parts.validation, parts.test) == ((0, 1), (2,), (3,))
    assert parts.how == "as the data say: 2 / 1 / 1 patients"


def test_that_a_data_set_without_test_part_is_fine() -> None:
    data = dataset([sample(n, f"p{n}", part="validation" if n > 7 else "train") for n in range(10)])
    parts = split(data, 0)
    assert (len(parts.train), len(parts.validation), parts.test) == (8, 2, ())


def test_that_validation_is_split_off_training_when_only_test_is_named() -> None:
    data = dataset([sample(n, f"p{n}", "ab"[n % 2], "test" if n >= 20 else "train") for n in range(30)])
    parts = split(data, 0)
    assert parts.test == tuple(range(20, 30))
    assert parts.validation
    assert set(parts.train) | set(parts.validation) == set(range(20))


def test_that_a_lone_training_part_is_divided_in_three() -> None:
    parts = split(dataset([sample(n, f"p{n}", part="train") for n in range(40)]), 0)
    assert parts.train
    assert parts.validation
    assert parts.test


def test_that_only_a_test_part_is_refused() -> None:
    with pytest.raises(DataError, match="no case is left for training"):
        split(dataset([sample(n, f"p{n}", part="test") for n in range(4)]), 0)


def test_that_a_patient_in_two_named_parts_is_refused_without_naming_the_patient() -> None:
    data = dataset([sample(0, "Doe", part="train"), sample(1, "Doe", part="test"), sample(2, "Roe", part="validation")])
    with pytest.raises(DataError, match="1 patient has images in more than one") as refused:
        split(data, 0)
    assert "Doe" not in str(refused.value)


def test_that_cases_without_a_part_go_with_their_patient() -> None:
    data = dataset([sample(0, "a", part="train"), sample(1, "b", part="validation"), sample(2, "b"), sample(3, "c")])
    parts = split(data, 0)
    assert (parts.train, parts.validation) == ((0, 3), (1, 2))
    assert any("2 cases are in no named part" in text for text in parts.warnings)


def test_that_copies_in_two_parts_are_found(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"image{number:04d}.png").write_bytes(b"same" if number in {0, 3} else bytes([number] * 4))
    named: list[Part] = ["train", "train", "validation", "validation"]
    data = dataset([sample(n, f"p{n}", part=part) for n, part in enumerate(named)], str(tmp_path))
    warnings = split(data, 0).warnings
    assert len(warnings) == 1
    assert "2 files in different parts" in warnings[0]
    assert "image0000.png and image0003.png" in warnings[0]


@pytest.mark.parametrize("shares", [(0.7, 0.3, 0.3), (0.0, 0.5, 0.5), (1.0, 0.0, 0.0), (1.2, -0.1, -0.1)])
def test_that_odd_shares_are_refused(shares: tuple[float, float, float]) -> None:
    with pytest.raises(DataError, match="have to add up to 1"):
        split(dataset([sample(n, f"p{n}") for n in range(9)]), 0, shares=shares)


def test_that_a_share_of_zero_leaves_the_test_part_empty() -> None:
    parts = split(dataset([sample(n, f"p{n}", "ab"[n % 2]) for n in range(30)]), 0, shares=(0.8, 0.2, 0.0))
    assert parts.test == ()
    assert not parts.warnings


def test_that_the_dicom_series_are_refused_by_patient_and_divided_by_image(real_data: Path) -> None:
    data = read_dataset(real_data / "dicom_series")
    with pytest.raises(DataError, match="ct_chest_lidc0314 1, mr_brain_sag_mprage 1, mr_cine_SCD0000101 1"):
        split(data, 0)
    parts = split(data, 0, by="image")
    assert any("3 of 3 patients" in text for text in parts.warnings)
    assert {data.samples[index].label for index in parts.validation} == set(data.classes)


def test_that_the_chest_x_rays_keep_their_parts(real_data: Path) -> None:
    data = read_dataset(real_data / "classification" / "chest_xray_pneumonia")
    parts = split(data, 0)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (700, 150, 0)


def test_that_three_heart_patients_make_one_a_part(real_data: Path) -> None:
    data = read_dataset(real_data / "segmentation" / "cardiac_mr_sunnybrook", "masks_lv")
    assert split(data, 0).how == "by patient, seed 0: 1 / 1 / 1 patients"
