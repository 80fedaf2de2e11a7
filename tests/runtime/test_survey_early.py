"""The small pictures that come while a folder is still being read."""

import threading
from pathlib import Path

from runtime.cli.survey_early import early_pictures
from tests.builders.pictures import class_folders


def test_that_some_pictures_of_each_folder_come_before_the_scan_is_over(tmp_path):
    told = []
    early_pictures(class_folders(tmp_path / "discs", 20), tmp_path / "small", told.append, threading.Event())
    assert {record["path"].split("/")[0] for record in told} == {"dark", "bright"}
    assert all(record["early"] and Path(record["file"]).is_file() for record in told)


def test_that_a_scan_that_is_over_makes_none(tmp_path):
    told, over = [], threading.Event()
    over.set()
    early_pictures(class_folders(tmp_path / "discs", 4), tmp_path / "small", told.append, over)
    assert told == []
