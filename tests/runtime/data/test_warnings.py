"""Warnings are given where they matter, with counts and cases, and not where nothing is wrong."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from runtime.cli.survey import survey_folder
from runtime.data.burned_text import text_likely
from runtime.data.catalogue import Box, Catalogue, DataSet, Found, Parts, Sample
from runtime.data.labels import read_dataset
from runtime.data.practice import write_practice
from runtime.data.warnings_confounders import cramers_v
from runtime.data.warnings_data import data_warnings, sentences
from runtime.data.warnings_looks import looks_at
from runtime.data.warnings_pixels import by_code, pixel_warnings, warnings_of_looks


def data_of(labels: list[str], patients: list[str] | None = None, **facts: object) -> DataSet:
    patients = patients or [f"p{number}" for number in range(len(labels))]
    rows = enumerate(zip(labels, patients, strict=True))
    samples = tuple(Sample(f"{n}.dcm", 0, 1, (64, 64), who or f"{n}.dcm", who, label=label) for n, (label, who) in rows)
    classes = tuple(sorted(set(labels)))
    plain = DataSet("/nowhere", "dicom", samples, "class", classes, 1, (64, 64), "f")
    return replace(plain, **facts)  # type: ignore[arg-type]


def catalogue_of(data: DataSet, **columns: list[str]) -> Catalogue:
    found = [Found(sample.path, "dicom", 1, sample.size, patient=sample.patient) for sample in data.samples]
    for name, column in columns.items():
        found = [replace(item, **{name: value}) for item, value in zip(found, column, strict=True)]  # type: ignore[arg-type]
    return Catalogue("/nowhere", len(found), tuple(found), (), ())


def codes(data: DataSet, catalogue: Catalogue) -> list[str]:
    return [finding.code for finding in data_warnings(data, catalogue)]


def test_that_a_class_that_goes_with_a_scanner_is_told_with_counts() -> None:
    data = data_of(["ill"] * 10 + ["well"] * 10)
    catalogue = catalogue_of(data, scanner=["A"] * 9 + ["B"] * 11)
    (finding,) = (one for one in data_warnings(data, catalogue) if one.code == "confounded")
    assert finding.field == "scanner"
    assert "“B” in 10 of 10 patients of the class “well”, and in 1 of 10 of the others" in finding.text
    assert len(finding.cases) == 10


def test_that_patients_are_counted_and_not_their_images() -> None:
    """Forty images of each of two patients say nothing of scanners."""
    data = data_of(["ill"] * 40 + ["well"] * 40, ["p0"] * 40 + ["p1"] * 40)
    assert "confounded" not in codes(data, catalogue_of(data, scanner=["A"] * 40 + ["B"] * 40))


@pytest.mark.parametrize("seed", range(10))
def test_that_scanners_by_chance_are_no_confounder(seed: int) -> None:
    chance = np.random.default_rng(seed)
    data = data_of([str(label) for label in chance.choice(["ill", "well"], 40)])
    scanners = [str(name) for name in chance.choice(["A", "B", "C"], 40)]
    assert "confounded" not in codes(data, catalogue_of(data, scanner=scanners))


def test_that_cramers_v_is_that_of_the_books() -> None:
    rows = ["a"] * 50 + ["b"] * 50
    assert cramers_v(rows, rows) == pytest.approx(1.0, abs=1e-9)
    assert cramers_v(rows, ["x", "y"] * 50) == 0.0


def test_that_one_class_and_tiny_classes_are_told() -> None:
    one = data_of(["ill"] * 12)
    assert "one_class" in codes(one, catalogue_of(one))
    tiny = data_of(["ill"] * 30 + ["rare"] * 3)
    (finding,) = (item for item in data_warnings(tiny, catalogue_of(tiny)) if item.code == "tiny_class")
    assert "“rare” has only 3 cases of 3 patients" in finding.text
    assert finding.cases == ("30.dcm", "31.dcm", "32.dcm")


def test_that_classes_of_masks_that_are_drawn_nowhere_are_told() -> None:
    masks = data_of(["", ""], label="mask", classes=("background", "liver", "scar"), pixel_counts=(90, 10, 0))
    (finding,) = (item for item in data_warnings(masks, catalogue_of(masks)) if item.code == "tiny_class")
    assert "the class “scar” is drawn in any mask" in finding.text


def test_that_few_images_with_a_box_of_a_class_are_told() -> None:
    data = data_of([""] * 12)
    samples = [replace(sample, label=None, boxes=(Box("red", 0, 0, 9, 9),) * 3) for sample in data.samples]
    samples[0] = replace(samples[0], boxes=(Box("rare", 1, 1, 5, 5),))
    boxed = replace(data, samples=tuple(samples), label="boxes", classes=("rare", "red"))
    (finding,) = (item for item in data_warnings(boxed, catalogue_of(boxed)) if item.code == "tiny_class")
    assert finding.text == "The class “rare” has only 1 case of 1 patient."


def test_that_unknown_patients_are_counted_and_told_only_once_in_words() -> None:
    data = data_of(["ill", "well"] * 10, ["", "p"] * 10)
    (finding,) = (item for item in data_warnings(data, catalogue_of(data)) if item.code == "patients_unknown")
    assert "10 of 20 cases" in finding.text
    assert finding.sentence not in sentences([finding])


def test_that_ultrasound_and_files_that_say_so_likely_have_text() -> None:
    data = data_of(["ill", "well"] * 10)
    catalogue = catalogue_of(data, modality=["US"] * 3 + ["CT"] * 17)
    found = list(catalogue.found)
    found[5] = replace(found[5], notes=("says that patient data are burned into its pixels",))
    (finding,) = (
        item for item in data_warnings(data, replace(catalogue, found=tuple(found))) if item.code == "burned_in_text"
    )
    assert "1 file says so and 3 files are of kinds where it is usual (ultrasound)" in finding.text
    assert "ikely" in finding.text


@pytest.mark.long
def test_that_practice_data_give_no_warning(tmp_path: Path) -> None:
    write_practice("t1-t2", tmp_path, 12, 0)
    assert read_dataset(tmp_path).findings == ()


# Pixels


def pictures(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Smooth pictures, each with its own shapes."""
    chance = np.random.default_rng(seed)
    coarse = chance.normal(0, 100, (count, 1, 8, 8))
    return np.repeat(np.repeat(coarse, 8, axis=2), 8, axis=3).astype(np.float32)


def test_that_a_copy_that_was_compressed_is_found_in_another_part() -> None:
    images = pictures(10)
    images[9] = images[2] * 1.1 + np.random.default_rng(1).normal(0, 1, images[2].shape) + 40
    data = data_of(["ill", "well"] * 5)
    findings = by_code(pixel_warnings(data, images, Parts(tuple(range(8)), (8, 9), (), ""), range(10)))
    (finding,) = findings["copies_in_two_parts"]
    assert finding.text.startswith("1 pair of images in different parts")
    assert finding.cases == ("2.dcm", "9.dcm")
    assert "copies_disagree" in findings


def test_that_different_pictures_and_slices_of_one_patient_are_no_copies() -> None:
    images = pictures(40)
    images[1] = images[0]
    data = data_of(["ill"] * 20 + ["well"] * 20, ["p0", "p0", *(f"p{number}" for number in range(2, 40))])
    assert pixel_warnings(data, images, Parts(tuple(range(20)), tuple(range(20, 40)), (), ""), range(40)) == ()


def written(image: NDArray[np.float32], text: str) -> NDArray[np.float32]:
    """The image with white letters in its upper left corner."""
    page = Image.fromarray(np.zeros(image.shape, np.uint8))
    ImageDraw.Draw(page).text((6, 4), text, fill=255, font=ImageFont.load_default(size=14))
    found = image.copy()
    found[np.array(page) > 128] = image.max()
    return found


def phantom(seed: int) -> NDArray[np.float32]:
    """A bright body on a dark, noisy ground."""
    down, across = np.mgrid[:256, :256] - 128
    body = (down**2 + across**2 < 90**2) * 800.0
    noise: NDArray[np.float32] = (body + np.random.default_rng(seed).normal(0, 20, (256, 256))).astype(np.float32)
    return noise


def test_that_letters_in_the_border_are_likely_text_and_noise_is_not() -> None:
    assert not any(text_likely(phantom(seed)) for seed in range(20))
    assert all(text_likely(written(phantom(seed), "DOE^JANE 1960-02-03")) for seed in range(20))


def test_that_an_empty_or_small_image_has_no_text() -> None:
    assert not text_likely(np.zeros((256, 256), np.float32))
    assert not text_likely(np.eye(20, dtype=np.float32))


def test_that_burned_in_text_is_told_with_its_cases() -> None:
    images = np.stack([phantom(seed) for seed in range(6)])[:, None]
    for index in (1, 2, 4):
        images[index, 0] = written(images[index, 0], "DOE^JANE 1960-02-03")
    data = data_of(["ill", "well"] * 3)
    findings = by_code(pixel_warnings(data, images, Parts((0, 1, 2, 3), (4, 5), (), ""), range(6)))
    assert findings["burned_in_text"][0].cases == ("1.dcm", "2.dcm", "4.dcm")


def test_that_pictures_of_an_uneven_size_on_a_bright_ground_are_no_copies() -> None:
    """Pieces of 40 pixels are one or two pixels wide: sums over them, not means, would all look the same."""
    images = pictures(12)[..., :40, :40] + 5000
    data = data_of(["ill", "well"] * 6)
    assert looks_at(data, images, range(12)).twins == ()


def test_that_looks_serve_any_division_and_any_labels() -> None:
    """What was seen once is judged again when cases move or labels are mended: nothing is decoded for it."""
    images = pictures(6)
    images[5] = images[0]
    data = data_of(["ill"] * 3 + ["well"] * 3)
    looks = looks_at(data, images, range(6))
    apart = warnings_of_looks(data, looks, Parts((0, 1, 2, 3), (4,), (5,), ""))
    assert [finding.code for finding in apart] == ["copies_in_two_parts", "copies_disagree"]
    mended = replace(data, samples=tuple(replace(sample, label="ill") for sample in data.samples))
    assert warnings_of_looks(mended, looks, Parts((0, 5), (1, 2), (3, 4), "")) == ()
    assert [finding.code for finding in warnings_of_looks(data, looks, None)] == ["copies_disagree"]


def test_that_a_survey_tells_copies_and_text_by_the_places_of_cases(tmp_path: Path) -> None:
    for index, image in enumerate([*pictures(4), pictures(4)[1]]):
        place = tmp_path / ("ill" if index % 2 else "well") / f"{index}.png"
        place.parent.mkdir(exist_ok=True)
        Image.fromarray((image[0] - image.min()).clip(0, 255).astype(np.uint8)).save(place)
    records = list(survey_folder(tmp_path, "", "", None, 0, pixels=True))
    keys = [case["key"] for record in records if record["record"] == "cases" for case in record["cases"]]
    (looks,) = (record for record in records if record["record"] == "looks")
    assert [[keys[place] for place in pair] for pair in looks["twins"]] == [["ill/1.png", "well/4.png"]]
    assert (looks["compared"], looks["searched"], looks["text"]) == (5, 5, [])
    told = [record for record in records if record["record"] == "progress" and record["what"] == "Comparing pixels"]
    assert (told[-1]["done"], told[-1]["total"]) == (5, 5)
    assert not any(record["record"] == "looks" for record in survey_folder(tmp_path, "", "", None, 0))
