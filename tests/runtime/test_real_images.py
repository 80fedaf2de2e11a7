"""The whole way on real images, as a user at the command line goes it."""

from pathlib import Path

import pytest

from tests.runtime.command import answer, netloom, table

pytestmark = pytest.mark.long


def test_that_lenet_learns_mednist_and_its_onnx_file_answers_as_the_run(real_data: Path, tmp_path: Path) -> None:
    images = real_data / "classification" / "mednist"
    project, run, model = tmp_path / "m.netloom", tmp_path / "run", tmp_path / "m.onnx"
    assert netloom("new", "lenet", "--data", images / "train", "--out", project).returncode == 0
    record = answer("train", project, "--run", run, "--epochs", 5, "--device", "cpu")
    assert record["metrics"]["validation_accuracy"] >= 0.97
    assert answer("export", run, "--to", "onnx", "--out", model)["max_abs_difference"] <= 1e-4
    for source, out in ((model, "onnx.csv"), (run, "run.csv")):
        assert netloom("predict", source, images / "val", "--out", tmp_path / out).returncode == 0
    rows, others = table(tmp_path / "onnx.csv"), table(tmp_path / "run.csv")
    assert len(rows) == 180
    assert [(row["path"], row["predicted"]) for row in rows] == [(row["path"], row["predicted"]) for row in others]


def test_that_three_folders_of_real_dicom_train_evaluate_export_and_predict(real_data: Path, tmp_path: Path) -> None:
    images = real_data / "dicom_series"
    project, run, model = tmp_path / "d.netloom", tmp_path / "run", tmp_path / "d.onnx"
    assert netloom("new", "lenet", "--data", images, "--out", project).returncode == 0
    assert netloom("train", project, "--run", run, "--split", "image", "--device", "cpu").returncode == 0
    record = answer("evaluate", run)
    assert record["classes"] == ["ct_chest_lidc0314", "mr_brain_sag_mprage", "mr_cine_SCD0000101"]
    assert sum(map(sum, record["confusion"])) == record["cases"]
    assert answer("export", run, "--to", "onnx", "--out", model)["max_abs_difference"] <= 1e-4
    assert netloom("predict", model, images, "--out", tmp_path / "d.csv").returncode == 0
    rows = table(tmp_path / "d.csv")
    right = sum(row["path"].split("/")[0] == row["predicted"] for row in rows)
    assert len(rows) == 234
    assert right / len(rows) >= 0.9
