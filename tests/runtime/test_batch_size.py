"""A batch size that suits: told by forecast, tried with real steps."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import torch

from runtime.analysis import analyse
from runtime.batch_size import FoundBatch, chosen, find_batch, random_batch
from runtime.errors import OutOfMemory
from runtime.learner import Learner
from tests.builders import graphs, pictures
from tests.runtime.command import ENVIRONMENT, done, netloom

CPU = torch.device("cpu")


def pace(*, limit=10**9, best=64):
    """Steps as they take on a machine that is not faster beyond a size, and whose memory ends at one."""

    def trial(count):
        if count > limit:
            raise OutOfMemory(f"The memory of the GPU is not enough for a batch of {count}; use {count // 2}.")
        return max(count, best) / 1e9

    return trial


def test_that_the_smallest_of_the_fastest_sizes_is_taken():
    found = chosen(pace(best=64), told=100_000, cases=100_000)
    assert found.batch == 64
    assert list(found.tried) == [2, 4, 8, 16, 32, 64, 128, 256]
    assert found.largest == 100_000


def test_that_a_batch_leaves_steps_enough_in_an_epoch_and_fits_by_forecast():
    assert chosen(pace(best=10**6), told=10**9, cases=16 * 32).batch == 32
    assert chosen(pace(best=10**6), told=20, cases=10**9).batch == 16


def test_that_memory_that_ends_before_the_forecast_ends_the_trials():
    found = chosen(pace(limit=40, best=10**6), told=10**6, cases=10**6)
    assert (found.batch, found.largest) == (32, 63)
    assert "A batch of 32 was chosen" in found.words()
    with pytest.raises(OutOfMemory, match="a batch of 2"):
        chosen(pace(limit=1), told=10**6, cases=10**6)


@pytest.mark.parametrize("kind", ["class", "mask", "number"])
def test_that_real_steps_are_tried_on_images_and_labels_of_the_project(kind):
    if kind == "class":
        graph = graphs.classifier()
    else:
        mask = {"label": "mask", "classes": ("background", "lesion"), "counts": (90, 10)}
        graph = graphs.regressor() if kind == "number" else graphs.segmenter(**mask)
    analysis = analyse(graph)
    (source,) = (node.id for node in graph.nodes.values() if node.type == "image_folder")
    found = find_batch(analysis, source, CPU, cases=16 * 8)
    assert isinstance(found, FoundBatch)
    assert set(found.tried) <= {2, 4, 8}
    assert found.batch in found.tried
    assert found.largest > 1000  # of 16 × 16 pixels


def test_that_a_trial_leaves_the_weights_of_the_training_alone():
    analysis = analyse(graphs.classifier())
    before = Learner(analysis, "image_folder-1", CPU, 1).weights()
    find_batch(analysis, "image_folder-1", CPU, cases=64)
    after = Learner(analysis, "image_folder-1", CPU, 1).weights()
    assert all(torch.equal(tensor, after.tensors[name]) for name, tensor in before.tensors.items())
    assert random_batch(analysis, "image_folder-1", 3, CPU).count == 3


@pytest.mark.long
def test_that_the_command_finds_a_batch_size_says_it_and_keeps_it_in_the_run(project, tmp_path):
    run = tmp_path / "run"
    ran = done("train", project, "--run", run, "--epochs", 1, "--device", "cpu", "--batch", "auto")
    (said,) = (line for line in ran.stderr.splitlines() if "was chosen" in line)
    batch = json.loads((run / "job.json").read_text(encoding="utf-8"))["training"]["batch"]
    assert f"A batch of {batch} was chosen" in said
    assert json.loads(ran.stdout)["epochs"] == 1


def test_that_what_is_no_batch_size_is_refused(project):
    for word in ("0", "-3", "some"):
        ran = netloom("train", project, "--batch", word)
        assert ran.returncode == 2
        assert "a whole number from 1, or auto, fits" in " ".join(ran.stderr.replace("│", " ").split())


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is limited as Linux does")
def test_that_memory_that_really_ends_is_found_by_a_trial(tmp_path):
    script = tmp_path / "limited.py"
    script.write_text(
        "import resource, sys, torch\n"
        "from runtime.analysis import analyse\n"
        "from runtime.batch_size import _trial, chosen\n"
        "from tests.builders import graphs\n"
        "analysis = analyse(graphs.classifier(size=(256, 256)))\n"
        "trial = _trial(analysis, 'image_folder-1', torch.device('cpu'))\n"
        "trial(2)\n"
        "taken = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (taken + 2**29, taken + 2**29))\n"
        "found = chosen(lambda count: trial(count) and 1.0, 10**6, 10**9)\n"
        "sys.stdout.write(f'{found.batch} {found.largest}')\n",
        encoding="utf-8",
    )
    environment = {**ENVIRONMENT, "PYTHONPATH": os.getcwd(), "PYTHONSAFEPATH": ""}
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == 0, ran.stderr
    batch, largest = map(int, ran.stdout.split())
    assert 4 <= batch <= largest < 2048


def test_that_pictures_are_trained_with_the_size_found(tmp_path):
    facts = pictures.facts(pictures.class_folders(tmp_path / "data"))
    analysis = analyse(graphs.classifier(**facts))
    assert find_batch(analysis, "image_folder-1", CPU, cases=facts["images"]).batch == 2  # 32 images: 16 steps
