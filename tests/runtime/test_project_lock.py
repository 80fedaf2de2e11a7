"""Who has a project open: one process at a time, and never one that is gone."""

import json
import os
from dataclasses import asdict

import pytest

from runtime.owner import Owner, this_process
from runtime.project_lock import lock_file, release, take


@pytest.fixture
def project(tmp_path):
    return tmp_path / "chest.netloom"


def put(project, owner):
    lock_file(project).write_text(json.dumps({**asdict(owner), "since": "2026-01-02T14:32:00+00:00"}))


def parent():
    from runtime.processes import started_at

    return Owner(os.getppid(), started_at(os.getppid()), this_process().host)


def test_that_a_project_is_taken_and_let_go(project):
    assert take(project) is None
    assert json.loads(lock_file(project).read_text())["pid"] == os.getpid()
    assert take(project) is None
    release(project)
    assert list(project.parent.iterdir()) == []


def test_that_the_lock_of_a_living_process_says_who_has_it_and_stays(project):
    put(project, parent())
    held = take(project)
    assert held.owner == parent()
    assert held.since.year == 2026
    release(project)
    assert take(project) == held


def test_that_a_process_on_another_machine_counts_as_living(project):
    put(project, Owner(1, "long ago", "another machine"))
    assert take(project).owner.host == "another machine"


@pytest.mark.parametrize("text", ["", "\0\0\0", "[]", '{"pid": 1'])
def test_that_a_lock_that_says_nothing_is_taken_over(project, text):
    lock_file(project).write_text(text)
    assert take(project) is None
    release(project)
    assert list(project.parent.iterdir()) == []


def test_that_the_lock_of_a_dead_process_is_taken_over(project):
    put(project, Owner(parent().pid, "an earlier process with this number", this_process().host))
    assert take(project) is None
    assert json.loads(lock_file(project).read_text())["pid"] == os.getpid()


def test_that_a_folder_that_is_gone_cannot_be_locked_and_that_is_no_failure(tmp_path):
    assert take(tmp_path / "gone" / "chest.netloom") is None
    release(tmp_path / "gone" / "chest.netloom")
