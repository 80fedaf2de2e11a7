"""The table of what every template was seen to do: complete, and as the records say."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime import templates
from tools.evidence import table
from tools.evidence.data import DATA
from tools.evidence.rows import TRAINED, rows

ENTRIES = {entry.name: entry.title for entry in templates.known()}


def test_that_the_table_names_every_template_once_and_is_what_the_records_give() -> None:
    shown = table.PAGE.read_text(encoding="utf-8")
    titles = [line.split(" | ")[0].removeprefix("| ") for line in shown.splitlines() if line.startswith("| ")]
    assert titles[2:] == list(ENTRIES.values()), "python -m tools.evidence --page writes it anew"
    assert shown == table.page(table.seen()), "python -m tools.evidence --page writes it anew"


def test_that_every_record_is_that_of_a_template() -> None:
    assert set(table.seen()) <= set(ENTRIES)


def test_that_every_row_is_one_of_a_template_on_data_that_there_are() -> None:
    trained = [row.template for row in TRAINED]
    assert len(trained) == len(set(trained))
    assert set(trained) <= set(ENTRIES)
    assert {row.data for row in rows(list(ENTRIES))} <= set(DATA)


def test_that_rows_that_are_not_named_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "SEEN", tmp_path / "seen.json")
    monkeypatch.setattr(table, "PAGE", tmp_path / "page.md")
    one = {"data": "digits", "epochs": 3, "seed": 1, "parameters": 1234, "measure": "accuracy", "value": 0.96,
           "aim": 0.97, "cases": 1500, "seconds": 250.0, "difference": 2e-7}  # fmt: skip
    table.keep({"lenet": one})
    table.keep({"u-net": {**one, "measure": "", "value": None, "epochs": 1}, "no more": one})
    assert list(table.seen()) == ["lenet", "u-net"]
    shown = table.PAGE.read_text(encoding="utf-8")
    assert (
        "| 1,234 | digits | 3 | accuracy 0.960, aim ≥ 0.97: not reached (1,500 cases, seed 1) | 4 min | 2e-07 |"
        in shown
    )
    assert "| 1,234 | digits | 1 | one step | 4 min | 2e-07 |" in shown
    assert shown.count("| not tried |") == len(ENTRIES) - 2
