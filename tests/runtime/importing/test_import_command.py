"""`netloom import` writes a project and says what was taken and what not."""

import json

import pytest

from runtime.cli.main import run
from runtime.files import load_graph
from tests.runtime.importing.test_foreign_files import PROJECT


@pytest.fixture
def project(tmp_path):
    path = tmp_path / "spectrum.sdcproj"
    path.write_text(PROJECT, encoding="utf-8")
    return path


def test_that_it_writes_a_project_and_tells_in_json(project, tmp_path, capsys):
    out = tmp_path / "spectrum.netloom"
    assert run(["import", str(project), "--out", str(out), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["project"] == str(out)
    assert record["weights"] is None
    assert [one["what"] for one in record["left"] if one["node"]] == ["FFT “Spectrum”"]
    assert load_graph(out).graph.nodes


def test_that_it_writes_over_nothing_unless_told(project, tmp_path, capsys):
    out = tmp_path / "there.netloom"
    out.write_text("mine", encoding="utf-8")
    assert run(["import", str(project), "--out", str(out)]) == 1
    assert "--replace" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "mine"
    assert run(["import", str(project), "--out", str(out), "--replace"]) == 0
    assert load_graph(out).graph.nodes


def test_that_a_file_that_cannot_be_opened_is_one_sentence(tmp_path, capsys):
    (tmp_path / "none.nnp").write_bytes(b"none")
    assert run(["import", str(tmp_path / "none.nnp"), "--out", str(tmp_path / "x.netloom")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_that_weights_lie_beside_the_project_and_training_begins_with_them(real_data, tmp_path, capsys):
    out = tmp_path / "lenet.netloom"
    assert run(["import", str(real_data / "nnc" / "nnabla" / "lenet_010000.nnp"), "--out", str(out)]) == 0
    assert "8 tensors" in capsys.readouterr().out
    assert (tmp_path / "lenet.safetensors").exists()
    assert load_graph(out).graph.training.weights_from == str(tmp_path / "lenet.safetensors")
