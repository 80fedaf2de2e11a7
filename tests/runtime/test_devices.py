"""Which devices a training names: read, refused where they mean nothing or are not here, listed."""

from dataclasses import replace

import pytest

from runtime.devices import FoundDevice, device_faults, found_in, gpus_named, gpus_of, missing, record_of
from runtime.errors import RunError
from runtime.files import load_graph, save_graph
from runtime.job import load_job, make_job, save_job
from runtime.training_values import read_training
from tests.builders import graphs
from tests.runtime.command import answer, done, netloom, refused

CPU = FoundDevice("cpu", "CPU, 2 cores", 8 * 10**9)
ONE = (CPU, FoundDevice("cuda:0", "NVIDIA H100", 80 * 10**9))
TWO = (*ONE, FoundDevice("cuda:1", "NVIDIA H100", 80 * 10**9))


def test_that_gpus_are_named_by_number():
    assert gpus_of("cuda:0,cuda:2") == gpus_of("cuda:0, cuda:2") == (0, 2)
    assert [gpus_of(text) for text in ("auto", "cpu", "cuda", "cuda:", "cuda:01", "cuda:0,cpu")] == [()] * 6
    assert gpus_of(gpus_named([3, 1])) == (3, 1)


@pytest.mark.parametrize(
    ("device", "processes", "said"),
    [
        ("cuda:x", 1, "one of auto, cpu, cuda fits"),
        ("cuda:0,cuda:0", 2, "one of auto, cpu, cuda fits"),
        ("cpu", 0, "from 1 to 64"),
        ("cpu", 65, "from 1 to 64"),
        ("cuda:0,cuda:1", 3, "names 2 of the GPUs"),
    ],
)
def test_that_a_choice_that_means_nothing_is_told(device, processes, said):
    (fault,) = device_faults(device, processes)
    assert said in fault


def test_that_devices_that_are_here_are_not_missed():
    for device, processes in (("auto", 1), ("auto", 2), ("cpu", 3), ("cuda", 2), ("cuda:1", 1), ("cuda:0,cuda:1", 2)):
        assert not list(device_faults(device, processes))
        assert not missing(device, processes, TWO)
    assert not missing("auto", 2, (CPU,))


@pytest.mark.parametrize(
    ("device", "processes", "found", "said"),
    [
        ("cuda:0,cuda:1", 2, ONE, "name cuda:1, but this computer has cuda:0 (NVIDIA H100)"),
        ("cuda:0,cuda:1", 2, (CPU,), "name cuda:0 and cuda:1, but this computer has no GPU that can be used"),
        ("cuda", 1, (CPU,), "has none that can be used"),
        ("auto", 2, ONE, "2 processes are to share the training, but this computer has 1 for them"),
    ],
)
def test_that_devices_that_are_not_here_are_named_with_a_remedy(device, processes, found, said):
    lack = missing(device, processes, found)
    assert said in lack
    assert "Tick" in lack or "--device cpu" in lack


def test_that_a_device_is_read_as_it_was_printed():
    assert found_in(record_of(ONE[1])) == ONE[1]
    with pytest.raises(ValueError, match="no device"):
        found_in({"device": 3})


def test_that_the_choice_is_kept_in_the_project_and_in_the_job(tmp_path):
    graph = graphs.classifier()
    several = replace(graph, training=replace(graph.training, device="cuda:0,cuda:1", processes=2))
    save_graph(several, tmp_path / "p.netloom")
    assert load_graph(tmp_path / "p.netloom").graph.training == several.training
    job = make_job(graph, tmp_path / "run", device="cuda:1,cuda:3")
    assert job.training.processes == 2
    (tmp_path / "run").mkdir()
    save_job(job)
    assert load_job(tmp_path / "run").training == job.training
    with pytest.raises(RunError, match="names 2 of the GPUs"):
        make_job(graph, tmp_path / "run", device="cuda:1,cuda:3", more={"processes": 3})
    assert read_training({"device": "cuda:5"}).device == "cuda:5"


def test_that_the_number_of_processes_stays_when_a_run_is_resumed(tmp_path):
    graph = graphs.classifier()
    job = make_job(graph, tmp_path / "run", more={"processes": 2})
    (tmp_path / "run").mkdir()
    save_job(job)
    assert make_job(graph, job.folder, resume=True).training.processes == 2
    with pytest.raises(RunError, match="begun with the processes 2"):
        make_job(graph, job.folder, resume=True, more={"processes": 3})


@pytest.mark.slow
def test_that_the_command_lists_what_is_here():
    told = answer("devices")
    assert told["devices"][0]["device"] == "cpu"
    assert told["devices"][0]["memory_bytes"] > 10**8
    assert "cpu" in done("devices").stdout


def test_that_a_project_for_gpus_that_are_not_here_is_refused_before_it_starts(project, tmp_path):
    run = tmp_path / "run"
    said = refused("train", project, "--run", run, "--device", "cuda:98,cuda:99")
    assert "name cuda:98 and cuda:99, but this computer has" in said
    assert "Tick a device that is here" in said
    assert not run.exists()
    ran = netloom("train", project, "--device", "tpu")
    assert ran.returncode == 2
    assert "GPUs by number such as cuda:0,cuda:1" in " ".join(ran.stderr.replace("│", " ").split())


@pytest.mark.slow
def test_that_the_batch_command_tells_each_size_and_the_one_that_suits(project):
    import json

    lines = [json.loads(text) for text in done("batch", project, "--device", "cpu", "--lines").stdout.splitlines()]
    *tried, found = lines
    assert [one["tried"] for one in tried] == [2 * 2**place for place in range(len(tried))]
    assert found["batch"] in {one["tried"] for one in tried}
    assert f"A batch of {found['batch']} was chosen" in found["message"]
