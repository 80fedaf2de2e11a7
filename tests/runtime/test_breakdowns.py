"""Memory that runs out and a device that fails end a run with one sentence, which tells what to do."""

import errno
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from runtime.breakdowns import breakdown, largest_batch
from runtime.checkpoint import State, load_checkpoint, save_checkpoint
from runtime.errors import OutOfMemory, RunError
from runtime.events import Epoch, Failed
from runtime.job import make_job
from runtime.nvml import Holder, Nvml
from runtime.runs import create_run
from runtime.worker import run_worker
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
    one = job(graph, tmp_path)
    found = breakdown(torch.AcceleratorError(said), one)
    assert found is not None
    assert found.code == "device"
    assert advice in str(found)
    assert "debugging" not in str(found)
    assert "checkpoint" not in str(found)
    assert "No epoch was done yet" in str(found)
    save_checkpoint(tmp_path / "checkpoints", "last", State({"a": torch.ones(1)}, {"epoch": 7}))
    assert "The last checkpoint is kept (epoch 7); resume the run" in str(breakdown(RuntimeError(said), one))


@pytest.mark.parametrize(
    "said",
    [
        "CUDA error: CUDA-capable device(s) is/are busy or unavailable\nCUDA kernel errors might be asynchronously",
        "CUDA error: uncorrectable ECC error encountered", "CUDA driver initialization failed, you might not have a",
        "CUDA unknown error - this may be due to an incorrectly set up environment", "No CUDA GPUs are available",
        "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR",
    ],
)  # fmt: skip
def test_that_a_gpu_that_is_lost_or_taken_is_told_and_the_processor_offered(graph, tmp_path, said):
    found = breakdown(torch.AcceleratorError(said), job(graph, tmp_path))
    assert found is not None
    assert said.splitlines()[0].removeprefix("CUDA error: ") in str(found)
    assert "choose the device “cpu”" in str(found)


def test_that_another_process_that_holds_the_memory_of_the_gpu_is_named_by_what_pytorch_says(graph, tmp_path):
    name = Path(f"/proc/{os.getppid()}/comm")
    known = f"{name.read_text('utf-8').strip()} (process {os.getppid()}, " if name.exists() else "("
    said = (
        f"{CUDA} Process {os.getppid()} has 70.25 GiB memory in use. Process 4194999 has 512.00 MiB memory in use. "
        "Including non-PyTorch memory, this process has 5.00 GiB memory in use."
    )
    told = str(breakdown(torch.OutOfMemoryError(said), job(graph, tmp_path)))
    assert f"It is used by {known}75.4 GB) and process 4194999 (0.5 GB) besides." in told
    assert "besides" not in str(breakdown(torch.OutOfMemoryError(CUDA), job(graph, tmp_path)))


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """A library that answers as the driver's: two GPUs; this process and two others on the second, one on the first."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform == "win32":
        pytest.skip("a C compiler is needed to build a library that answers as the driver's")
    folder = tmp_path_factory.mktemp("driver")
    (folder / "nvml.c").write_text(DRIVER % {"own": os.getpid(), "other": os.getppid()}, encoding="utf-8")
    file = folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", file, folder / "nvml.c"], check=True)
    return str(file)


DRIVER = """
#include <string.h>
typedef struct { unsigned int pid; unsigned long long used; unsigned int gpu; unsigned int compute; } Info;
int nvmlInit_v2(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **gpu) {
    *gpu = (void *)(unsigned long)(index + 1); return 0;
}
int nvmlDeviceGetHandleByUUID(const char *uuid, void **gpu) { *gpu = (void *)2; return strcmp(uuid, "GPU-two"); }
int nvmlDeviceGetUtilizationRates(void *gpu, unsigned int rates[2]) {
    rates[0] = 42; rates[1] = 7; return gpu != (void *)2;
}
int nvmlSystemGetProcessName(unsigned int pid, char *name, unsigned int length) {
    strncpy(name, "C:\\\\Program Files\\\\Viewer\\\\viewer.exe", length); return 0;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *gpu, unsigned int *count, Info *found) {
    Info second[] = {{%(own)d, 5, 0, 0}, {4194999, ~0ULL, 0, 0}, {%(other)d, 20000000000ULL, 0, 0}};
    Info first = {4194998, 30000000000ULL, 0, 0};
    if (*count < 3) return 7;
    if (gpu == (void *)1) { found[0] = first; *count = 1; } else { memcpy(found, second, sizeof second); *count = 3; }
    return 0;
}
"""


def test_that_who_else_holds_the_gpu_of_this_process_is_asked_of_the_driver(graph, tmp_path, driver, monkeypatch):
    nvml = Nvml(driver)
    most, unknown = nvml.other_holders()
    assert (most.pid, most.memory) == (os.getppid(), 20_000_000_000)
    assert unknown == Holder(4194999, "viewer.exe", None)
    gpu = nvml.gpu("two")
    assert nvml.load(gpu) == 0.42
    assert nvml.gpu("three") is None
    monkeypatch.setattr("runtime.breakdowns.Nvml", lambda: nvml)
    for error in (torch.OutOfMemoryError(CUDA), torch.AcceleratorError("CUDA error: unspecified launch failure")):
        told = str(breakdown(error, job(graph, tmp_path)))
        assert f"(process {os.getppid()}, 20 GB) and viewer.exe (process 4194999) besides." in told
    wrong_value = torch.AcceleratorError("CUDA error: device-side assert triggered")
    assert "viewer" not in str(breakdown(wrong_value, job(graph, tmp_path)))


def test_that_a_computer_without_a_driver_tells_nothing_of_gpus():
    nvml = Nvml("no-such-library.so")
    assert nvml.gpu("two") is None
    assert nvml.other_holders() == ()


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the memory of a process is limited so on Linux")
def test_that_memory_that_ends_in_a_later_epoch_keeps_the_last_checkpoint_and_a_fresh_worker_goes_on(tmp_path):
    facts = pictures.facts(pictures.class_folders(tmp_path / "data"))
    layers = [("convolution", {"filters": 64}), "relu", "global_average_pooling"]
    wide = graphs.classifier(before=["normalise"], layers=layers, **{**facts, "size": [96, 96]})
    run = create_run(make_job(wide, tmp_path / "run", batch=16, epochs=3, device="cpu"))
    import resource

    with worker(run.folder) as (process, lines):
        for text in lines:
            if '"checkpoint"' in text:
                resource.prlimit(process.pid, resource.RLIMIT_AS, (2**20, 2**20))
    (last, _) = run.events()[-1]
    assert isinstance(last, Failed), last
    assert last.code == "out_of_memory", last
    state, _ = load_checkpoint(run.folder / "checkpoints", "last")
    assert state.facts["epoch"] >= 1
    kept = f"The last checkpoint is kept (epoch {state.facts['epoch']}); resume the run when more is free"
    assert kept in last.message
    assert "use a batch of" in last.message
    again = create_run(replace(run.job, resume=True))
    assert run_worker(again.job) == 0
    assert [event.epoch for event, _ in again.events() if isinstance(event, Epoch)] == [1, 2, 3]


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
