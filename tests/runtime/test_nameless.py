"""No name of a file or patient gets into a run folder."""

import copy
import pickle
from pathlib import Path

import pytest

from runtime.data.catalogue import DataSet, Sample, Skipped
from runtime.data.wording import naming
from runtime.nameless import Nameless


@pytest.fixture
def dataset() -> DataSet:
    samples = tuple(Sample(path, 0, 1, (8, 8), group=path) for path in ("SMITH^JOHN/1.dcm", "SMITH^JOHN/11.dcm"))
    return DataSet(
        "/data/clinic", "dicom", samples, "class", ("a", "b"), 1, (8, 8), fingerprint="f",
        skipped=(Skipped("DOE^JANE/broken.dcm", "it ends early"),),
    )  # fmt: skip


def test_that_files_become_their_number_and_the_folder_is_not_named(dataset: DataSet) -> None:
    said = Nameless(dataset)("2: SMITH^JOHN/11.dcm and SMITH^JOHN/1.dcm, DOE^JANE/broken.dcm in /data/clinic.")
    assert said == "2: file 3 and file 2, file 1 in the data folder."


def test_that_other_sentences_stay_as_they_are(dataset: DataSet) -> None:
    assert Nameless(dataset)("The split is by image.") == "The split is by image."


def test_that_what_a_sentence_names_besides_the_files_is_left_out(dataset: DataSet) -> None:
    sentence = naming("2 rows of SMITH^JOHN/1.dcm name no image of the folder", "DOE^JANE/9.dcm, DOE^JIM")
    assert sentence.endswith("of the folder: DOE^JANE/9.dcm, DOE^JIM.")
    for same in (sentence, copy.copy(sentence), pickle.loads(pickle.dumps(sentence))):
        assert Nameless(dataset)(same) == "2 rows of file 2 name no image of the folder."


@pytest.mark.long
def test_that_a_broken_file_named_like_a_patient_is_told_without_the_name(tmp_path: Path) -> None:
    from PIL import Image

    from tests.runtime.command import done

    data = tmp_path / "data"
    for kind, grey in (("bright", 200), ("dark", 40)):
        for number in range(8):
            folder = data / kind / f"SMITH-{number}"
            folder.mkdir(parents=True)
            Image.new("L", (16, 16), grey + number).save(folder / "scan.png")
    (data / "bright" / "SMITH-0" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    rows = [f"{path.relative_to(data).as_posix()},{path.parts[-3]},1" for path in data.glob("*/*/scan.png")]
    gone = ["bright/SMITH-77/scan.png,bright,1", "SMITH-88,dark,1"]
    (data / "labels.csv").write_text("\n".join(["path,label,day", *rows, *gone]), encoding="utf-8")
    made = done("new", "lenet", "--data", data, "--patients", "2", "--out", tmp_path / "p.netloom")
    assert "2 rows of labels.csv name no image of the folder: bright/SMITH-77/scan.png, SMITH-88" in made.stderr
    run = tmp_path / "run"
    ran = done("train", tmp_path / "p.netloom", "--run", run, "--epochs", 1, "--device", "cpu")
    done("evaluate", run, "--part", "validation")
    assert "not used" in ran.stderr
    assert "2 rows of file" in ran.stderr
    for file in run.rglob("*"):
        if file.is_file():
            assert b"SMITH" not in file.read_bytes(), file.name
