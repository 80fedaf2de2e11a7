"""Chest X-rays: trained on one folder, tested on another one, and reported as a browser shows it."""

import json
import os
from pathlib import Path

import pytest

from tests.builders.browser import shown
from tests.runtime.command import answer, done, table
from tests.runtime.test_report import strictly


@pytest.mark.long
def test_that_an_external_test_on_chest_x_rays_is_reported_and_no_image_refused(real_data: Path, tmp_path: Path):
    images = real_data / "classification" / "chest_xray_pneumonia"
    project, run = tmp_path / "chest.netloom", tmp_path / "chest-runs" / "1"
    done("new", "image-classifier", "--data", images / "train", "--labels", images / "labels.csv", "--out", project)
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace('"size": 96', '"size": 32'), encoding="utf-8")
    done("train", project, "--run", run, "--epochs", 3, "--device", "cpu")
    measured = answer("evaluate", run, "--data", images / "val")
    assert (measured["cases"], measured["external"]) == (150, True)
    assert measured["metrics"]["accuracy"] > 0.7
    page = tmp_path / "report.html"
    assert answer("report", run, "--out", page)["card"] == str(tmp_path / "model_card.json")
    card = json.loads((tmp_path / "model_card.json").read_text(encoding="utf-8"))
    (external,) = card["performance"]["measured"]
    assert (external["external"], external["patients"]) == (True, 95)
    assert card["evaluation"]["test_opened"] == 0
    assert card["flow"]["found"] == 700
    for text in (page.read_text(encoding="utf-8"), json.dumps(card)):
        assert [name for name in names_in(images) if name in text] == []
    predicted = done("predict", run, images / "val", "--out", tmp_path / "val.csv")
    assert "150 predictions" in predicted.stdout
    assert [row["problem"] for row in table(tmp_path / "val.csv")] == [""] * 150
    assert strictly(shown(page)).faults == []


def names_in(folder: Path) -> list[str]:
    return [name.partition(".")[0] for _, _, names in os.walk(folder) for name in names if "IM-" in name]
