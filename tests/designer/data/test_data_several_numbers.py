"""What the Data page tells of several numbers, and which template it offers first for what there is to learn."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from designer.data.facts_panel import summary
from designer.data.offer import TemplatesOffer
from designer.data.survey import Found
from runtime.templates import known


def found(label: str, classes: tuple[str, ...]) -> Found:
    named = [{"name": name, "patients": 3, "cases": 9} for name in classes]
    told = {"label": label, "classes": named, "cases": 9, "channels": 1, "size": [64, 64], "source": "dicom_folder"}
    return Found(Path("data"), dataset=told)


def test_that_the_summary_says_how_many_numbers_there_are():
    assert summary(found("number", ("x_mm", "y_mm"))).endswith("2 numbers for each image")
    assert summary(found("number", ())).endswith("a number for each image")


@pytest.mark.parametrize(
    ("label", "classes", "first"),
    [("number", ("x_mm", "y_mm"), "several-numbers"), ("number", (), "image-regression"),
     ("labels", ("mass", "fluid"), "several-labels"), ("class", ("a", "b"), "image-classifier")],
)  # fmt: skip
def test_that_the_template_made_for_the_labels_is_offered_first(qtbot, label, classes, first):
    offer = TemplatesOffer()
    qtbot.addWidget(offer)
    offer.offer(found(label, classes))
    titles = {entry.name: entry.title for entry in known()}
    assert offer.findChildren(QPushButton)[0].text() == titles[first]
