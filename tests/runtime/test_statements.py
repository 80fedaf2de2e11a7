"""What only the author of a study can write is kept with the run and stands in its report."""

import json
import os

import pytest

from runtime.errors import RunError
from runtime.report.statements import FILE, earlier_statements, keep_statements, kept_statements


def test_that_statements_are_read_as_they_were_kept_and_empty_ones_are_not_reported(tmp_path):
    assert kept_statements(tmp_path) == {}
    keep_statements(tmp_path, {"ethics": " Approved.\n", "funding": "  ", "limitations": "One “site”; Ärzte."})
    assert kept_statements(tmp_path) == {"ethics": "Approved.", "limitations": "One “site”; Ärzte."}


def test_that_a_damaged_file_is_told_and_a_folder_that_is_gone_too(tmp_path):
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    with pytest.raises(RunError, match="is not JSON"):
        kept_statements(tmp_path)
    with pytest.raises(RunError, match="could not be kept"):
        keep_statements(tmp_path / "gone", {"ethics": "Approved."})


def test_that_the_run_that_was_written_about_last_is_found_beside(tmp_path):
    assert earlier_statements(tmp_path / "3") is None
    for second, name in enumerate(("1", "3", "2")):
        (tmp_path / name).mkdir()
        keep_statements(tmp_path / name, {"ethics": name})
        os.utime(tmp_path / name / FILE, (1000 + second, 1000 + second))
    assert earlier_statements(tmp_path / "3") == tmp_path / "2"
    assert earlier_statements(tmp_path / "2") == tmp_path / "3"


def test_that_what_is_kept_is_a_file_as_the_command_line_takes_it(tmp_path):
    keep_statements(tmp_path, {"ethics": "Approved."})
    assert json.loads((tmp_path / FILE).read_text(encoding="utf-8")) == {"ethics": "Approved."}
