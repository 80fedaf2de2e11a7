"""A case that the network cannot be judged on is found by trying the cases one by one, in a process of its own."""

import json

import numpy as np
import pytest
import torch

from runtime.analysis import analyse
from runtime.bad_cases import bad_case, may_be_a_case
from runtime.changed_files import changed_names
from runtime.data.cache_files import _checksum, read_body, write_body
from runtime.data.cache_place import default_cache_folder
from runtime.errors import RunError
from runtime.events import Failed, Started, Warned, line
from runtime.leading import lead_of
from runtime.material import decoded, read_data
from runtime.one_by_one import find, main
from runtime.worker import run_worker
from tests.builders import graphs, pictures

GUILTY = 7  # of the cases in path order


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run on masks of two classes, of which the cache holds one with a class that there is not."""
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path / "cache"))
    graph = graphs.segmenter(loss="cross_entropy", metrics=[], **pictures.facts(pictures.masked(tmp_path / "data")))
    analysis = analyse(graph)
    source = lead_of(analysis)
    assert list(decoded(analysis, source, read_data(analysis, source), lambda: False))  # the cache is filled
    return pictures.new_run(graph, tmp_path / "run", epochs=1, batch=4, device="cpu")


def spoil(*cases):
    """Give masks in the cache a class that there is not, with sums that fit, as a mistake of who wrote them would."""
    (said,) = default_cache_folder().glob("*.json")
    (file,) = default_cache_folder().rglob("*masks*")
    body = read_body(said)
    masks = np.memmap(file, body["masks"], "r+")
    each = len(masks) // body["images"][0]
    for case in cases:
        masks[case * each + each // 2] = 200
    masks.flush()
    write_body(said, {**body, "checksums": {**body["checksums"], "masks": _checksum(file)}}, ".part")


@pytest.mark.slow
def test_that_a_training_that_fails_at_one_case_names_its_number_and_keeps_its_name_for_the_user(run):
    spoil(GUILTY)
    assert run_worker(run.job) == 3
    told = [event for event, _ in run.events()]
    failed = told[-1]
    assert isinstance(failed, Failed)
    assert failed.code == "bad_case"
    names = changed_names(run.folder)
    assert names == (f"images/case{GUILTY:03}.png", f"masks/case{GUILTY:03}.png")
    assert f"failed at one case, file {GUILTY + 1}, counted" in failed.message
    assert "its mask holds the class number 200, where 0 to 1 are known" in failed.message
    assert any("one by one" in event.message for event in told if isinstance(event, Warned))
    written = "".join(path.read_text("utf-8", "replace") for path in run.folder.rglob("*") if path.is_file())
    assert not [name for name in names if name in written]


def begun(run):
    """The run as it is after a GPU stopped in its first epoch."""
    assert run_worker(run.job) == 0
    (run.folder / "events.jsonl").write_text(line(Started(1, 1, "cuda", 1), 0.0) + "\n", encoding="utf-8")
    return run


def test_that_a_run_whose_cases_are_all_sound_blames_none_and_so_does_one_where_all_fail(run, capsys):
    one = begun(run)
    assert find(one) is None
    spoil(*range(20))
    assert find(one) is None
    assert main([str(one.folder)]) == 0
    assert json.loads(capsys.readouterr().out) is None


@pytest.mark.slow
def test_that_the_cases_are_tried_on_the_processor_whatever_the_run_computed_on(run):
    one = begun(run)
    saved = json.loads((one.folder / "job.json").read_text(encoding="utf-8"))
    saved["training"]["device"] = "cuda"
    (one.folder / "job.json").write_text(json.dumps(saved), encoding="utf-8")
    spoil(0, GUILTY)
    found = find(one)
    assert found is not None
    assert found.number in ("file 1", f"file {GUILTY + 1}")
    assert "class number 200" in found.why
    (one.folder / "split.json").unlink()
    assert main([str(one.folder)]) == 1
    assert bad_case(one) is None


def test_that_a_request_to_stop_ends_the_search(run):
    run.ask_to_stop()
    assert bad_case(run) is None


@pytest.mark.parametrize(
    "error",
    [
        torch.AcceleratorError("CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously"),
        RunError("The GPU failed while it computed (device-side assert triggered). (process 2)"),
        IndexError("Target 5 is out of bounds."), RuntimeError("Class values must be smaller than num_classes."),
    ],
)  # fmt: skip
def test_that_wrong_values_are_known_by_what_torch_says(error):
    assert may_be_a_case(error)
    around = RunError("a node failed")
    around.__cause__ = error
    assert may_be_a_case(around)


@pytest.mark.parametrize("error", [RuntimeError("shapes"), MemoryError(), OSError("index out of range"), KeyError("a")])
def test_that_other_failures_do_not_start_a_search(error):
    assert not may_be_a_case(error)


def test_that_torch_still_says_so():
    for compute in (
        lambda: torch.nn.functional.cross_entropy(torch.zeros(1, 2), torch.tensor([5])),
        lambda: torch.nn.functional.one_hot(torch.tensor([5]), 2),
        lambda: torch.zeros(2).gather(0, torch.tensor([5])),
        lambda: torch.nn.functional.binary_cross_entropy(torch.tensor([2.0]), torch.tensor([1.0])),
    ):
        with pytest.raises((RuntimeError, IndexError)) as caught:
            compute()
        assert may_be_a_case(caught.value)
