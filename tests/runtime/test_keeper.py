"""Checkpoints are written when it is due, and a full disk is waited for."""

import errno
import math
import os

import pytest
import torch

from runtime.checkpoint import State
from runtime.errors import RunError
from runtime.events import Checkpoint, Paused, Warned
from runtime.keeper import Keeper
from runtime.room import Room


class Disk:
    """Takes checkpoints until it has a fault, such as being full."""

    def __init__(self):
        self.fault = 0
        self.held = {}

    @property
    def full(self):
        return self.fault == errno.ENOSPC

    @full.setter
    def full(self, full):
        self.fault = errno.ENOSPC if full else 0

    def save(self, folder, name, state):
        if self.fault:
            raise OSError(self.fault, os.strerror(self.fault))
        self.held[name] = state.facts["epoch"]


def state():
    return State({"network.weight": torch.zeros(1)}, {"optimizers": []})


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def keeper(tmp_path, disk):
    return Keeper(tmp_path, "validation_loss", False, disk.save, ratio=0)


def epoch(keeper, number, loss):
    if keeper.is_better({"validation_loss": loss}):
        keeper.note_best(number, {"validation_loss": loss}, state())
    return list(keeper.note_epoch(number, state))


def test_that_the_best_is_written_before_the_last(keeper):
    events = epoch(keeper, 1, 0.5)
    assert [event.path for event in events] == ["checkpoints/best.safetensors", "checkpoints/last.safetensors"]
    assert all(isinstance(event, Checkpoint) for event in events)


def test_that_what_is_no_number_is_never_the_best(keeper):
    assert not keeper.is_better({"validation_loss": math.nan})
    assert not keeper.is_better({"validation_loss": math.inf})
    assert not keeper.is_better({})
    epoch(keeper, 1, 0.5)
    assert not keeper.is_better({"validation_loss": math.nan})
    assert keeper.is_better({"validation_loss": 0.4})


def test_that_a_writing_that_is_not_due_waits_for_the_end(tmp_path, disk):
    keeper = Keeper(tmp_path, "validation_loss", False, disk.save, ratio=1e15)
    epoch(keeper, 1, 0.5)
    assert epoch(keeper, 2, 0.4) == []
    assert disk.held == {"best": 1, "last": 1}
    assert len(list(keeper.finish(2, state))) == 2
    assert disk.held == {"best": 2, "last": 2}


class Patient(Room):
    """Waits without time going by; after so many looks something happens."""

    def __init__(self, folder, then, looks=3):
        super().__init__(folder, pause=self.look)
        self.looks = looks
        self.then = then

    def look(self, _seconds):
        self.looks -= 1
        if self.looks == 0:
            self.then()

    @property
    def free(self):
        return 0 if self.looks > 0 else 10**9


def waiting(tmp_path, disk, then):
    return Keeper(tmp_path, "validation_loss", False, disk.save, ratio=0, room=Patient(tmp_path, then))


def test_that_a_full_disk_pauses_says_so_once_and_goes_on_when_there_is_room(tmp_path, disk):
    keeper = waiting(tmp_path, disk, lambda: setattr(disk, "full", False))
    disk.full = True
    events = epoch(keeper, 1, 0.5)
    assert [type(event) for event in events] == [Paused, Checkpoint, Checkpoint]
    assert "the disk is full" in events[0].message
    assert "MB are needed" in events[0].message
    assert events[0].needed > 0
    assert disk.held == {"best": 1, "last": 1}
    assert keeper.unwritten == ""
    assert len(epoch(keeper, 2, 0.4)) == 2


def test_that_the_time_of_a_pause_is_not_taken_for_slow_writing(tmp_path, disk, monkeypatch):
    clock = iter(range(0, 10**6, 1000))
    monkeypatch.setattr("runtime.keeper.time.monotonic", lambda: next(clock))
    keeper = waiting(tmp_path, disk, lambda: setattr(disk, "full", False))
    disk.full = True
    epoch(keeper, 1, 0.5)
    assert keeper._took <= 3000


def test_that_a_run_that_waits_for_room_stops_when_it_is_asked_to(tmp_path, disk):
    keeper = waiting(tmp_path, disk, (tmp_path / "stop").touch)
    epoch_one = Keeper(tmp_path, "validation_loss", False, disk.save, ratio=0)
    assert epoch(epoch_one, 1, 0.5)
    disk.full = True
    (paused,) = epoch(keeper, 2, 0.4)
    assert isinstance(paused, Paused)
    assert "goes on from the beginning" in keeper.unwritten
    assert list(keeper.finish(2, state)) == []
    assert keeper.unwritten
    disk.full = False
    assert len(list(keeper.finish(2, state))) == 2
    assert keeper.unwritten == ""
    assert disk.held == {"best": 2, "last": 2}


def test_that_too_little_room_for_the_checkpoints_is_waited_for_before_the_first_epoch(tmp_path, disk):
    keeper = waiting(tmp_path, disk, lambda: None)
    (paused,) = keeper.prepare(state)
    assert isinstance(paused, Paused)
    assert list(keeper.prepare(state)) == []


def test_that_another_fault_of_the_disk_is_told_once_and_training_goes_on(keeper, disk):
    epoch(keeper, 1, 0.5)
    disk.fault = errno.EIO
    (warning,) = epoch(keeper, 2, 0.4)
    assert isinstance(warning, Warned)
    assert "Input/output error" in warning.message
    assert epoch(keeper, 3, 0.3) == []
    disk.fault = 0
    epoch(keeper, 4, 0.35)
    assert disk.held == {"best": 3, "last": 4}


def test_that_a_disk_that_fails_at_the_end_is_an_error(keeper, disk):
    disk.fault = errno.EIO
    epoch(keeper, 1, 0.5)
    with pytest.raises(RunError, match="resume"):
        list(keeper.finish(1, state))
