"""Names, numbers and places of people are known, and found in no exported file, log or run folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from runtime.compile import compile_graph
from runtime.data.labels import read_dataset
from runtime.delivery.contract import contract_of
from runtime.delivery.exporting import export_run
from runtime.delivery.identifiers import found_in, identifiers_of
from runtime.delivery.onnx_file import export_onnx
from runtime.errors import RunError
from runtime.evaluation.evaluate import evaluate
from runtime.looking.kept_maps import KeptMaps
from runtime.worker import run_worker
from tests.builders import graphs, pictures
from tests.builders.dicom import dicom

PLANTED = (
    "Zweistein", "Albertine", "PID-77481-23", "Klinikum Sonnental", "Quastenflosser", "zweistein_a", "qzweistein",
    "ACC-2231-9", "1.2.826.0.1.77.4",
)  # fmt: skip
EXPORTS = (
    ("m.onnx", "onnx", "single"), ("h.onnx", "onnx", "half"), ("q.onnx", "onnx", "int8"),
    ("package", "python", "single"), ("m.py", "python", "single"), ("m.pt2", "pt2", "single"),
)  # fmt: skip


def planted(folder: Path, count: int = 30) -> Path:
    """DICOM files whose headers, folders and names tell who is in them; folders are classes."""
    generator = np.random.default_rng(0)
    for number in range(count):
        kind = ("dark", "bright")[number % 2]
        picture, _, _ = pictures.blob(generator, kind == "bright")
        patient = f"PID-77481-23-{number // 2}"
        dicom(
            folder / kind / f"zweistein_a{number}" / f"IM{number}.dcm", picture.astype(np.uint16), patient=patient,
            series=f"1.2.826.0.1.77.4.{number}", PatientName="Zweistein^Albertine",
            InstitutionName="Klinikum Sonnental", OperatorsName="Quastenflosser^Q", AccessionNumber="ACC-2231-9",
        )  # fmt: skip
    return folder


def with_rows_without_an_image(folder: Path) -> Path:
    """A table of labels that names people of whom there is no file."""
    rows = [f"{path.relative_to(folder).as_posix()},{path.parts[-3]}" for path in sorted(folder.rglob("*.dcm"))]
    gone = ["dark/zweistein_a99/IM99.dcm,dark", "PID-77481-23-98,bright"]
    (folder / "labels.csv").write_text("\n".join(["path,label", *rows, *gone]), encoding="utf-8")
    return folder


def test_that_headers_names_of_files_and_the_user_are_identifiers_and_classes_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "qzweistein")
    found = identifiers_of(read_dataset(planted(tmp_path / "data", 4)))
    wanted = {
        "Zweistein", "Albertine", "Zweistein^Albertine", "PID-77481-23-0", "Klinikum Sonnental", "ACC-2231-9",
        "1.2.826.0.1.77.4.0", "qzweistein", "bright/zweistein_a1/IM1.dcm", "IM1.dcm", str(tmp_path / "data"),
    }  # fmt: skip
    assert wanted <= set(found)
    assert not {"bright", "dark"} & set(found)


@pytest.mark.parametrize(
    ("data", "identifier", "stands"),
    [
        (b'{"name": "Smith"}', "Smith", True),
        (b'{"name": "SMITH"}', "Smith", True),
        (b'{"name": "Smithereens"}', "Smith", False),
        (b'{"size": [1024, 1024], "epoch": 1024}', "1024", False),
        (b'{"classes": ["1024", "b"]}', "1024", True),
        (b"nn.Conv2d(1, 1024, kernel_size=3)", "1024", False),
        ("{'name': 'Müller'}".encode(), "Müller", True),
        (b'{"name": "M\\u00fcller"}', "Müller", True),
        (b"C:\\\\data\\\\x", "C:\\data", True),
    ],
)
def test_that_identifiers_are_found_as_words_and_numbers_of_the_file_are_none(
    data: bytes, identifier: str, stands: bool
) -> None:
    assert bool(found_in(data, [identifier])) is stands


def test_that_short_texts_are_not_looked_for_among_weights() -> None:
    assert not found_in(b"\0\1Doer\2", ["Doer"], numbers=True)
    assert found_in(b"\0\1Doe^Jonathan\2\xff", ["Doe^Jonathan"], numbers=True)


def test_that_a_class_named_like_a_patient_is_refused(tmp_path: Path) -> None:
    network = compile_graph(graphs.sound(graphs.classifier(classes=("Zweistein", "b"))))
    with pytest.raises(RunError, match=r"“Zweistein”.*rename the class"):
        export_onnx(network, tmp_path / "m.onnx", contract_of(network.analysis), [torch.rand(1, 9, 9)],
                    identifiers=["Zweistein"])  # fmt: skip
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_that_planted_identifiers_are_in_no_export_and_not_in_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "qzweistein")
    folder = with_rows_without_an_image(planted(tmp_path / "data"))
    graph = graphs.classifier(kind="dicom_folder", before=["normalise"], **pictures.facts(folder))
    run = pictures.new_run(graph, tmp_path / "run", epochs=1, batch=8, device="cpu")
    assert run_worker(run.job) == 0
    assert "2 rows of file" in (run.folder / "events.jsonl").read_text(encoding="utf-8")
    evaluate(run)
    KeptMaps(run, None, tmp_path).map_of("dark/zweistein_a0/IM0.dcm", "gradcam")
    assert len(list((run.folder / "maps").iterdir())) == 1
    out = run.folder / "exports"
    for name, to, precision in EXPORTS:
        export_run(run, to, out / name, precision=precision)
    files = [path for path in run.folder.rglob("*") if path.is_file()]
    assert len(files) > 15
    told = {
        (path.name, text) for path in files for text in PLANTED if text.lower().encode() in path.read_bytes().lower()
    }
    assert told == set()
