"""Memory that runs out and a device that fails end a run with one sentence, which tells what to do."""

import errno
import sys

import pytest
import torch

from runtime.breakdowns import breakdown, largest_batch
from runtime.errors import OutOfMemory, RunError
from runtime.events import Failed
from runtime.job import make_job
from runtime.runs import create_run
from tests.builders import graphs, pictures
from tests.builders.workers import worker

CUDA = (
    "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.10 GiB of which 1.50 GiB is free."
)


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    facts = pictures.facts(pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data"))
    layers = [("convolution", {"filters": 256}), "relu", ("convolution", {"filters": 256}), "relu", "flatten"]
    return graphs.classifier(before=["normalise"], layers=layers, **{**facts, "size": [128, 128]})


def job(graph, folder, batch=16):
    return make_job(graph, folder, batch=batch, epochs=1, device="cpu")


def test_that_memory_of_a_gpu_is_told_with_what_was_asked_and_free_and_a_batch_that_fits(graph, tmp_path):
    found = breakdown(torch.OutOfMemoryError(CUDA), job(graph, tmp_path))
    assert isinstance(found, OutOfMemory)
    assert "The memory of the GPU is not enough for a batch of 16" in str(found)
    assert "2.1 GB more were asked for, 1.6 GB were free" in str(found)
    assert "use a batch of" in str(found)


def test_that_the_suggested_batch_fits_into_what_is_free_and_is_smaller_than_the_one_that_failed(graph, tmp_path):
    from runtime.analysis import analyse
    from runtime.memory import forecast

    one = job(graph, tmp_path)
    for free in (10**8, 10**9, 10**12):
        fits = largest_batch(one, free)
        assert fits <= 8
        assert fits == 0 or forecast(analyse(graph), fits).total <= free
        assert fits == 8 or forecast(analyse(graph), fits + 1).total > free


def test_that_an_error_beneath_another_is_found(graph, tmp_path):
    error = RunError("too much")
    error.__cause__ = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4096000000 bytes")
    found = breakdown(error, job(graph, tmp_path))
    assert "4.1 GB more were asked for" in str(found)
    assert breakdown(OSError(errno.ENOMEM, "Cannot allocate memory"), job(graph, tmp_path)) is not None
    assert breakdown(MemoryError(), job(graph, tmp_path, batch=1)) is not None
    assert "smaller network" in str(breakdown(MemoryError(), job(graph, tmp_path, batch=1)))


@pytest.mark.parametrize("error", [ValueError("out of memory"), RuntimeError("shapes"), OSError(errno.EIO, "no")])
def test_that_other_errors_are_left_alone(graph, tmp_path, error):
    assert breakdown(error, job(graph, tmp_path)) is None


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("CUDA error: device-side assert triggered\nCUDA kernel errors might be", "train with the device “cpu”"),
        ("CUDA error: unspecified launch failure\nFor debugging", "choose the device “cpu”"),
        ("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", "no other program"),
    ],
)
def test_that_a_device_that_fails_is_told_without_its_advice_for_programmers(graph, tmp_path, said, advice):
    found = breakdown(RuntimeError(said), job(graph, tmp_path))
    assert found is not None
    assert found.code == "device"
    assert advice in str(found)
    assert "debugging" not in str(found)
    assert "checkpoint is kept" in str(found)


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the memory of a process is limited so on Linux")
@pytest.mark.parametrize("megabytes", [20, 60, 200, 600])
def test_that_a_worker_whose_memory_runs_out_anywhere_says_so(graph, tmp_path, megabytes):
    run = create_run(job(graph, tmp_path / "run"))
    with worker(run.folder, room=megabytes * 2**20) as (_, lines):
        list(lines)
    (last, _) = run.events()[-1]
    assert isinstance(last, Failed), last
    assert last.code == "out_of_memory", last
    assert "The memory of this computer is not enough for a batch of 16" in last.message
    assert run.status == "failed"
