"""A watched folder: each file is answered once, when it no longer grows; a watch that ended goes on where it was."""

import csv
import json
import os
import signal
import subprocess

import numpy as np
import pytest
import torch
from PIL import Image

from runtime.compile import compile_graph
from runtime.data.catalogue import DataError
from runtime.delivery.contract import contract_of
from runtime.delivery.onnx_file import export_onnx
from runtime.delivery.predictors import TrainedPredictor
from runtime.delivery.watching import TABLE, watch
from runtime.errors import RunError
from tests.builders import graphs
from tests.runtime.command import ENVIRONMENT, words_of


def network(seed=3):
    torch.manual_seed(seed)
    made = compile_graph(graphs.sound(graphs.classifier(before=["normalise"])))
    return made, contract_of(made.analysis)


@pytest.fixture
def model():
    return TrainedPredictor(*network())


@pytest.fixture
def coming(tmp_path):
    folder = tmp_path / "coming"
    folder.mkdir()
    return folder


def picture(path, seed=0):
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (12, 12), np.uint8)).save(path)


class Watch:
    """A watch that looks a few times and is then stopped; `between` is done while it waits, by the number of looks."""

    def __init__(self, model, folder, out, looks=3, **between):
        self.looks, self.between, self.left = looks, between, looks
        self.answered = [
            one.path for one in watch(model, folder, out, lambda: self.left <= 0, self.wait)
        ]  # fmt: skip

    def wait(self, seconds):
        assert seconds > 0
        self.left -= 1
        self.between.get(f"after_{self.looks - self.left}", lambda: None)()


def table(out):
    with (out / TABLE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_that_files_are_answered_as_they_come_and_each_once(model, coming, tmp_path):
    picture(coming / "a.png")
    found = Watch(model, coming, tmp_path / "out", 5, after_2=lambda: picture(coming / "b.png", 1))
    assert found.answered == ["a.png", "b.png"]
    assert [(row["path"], bool(row["predicted"]), row["problem"]) for row in table(tmp_path / "out")] == [
        ("a.png", True, ""), ("b.png", True, "")
    ]  # fmt: skip


def test_that_a_file_is_not_touched_while_it_grows(model, coming, tmp_path):
    picture(tmp_path / "whole.png")
    content = (tmp_path / "whole.png").read_bytes()
    growing = coming / "a.png"
    growing.write_bytes(content[:40])
    grow = {f"after_{look}": lambda look=look: growing.write_bytes(content[: 40 + 20 * look]) for look in (1, 2)}
    found = Watch(model, coming, tmp_path / "out", 6, **grow, after_3=lambda: growing.write_bytes(content))
    assert found.answered == ["a.png"]
    assert table(tmp_path / "out")[0]["problem"] == ""


def test_that_a_watch_goes_on_after_one_that_ended(model, coming, tmp_path):
    picture(coming / "a.png")
    out = tmp_path / "out"
    assert Watch(model, coming, out).answered == ["a.png"]
    picture(coming / "b.png", 1)
    with (out / TABLE).open("a", encoding="utf-8") as file:
        file.write("half a ro")  # a crash in the middle of a row
    with (out / "answered.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"path": "c.p')
    assert Watch(model, coming, out).answered == ["b.png"]
    assert [row["path"] for row in table(out)] == ["a.png", "b.png"]
    assert Watch(model, coming, out).answered == []


def test_that_unfinished_hidden_and_own_files_are_left_alone_and_others_get_their_reason(model, coming, tmp_path):
    for name in ("a.png.part", ".hidden.png", "notes.txt"):
        (coming / name).write_text("not yet")
    picture(coming / "a.png")
    out = coming / "answers"
    assert Watch(model, coming, out, 4).answered == ["a.png", "notes.txt"]
    assert "not an image" in table(out)[1]["problem"]


def test_that_the_answers_of_another_model_are_not_mixed_in(model, coming, tmp_path):
    picture(coming / "a.png")
    Watch(model, coming, tmp_path / "out")
    other = TrainedPredictor(*network())
    other.contract = type(other.contract)(other.contract.inputs, other.contract.outputs, checked_cases=7)
    with pytest.raises(RunError, match="answers of another model; choose another folder"):
        Watch(other, coming, tmp_path / "out")


def test_that_a_folder_that_goes_away_ends_the_watch_with_a_sentence(model, coming, tmp_path):
    with pytest.raises(DataError, match="any more"):
        Watch(model, coming, tmp_path / "out", 3, after_1=coming.rmdir)


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a process hears")
def test_that_the_command_watches_until_it_is_asked_to_end_and_goes_on_when_it_was_killed(coming, tmp_path):
    made, contract = network()
    file = export_onnx(made, tmp_path / "model.onnx", contract, [torch.rand(1, 12, 12) * 255]).file
    call = words_of("predict", file, "--watch", coming, "--out", tmp_path / "out", "--lines")
    for number, end in enumerate((signal.SIGKILL, signal.SIGTERM)):
        picture(coming / f"{number}.png", number)
        with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as ran:
            line = json.loads(ran.stdout.readline())
            ran.send_signal(end)
            rest, said = ran.communicate(timeout=60)
        assert (line["path"], line["problem"], rest) == (f"{number}.png", "", "")
        assert ran.returncode == (0 if end is signal.SIGTERM else -end), said
    assert [row["path"] for row in table(tmp_path / "out")] == ["0.png", "1.png"]
