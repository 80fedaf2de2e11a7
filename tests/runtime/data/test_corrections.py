"""What is mended by hand stands in the project without names, survives new files, and is counted."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runtime.data.catalogue import DataError, DataSet, Sample
from runtime.data.corrections import LEFT_OUT, Corrections, case_code, corrected, corrections_in
from runtime.data.labels import read_dataset
from runtime.document import Document
from tests.builders import graphs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pictures in two class folders."""
    for number in range(4):
        place = tmp_path / "data" / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (40, 40), np.uint8)
        Image.fromarray(pixels).save(place / f"Doe{number}.png")
    return tmp_path / "data"


def labels(data: DataSet) -> dict[str, str | None]:
    return {sample.key: sample.label for sample in data.samples}


def test_that_labels_and_cases_are_mended_and_counted(folder: Path) -> None:
    mended = Corrections().with_label(["a/Doe0.png", "b/Doe1.png"], "c").leaving_out(["b/Doe3.png"])
    data = read_dataset(folder, corrections=mended.as_setting())
    assert labels(data) == {"a/Doe0.png": "c", "a/Doe2.png": "a", "b/Doe1.png": "c"}
    assert data.classes == ("a", "c")
    assert data.counts() == {"a": 1, "c": 2}
    assert "2 labels corrected by hand, 1 case left out by hand." in data.said
    assert [item.path for item in data.skipped if item.reason == LEFT_OUT] == ["b/Doe3.png"]


def test_that_the_setting_names_no_file_and_is_read_back() -> None:
    mended = Corrections().with_label(["Doe^Jane.dcm"], "not a tumour").leaving_out(["Roe.dcm"])
    assert "Doe" not in "".join(mended.as_setting())
    assert corrections_in(mended.as_setting()) == mended
    assert corrections_in(["nonsense", "label x"]) == Corrections()


def test_that_what_was_mended_can_be_taken_back() -> None:
    mended = Corrections().with_label(["a", "b"], "c").leaving_out(["a"])
    assert (mended.label_of("a"), mended.is_left_out("a")) == ("c", True)
    assert mended.without_label(["a", "b"]).taking_back(["a"]) == Corrections()


def test_that_the_data_set_is_another_one_only_where_a_correction_concerns_it(folder: Path) -> None:
    plain = read_dataset(folder)
    elsewhere = read_dataset(folder, corrections=Corrections().with_label(["gone.png"], "c").as_setting())
    assert elsewhere.fingerprint == plain.fingerprint
    assert any("1 correction made by hand concerns no case" in text for text in elsewhere.warnings)
    here = read_dataset(folder, corrections=Corrections().with_label(["a/Doe0.png"], "b").as_setting())
    assert here.fingerprint != plain.fingerprint


def test_that_corrections_survive_new_files(folder: Path) -> None:
    mended = Corrections().with_label(["a/Doe0.png"], "b").as_setting()
    Image.fromarray(np.zeros((40, 40), np.uint8)).save(folder / "a" / "new.png")
    assert labels(read_dataset(folder, corrections=mended))["a/Doe0.png"] == "b"


def test_that_leaving_out_everything_is_refused(folder: Path) -> None:
    data = read_dataset(folder)
    with pytest.raises(DataError, match="All 4 cases"):
        corrected(data, Corrections().leaving_out(sample.key for sample in data.samples))


def test_that_a_word_where_a_number_belongs_is_refused() -> None:
    sample = number_sample()
    data = DataSet("/nowhere", "image", (sample,), "number", (), 1, (8, 8), "f")
    assert corrected(data, Corrections().with_label(["a.png"], "2,5")).samples[0].number == 2.5
    with pytest.raises(DataError, match="“big” was given by hand"):
        corrected(data, Corrections().with_label(["a.png"], "big"))


def number_sample() -> Sample:
    """A case with a number."""
    return Sample("a.png", 0, 1, (8, 8), "a.png", number=1.0)


def test_that_a_correction_is_one_step_of_undo() -> None:
    document = Document()
    with document.edit("Draw"):
        source = graphs.source(document)
    with document.edit("Correct a label"):
        document.change(source, corrections=[*Corrections().with_label(["a.png"], "b").as_setting()])
    assert corrections_in(document.nodes[source].settings["corrections"]).labels == {case_code("a.png"): "b"}
    document.undo()
    assert not document.nodes[source].settings.get("corrections")
