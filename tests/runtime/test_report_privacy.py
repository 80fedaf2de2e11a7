"""Who a patient is, and where and by whom a run was made, is found in no byte of a report."""

import json

import numpy as np
import pytest

from runtime.data.labels import read_dataset
from runtime.data.scan import scan
from runtime.report.privacy import REPLACED, identifiers_in, without, without_paths
from runtime.report.writing import report_of, write_report
from runtime.worker import run_worker
from tests.builders import graphs, pictures
from tests.builders.classified import classified
from tests.builders.dicom import dicom

PLANTED = (
    "Sonnenschein", "Erika", "KH-2271", "Waldklinik", "Eichenau", "Haberkorn", "ACC-90817", "19570312", "MRT-KELLER",
)  # fmt: skip


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """DICOM files full of names, in folders full of names, of a user with a name."""
    monkeypatch.setenv("USER", "haberkorn_j")
    folder = tmp_path / "Haberkorn" / "Waldklinik"
    draw = np.random.default_rng(2)
    for number in range(24):
        kind = number % 2
        name = f"Sonnenschein{number}_Erika.dcm"
        dicom(
            folder / ("ill" if kind else "healthy") / name, draw.integers(0, 500, (8, 8), np.uint16) + 400 * kind,
            patient=f"KH-2271-{number}", series=f"1.2.9.{number}", PatientName="SONNENSCHEIN^Erika",
            InstitutionName="Waldklinik Eichenau", AccessionNumber="ACC-90817", PatientBirthDate="19570312",
            ReferringPhysicianName="Haberkorn^Jost", StationName="MRT-KELLER", Manufacturer="Acme",
        )  # fmt: skip
    (folder / "ill" / "Sonnenschein_defekt.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\1" * 40)
    return folder


@pytest.mark.long
def test_that_planted_identifiers_are_found_in_no_byte_of_the_report(planted, tmp_path):
    graph = graphs.classifier(before=["normalise"], kind="dicom_folder", **pictures.facts(planted))
    run = pictures.new_run(graph, tmp_path / "Sonnenschein-runs" / "1", epochs=1, batch=8, device="cpu")
    assert run_worker(run.job) == 0
    classified(
        run.folder, "test", np.full((20, 2), 0.5), np.arange(20) % 2, ("healthy", "ill"),
        warnings=(f"{planted}/ill/Sonnenschein3_Erika.dcm of KH-2271-3 could not be read.",),
    )  # fmt: skip
    (tmp_path / "out").mkdir()
    report = report_of(run, {"limitations": "Only patients of Waldklinik Eichenau, such as Erika Sonnenschein."})
    card = write_report(report, tmp_path / "out" / "report.html")
    for file in (card, tmp_path / "out" / "report.html"):
        content = file.read_bytes().decode("utf-8").casefold()
        assert [name for name in (*PLANTED, "haberkorn_j", str(tmp_path)) if name.casefold() in content] == []
    assert json.loads(card.read_text(encoding="utf-8"))["data"]["files"]["scanners"]


def test_that_headers_paths_and_patients_of_a_data_set_are_all_known_as_identifiers(planted):
    dataset, catalogue = read_dataset(planted), scan(planted)
    known = identifiers_in(dataset, catalogue)
    assert {"SONNENSCHEIN", "KH-2271-4", "Waldklinik Eichenau", "ACC-90817", "MRT-KELLER", "Haberkorn"} <= known
    assert {"healthy", "ill"}.isdisjoint(known)


def test_that_identifiers_go_from_texts_and_keys_at_any_depth():
    tree = {"Erika Sonnenschein": ["of Erika.", {"number": 3, "text": "Erikas"}], "none": None}
    found = without(tree, ["Erika", "Erika Sonnenschein"])
    assert found == {REPLACED: [f"of {REPLACED}.", {"number": 3, "text": "Erikas"}], "none": None}


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("15 rows of labels.csv name no image: a/b.png, d/e.jpeg.", "15 rows of a file name no image: some files."),
        ("C:\\data\\x.dcm is broken.", "a file is broken."),
        ("2 files are copies (such as a/b.jpeg and c/d.jpeg): remove them.", "2 files are copies: remove them."),
        ("/data/Anna Meier is gone; /data/x too.", "a file Meier is gone; a file too."),
        ("Dice is 0.93, at 3.5 mm of T1/T2, 70/15/15.", "Dice is 0.93, at 3.5 mm of T1/T2, 70/15/15."),
        ("x.nii.gz, y.nii.gz and others", "some files and others"),
    ],
)
def test_that_names_of_files_become_a_file_and_numbers_stay(sentence, told):
    assert without_paths(sentence) == told
