"""No name of a file or patient gets into a run folder."""

from pathlib import Path

import pytest

from runtime.data.catalogue import DataSet, Sample, Skipped
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
    done("new", "lenet", "--data", data, "--patients", "2", "--out", tmp_path / "p.netloom")
    run = tmp_path / "run"
    ran = done("train", tmp_path / "p.netloom", "--run", run, "--epochs", 1, "--device", "cpu")
    done("evaluate", run, "--part", "validation")
    assert "not used" in ran.stderr
    for file in run.rglob("*"):
        if file.is_file():
            assert b"SMITH" not in file.read_bytes(), file.name
