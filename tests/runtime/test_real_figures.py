"""What is learned of real masks and of practice sizes: the figures that the program stands for. Minutes each."""

import re
import shutil
from pathlib import Path

import pytest

from tests.runtime.command import answer, done

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

HELD_OUT = "SCD0000301"


def lay_out(source: Path, target: Path) -> Path:
    """The three patients as parts: one tests, every sixth slice of the others validates, the rest trains."""
    for patient in sorted(path for path in source.iterdir() if path.is_dir()):
        for number, image in enumerate(sorted((patient / "images").iterdir())):
            (mask,) = (patient / "masks_lv").glob(f"{image.stem}.*")
            part = "test" if patient.name == HELD_OUT else "validation" if number % 6 == 3 else "train"
            for file, name in ((image, "images"), (mask, "masks_lv")):
                folder = target / part / patient.name / name
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, folder / file.name)
    return target


def test_that_the_u_net_finds_the_left_ventricle_of_a_patient_it_never_saw(real_data: Path, tmp_path: Path) -> None:
    images = lay_out(real_data / "segmentation" / "cardiac_mr_sunnybrook", tmp_path / "data")
    project, run = tmp_path / "heart.netloom", tmp_path / "run"
    done("new", "u-net", "--data", images, "--labels", "masks_lv", "--out", project)
    # By image: slices of the two training patients validate, so that the third one is kept for the test alone.
    answer("train", project, "--run", run, "--epochs", 90, "--device", "cpu", "--split", "image")
    record = answer("evaluate", run, "--part", "test")
    assert (record["cases"], record["patients"]) == (20, 1)
    assert record["metrics"]["mean_dice"] >= 0.80


def test_that_the_u_net_finds_the_hippocampus_in_volumes_it_never_saw(real_data: Path, tmp_path: Path) -> None:
    project, run = tmp_path / "h.netloom", tmp_path / "run"
    done("new", "u-net", "--data", real_data / "segmentation" / "hippocampus_msd", "--out", project)
    answer("train", project, "--run", run, "--epochs", 40, "--device", "cpu")
    assert answer("evaluate", run, "--part", "test")["metrics"]["mean_dice"] >= 0.75


def test_that_the_size_of_a_lesion_is_learned_to_a_third_of_the_constant_guess(tmp_path: Path) -> None:
    data, project, run = tmp_path / "data", tmp_path / "size.netloom", tmp_path / "run"
    done("practice", "size", data, "--patients", 60)
    done("new", "image-classifier", "--data", data, "--out", project)
    # An image that is zoomed shows another size than its number says.
    drawn = project.read_text(encoding="utf-8")
    project.write_text(re.sub(r'"zoom": [0-9.]+', '"zoom": 0.0', drawn), encoding="utf-8")
    answer("train", project, "--run", run, "--epochs", 80, "--device", "cpu")
    record = answer("evaluate", run, "--part", "test")
    rows = [line.split(",") for line in (run / "evaluation-test.csv").read_text(encoding="utf-8").splitlines()[1:]]
    sizes = [float(row[1]) for row in rows]
    middle = sorted(sizes)[len(sizes) // 2]
    constant = sum(abs(size - middle) for size in sizes) / len(sizes)
    assert record["metrics"]["mean_absolute_error"] < constant / 3


def test_that_pneumonia_is_told_from_healthy_chests_of_patients_it_never_saw(real_data: Path, tmp_path: Path) -> None:
    project, run = tmp_path / "chest.netloom", tmp_path / "run"
    done("new", "image-classifier", "--data", real_data / "classification" / "chest_xray_pneumonia", "--out", project)
    stopping = ("--epochs", 25, "--patience", 8, "--watch", "auc")
    record = answer("train", project, "--run", run, *stopping, "--device", "cpu")
    assert record["metrics"]["validation_auc"] >= 0.98
