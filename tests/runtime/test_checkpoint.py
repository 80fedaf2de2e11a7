"""A checkpoint survives a crash at any moment, and a damaged one is never trusted."""

import json

import pytest
import torch

from runtime.checkpoint import State, load_checkpoint, save_checkpoint
from runtime.errors import RunError
from runtime.store import write_safely


def state(epoch):
    shared = torch.full((3, 2), float(epoch))
    tensors = {
        "weight": shared,
        "tied": shared,
        "turned": torch.arange(6.0).reshape(2, 3).T,
        "step": torch.tensor(float(epoch)),
        "flags": torch.tensor([True, False]),
        "nothing": torch.zeros(0),
    }
    return State(tensors, {"epoch": epoch})


class Crash(Exception):
    """The machine stops here."""


class Machine:
    """Writes and renames until it stops before its n-th action."""

    def __init__(self, actions):
        self.left = actions

    def act(self):
        if self.left == 0:
            raise Crash
        self.left -= 1

    def write(self, path, content):
        self.act()
        write_safely(path, content)

    def replace(self, old, new):
        self.act()
        old.replace(new)


def test_that_what_was_saved_comes_back_bit_for_bit(tmp_path):
    save_checkpoint(tmp_path, "last", state(3))
    found, warnings = load_checkpoint(tmp_path, "last")
    assert warnings == ()
    assert found.facts == {"epoch": 3}
    assert set(found.tensors) == set(state(3).tensors)
    for name, tensor in state(3).tensors.items():
        assert torch.equal(found.tensors[name], tensor), name
        assert found.tensors[name].dtype == tensor.dtype


def test_that_the_json_beside_names_the_hash_of_the_file(tmp_path):
    import hashlib

    save_checkpoint(tmp_path, "best", state(3))
    told = json.loads((tmp_path / "best.json").read_text(encoding="utf-8"))
    assert told["sha256"] == hashlib.sha256((tmp_path / "best.safetensors").read_bytes()).hexdigest()
    assert told["epoch"] == 3


@pytest.mark.parametrize("actions", range(6))
def test_that_a_crash_before_any_action_leaves_a_whole_checkpoint(tmp_path, actions):
    save_checkpoint(tmp_path, "last", state(1))
    save_checkpoint(tmp_path, "last", state(2))
    machine = Machine(actions)
    if actions < 5:
        with pytest.raises(Crash):
            save_checkpoint(tmp_path, "last", state(3), write=machine.write, replace=machine.replace)
    else:
        save_checkpoint(tmp_path, "last", state(3), write=machine.write, replace=machine.replace)
    found, warnings = load_checkpoint(tmp_path, "last")
    assert found.facts["epoch"] == (2 if actions < 3 else 3)
    assert warnings == ()
    save_checkpoint(tmp_path, "last", state(4))
    assert load_checkpoint(tmp_path, "last")[0].facts["epoch"] == 4


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "text"])
def test_that_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path, damage):
    save_checkpoint(tmp_path, "last", state(1))
    save_checkpoint(tmp_path, "last", state(2))
    spoil(tmp_path / "last.safetensors", damage)
    found, warnings = load_checkpoint(tmp_path, "last")
    assert found.facts["epoch"] == 1
    assert len(warnings) == 1
    assert "last.safetensors" in warnings[0]


def test_that_every_flipped_bit_is_noticed(tmp_path):
    save_checkpoint(tmp_path, "best", state(1))
    path = tmp_path / "best.safetensors"
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            found, _ = load_checkpoint(tmp_path, "best")
        except RunError:
            continue
        assert found.facts == {"epoch": 1}
        assert torch.equal(found.tensors["weight"], state(1).tensors["weight"])


def test_that_nothing_but_damaged_checkpoints_is_refused_in_words(tmp_path):
    save_checkpoint(tmp_path, "last", state(1))
    spoil(tmp_path / "last.safetensors", "cut")
    with pytest.raises(RunError, match="Train the run anew"):
        load_checkpoint(tmp_path, "last")
    with pytest.raises(RunError, match="There is no checkpoint"):
        load_checkpoint(tmp_path, "best")


def spoil(path, damage):
    whole = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(whole[:-5])
        case "bit":
            path.write_bytes(whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:])
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_bytes(b"not a checkpoint at all, but long enough to be one")
