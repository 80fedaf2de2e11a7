"""A second scan of a large folder reads only what is new; whatever happens to the index, the answer is the same."""

import os
import sqlite3
import sys
import threading

import pytest

from runtime.data import headers, headers_at_once
from runtime.data import scan as scanning
from runtime.data.catalogue import Skipped
from runtime.data.facts import Facts
from runtime.data.faults import Cancelled
from runtime.data.judge import judge, judge_at_once
from runtime.data.scan import scan
from runtime.data.scan_index import ScanIndex
from tests.builders.dicom import dicom, gradient


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of five images and a text, with a cache of its own."""
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path / "cache"))
    for index in range(5):
        dicom(tmp_path / "data" / f"{index}.dcm", gradient() + index, position=(0, 0, index))
    (tmp_path / "data" / "notes.md").write_text("text")
    return tmp_path / "data"


@pytest.fixture
def read(monkeypatch):
    """The names of the files whose headers are read."""
    names = []

    def counting(root, paths, *rest):
        names.extend(paths)
        return headers.read_headers(root, paths, *rest)

    monkeypatch.setattr(scanning, "read_headers", counting)
    return names


def test_that_the_second_scan_reads_nothing_and_says_the_same(folder, read):
    first = scan(folder, remember=True)
    assert len(read) == 6
    read.clear()
    assert scan(folder, remember=True) == first
    assert read == []


def held(cache, root):
    """The files of a folder that the index holds."""
    index = ScanIndex(cache)
    index.known(root, {})
    return index.held


def test_that_only_new_and_changed_files_are_read_again(folder, read):
    scan(folder, remember=True)
    read.clear()
    dicom(folder / "new.dcm", gradient() + 9, position=(0, 0, 9))
    os.utime(folder / "1.dcm", ns=(1, 1))
    (folder / "2.dcm").unlink()
    catalogue = scan(folder, remember=True)
    assert read == ["1.dcm", "new.dcm"]
    assert catalogue == scan(folder, remember=False)
    assert held(folder.parent / "cache", folder) == {
        "0.dcm",
        "1.dcm",
        "3.dcm",
        "4.dcm",
        "new.dcm",
        "notes.md",
    }


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 100, b"SQLite format 3\0" + bytes(500)])
def test_that_a_damaged_index_is_built_again(folder, read, damage):
    scan(folder, remember=True)
    index = folder.parent / "cache" / "scans.sqlite"
    index.write_bytes(damage)
    read.clear()
    expected = scan(folder, remember=False)
    read.clear()
    assert scan(folder, remember=True) == expected
    assert len(read) == 6
    read.clear()
    assert scan(folder, remember=True) == expected
    assert read == []


@pytest.mark.parametrize("row", ["[]", "[1, 2, 3]", "{", '["../../etc/passwd", 3, 4]', "null"])
def test_that_rows_that_make_no_sense_are_read_anew(folder, read, row):
    expected = scan(folder, remember=True)
    with sqlite3.connect(folder.parent / "cache" / "scans.sqlite") as base:
        base.execute("UPDATE files SET said = ?", (row,))
    base.close()
    assert scan(folder, remember=True) == expected


def test_that_an_index_of_another_version_is_left_behind(folder, read):
    scan(folder, remember=True)
    with sqlite3.connect(folder.parent / "cache" / "scans.sqlite") as base:
        base.execute("PRAGMA user_version = 999")
    base.close()
    read.clear()
    scan(folder, remember=True)
    assert len(read) == 6


@pytest.mark.skipif(sys.platform == "win32", reason="file modes of Unix")
def test_that_the_index_is_for_the_users_eyes_alone(folder):
    scan(folder, remember=True)
    assert (folder.parent / "cache" / "scans.sqlite").stat().st_mode & 0o077 == 0


def test_that_an_index_that_cannot_be_written_ends_no_scan(folder, monkeypatch):
    (folder.parent / "blocked").write_text("a file")
    monkeypatch.setenv("NETLOOM_CACHE", str(folder.parent / "blocked"))
    assert len(scan(folder, remember=True).found) == 5


def test_that_the_index_is_bounded_and_forgets_the_oldest_folder(folder, monkeypatch):
    monkeypatch.setattr("runtime.data.scan_index.MOST_FILES", 8)
    index = ScanIndex(folder.parent / "cache")
    for name in ("a", "b", "c"):
        root = folder.parent / name
        index.store(root, ((f"{number}", (1, 1, 1), Skipped(f"{number}", "is a text")) for number in range(4)), ())
    assert [len(held(folder.parent / "cache", folder.parent / name)) for name in ("a", "b", "c")] == [0, 4, 4]


def test_that_a_stopped_scan_keeps_what_it_has_read(folder, read):
    told = []
    with pytest.raises(Cancelled):
        scan(folder, lambda done, total: told.append(done), lambda: len(told) > 3, remember=True)
    assert 0 < len(held(folder.parent / "cache", folder)) < 6


@pytest.mark.parametrize("many", [headers.MANY, 1])
def test_that_children_read_headers_as_this_process_does(real_data, monkeypatch, many):
    monkeypatch.setattr(headers, "MANY", many)
    folder = real_data / "dicom_zoo"
    paths = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    told = dict(headers.read_headers(folder, paths, lambda: False, 2))
    assert told == {path: judge(folder, path) for path in paths}


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes of Unix")
def test_that_a_header_that_takes_too_long_costs_one_file(tmp_path):
    for index in range(3):
        dicom(tmp_path / f"{index}.dcm", gradient())
    os.mkfifo(tmp_path / "pipe")
    paths = ["0.dcm", "1.dcm", "pipe", "2.dcm"]
    told = dict(headers.read_headers(tmp_path, paths, lambda: False, 1, seconds=2))
    assert [isinstance(told[path], Facts) for path in paths] == [True, True, False, True]
    assert "took longer than 2 s" in told["pipe"].reason


def test_that_a_file_whose_reading_hangs_costs_only_itself(tmp_path, monkeypatch):
    """A file system that does not answer any more: the thread that waits for it is left behind."""
    for index in range(70):
        dicom(tmp_path / f"{index}.dcm", gradient())
    paths = [f"{index}.dcm" for index in range(70)]
    answer, ended = threading.Event(), threading.Event()

    def hanging(folder, path):
        if path == "3.dcm":
            answer.wait(60)
            ended.set()
        return judge_at_once(folder, path)

    monkeypatch.setattr(headers_at_once, "judge_at_once", hanging)
    told = dict(headers.read_headers(tmp_path, paths, lambda: False, seconds=0.5))
    assert sorted(told) == sorted(paths)
    assert [path for path in paths if not isinstance(told[path], Facts)] == ["3.dcm"]
    assert "took longer than 0.5 s" in told["3.dcm"].reason
    answer.set()
    assert ended.wait(60)


def test_that_a_scan_can_be_stopped_while_the_reading_of_a_file_hangs(tmp_path, monkeypatch):
    dicom(tmp_path / "a.dcm", gradient())
    answer, asked = threading.Event(), threading.Event()

    def hanging(folder, path):
        asked.set()
        answer.wait(60)
        return judge_at_once(folder, path)

    monkeypatch.setattr(headers_at_once, "judge_at_once", hanging)
    assert list(headers.read_headers(tmp_path, ["a.dcm"], asked.is_set)) == []
    answer.set()


def test_that_an_error_of_the_program_is_not_taken_for_one_of_a_file(tmp_path, monkeypatch):
    def wrong(folder, path):
        raise AssertionError("a fault of the program")

    monkeypatch.setattr(headers_at_once, "judge_at_once", wrong)
    with pytest.raises(AssertionError, match="of the program"):
        list(headers.read_headers(tmp_path, ["a.dcm"], lambda: False))
