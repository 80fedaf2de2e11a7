"""Checkpoints are written when it is due, and nothing is lost where the disk is full."""

import errno
import math

import pytest
import torch

from runtime.checkpoint import State
from runtime.errors import RunError
from runtime.events import Checkpoint, Warned
from runtime.keeper import Keeper


class Disk:
    """Takes checkpoints until it is full."""

    def __init__(self):
        self.full = False
        self.held = {}

    def save(self, folder, name, state):
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
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


def test_that_a_full_disk_is_told_once_and_training_goes_on(keeper, disk):
    epoch(keeper, 1, 0.5)
    disk.full = True
    (warning,) = epoch(keeper, 2, 0.4)
    assert isinstance(warning, Warned)
    assert "No space left" in warning.message
    assert epoch(keeper, 3, 0.3) == []
    disk.full = False
    epoch(keeper, 4, 0.35)
    assert disk.held == {"best": 3, "last": 4}


def test_that_a_disk_full_at_the_end_is_an_error(keeper, disk):
    disk.full = True
    epoch(keeper, 1, 0.5)
    with pytest.raises(RunError, match="resume"):
        list(keeper.finish(1, state))
