"""A full disk: events stay whole lines, last words find room, a run waits and goes on, or stops when asked."""

import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from runtime.errors import RunError
from runtime.event_file import EventFile
from runtime.events import Checkpoint, Epoch, Failed, Finished, Paused, Started, parse
from runtime.files import ProjectError
from runtime.job import make_job
from runtime.room import RESERVE, Room, megabytes
from runtime.runs import create_run
from runtime.trained import load_trained
from runtime.worker import run_worker
from tests.builders import graphs, pictures


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 2 MB, where this machine lets the user mount one."""
    if not sys.platform.startswith("linux"):
        pytest.skip("a small disk is mounted on Linux only")
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs the rights of root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder):
    """Take all room that is left; gives the file that takes it."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return path


def classifier(tmp_path):
    return graphs.classifier(before=["normalise"], **pictures.facts(pictures.class_folders(tmp_path / "data")))


def test_that_amounts_are_rounded_up():
    assert [megabytes(count) for count in (1, 10**6, 10**6 + 1)] == ["1 MB", "1 MB", "2 MB"]


def test_that_a_line_cut_off_by_a_full_disk_is_written_whole_when_there_is_room(small_disk):
    path = small_disk / "events.jsonl"
    file = EventFile(path, Room(small_disk, pause=lambda _: filler.unlink(missing_ok=True)))
    file.append("first")
    filler = fill(small_disk)
    long = "x" * 3 * RESERVE
    file.append(long)
    file.append("last", durable=True)
    file.close()
    assert path.read_text(encoding="utf-8").splitlines() == ["first", long, "last"]
    assert not (small_disk / ".reserve").exists()


def test_that_last_words_find_room_on_a_full_disk(small_disk):
    path = small_disk / "events.jsonl"
    file = EventFile(path, Room(small_disk, pause=lambda _: pytest.fail("it waited")))
    fill(small_disk)
    for number in range(100):
        file.append(f"{number} " + "word " * 20)
    file.close()
    assert len(path.read_text(encoding="utf-8").splitlines()) == 100


def worked(job, when_paused):
    """Train on a disk that is full after the first epoch; when it pauses, do something from elsewhere."""
    heard = []

    def hear(text):
        heard.append(parse(text)[0])
        if isinstance(heard[-1], Epoch) and heard[-1].epoch == 1:
            fill(job.folder)
        if isinstance(heard[-1], Paused):
            threading.Timer(0, when_paused).start()

    return run_worker(job, hear), heard


def small_job(small_disk, tmp_path):
    return make_job(classifier(tmp_path), small_disk / "run", epochs=2, batch=8, device="cpu")


def test_that_a_run_on_a_full_disk_pauses_and_goes_on_by_itself(small_disk, tmp_path):
    job = small_job(small_disk, tmp_path)
    run = create_run(job)
    status, heard = worked(job, (run.folder / "filler").unlink)
    assert status == 0
    assert [event.epoch for event in heard if isinstance(event, Epoch)] == [1, 2]
    place = next(place for place, event in enumerate(heard) if isinstance(event, Paused))
    assert isinstance(heard[place + 1], Checkpoint)
    assert isinstance(heard[-1], Finished)
    assert not heard[-1].stopped
    assert run.status == "finished"
    assert len(load_trained(run, "last").metrics) == 4


def test_that_a_run_on_a_full_disk_stops_when_it_is_asked_to(small_disk, tmp_path):
    job = small_job(small_disk, tmp_path)
    run = create_run(job)
    status, heard = worked(job, run.ask_to_stop)
    assert status == 0
    assert isinstance(heard[-1], Finished)
    assert heard[-1].stopped
    assert "disk is full" in heard[-1].reason
    assert run.status == "stopped"


def test_that_a_disk_that_is_full_before_a_run_begins_is_told_in_words(small_disk, tmp_path):
    job = small_job(small_disk, tmp_path)
    filler = fill(small_disk)
    with pytest.raises((RunError, ProjectError), match="No space left"):
        create_run(job)
    filler.unlink()
    shutil.rmtree(job.folder, ignore_errors=True)
    create_run(job)
    filler = fill(small_disk)
    with pytest.raises(RunError, match="make room on the disk, then train again"):
        run_worker(job)


def test_that_a_disk_that_is_full_before_the_first_epoch_is_told_in_words_and_trains_when_there_is_room(
    small_disk, tmp_path
):
    job = small_job(small_disk, tmp_path)
    run = create_run(job)
    heard = []

    def hear(text):
        heard.append(parse(text)[0])
        if isinstance(heard[-1], Started):
            fill(small_disk)

    status = run_worker(job, hear)
    assert status == 3
    assert isinstance(heard[-1], Failed)
    assert "make room on the disk, then train again" in heard[-1].message
    assert run.status == "failed"
    assert run.events()[-1][0] == heard[-1]
    (small_disk / "filler").unlink()
    again = replace(job, folder=small_disk / "again")
    create_run(again)
    assert run_worker(again) == 0
