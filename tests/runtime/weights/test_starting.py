"""A training may begin with the weights of another run or a file; what fits is told, and nothing else is run."""

import pickle
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from runtime.checkpoint import State, save_checkpoint
from runtime.errors import RunError
from runtime.events import Epoch, Warned
from runtime.files import load_graph, save_graph
from runtime.train import train
from runtime.weights.reading import read_weights
from runtime.weights.starting import Start, matched
from tests.builders import graphs, pictures


def network(filters=4, classes=2):
    """A small network of two named layers."""
    return nn.ModuleDict({"conv": nn.Conv2d(1, filters, 3), "head": nn.Linear(filters, classes)})


def take_over(new, tensors, where, **how):
    """Put tensors into a network; the report."""
    start = Start(matched(new, tensors, where, **how), tensors, ())
    start.put(new)
    return start.report


def test_that_all_of_a_run_of_the_same_network_is_taken(tmp_path):
    old, new = network(), network()
    save_checkpoint(tmp_path / "checkpoints", "best", State({f"network.{k}": v for k, v in old.state_dict().items()}))
    report = take_over(new, read_weights(tmp_path), "run 1")
    assert [row.layer for row in report.loaded] == ["conv", "head"]
    assert (report.new, report.unused, report.naming) == ((), (), "")
    assert all(torch.equal(old.state_dict()[name], value) for name, value in new.state_dict().items())
    assert report.sentences() == ("2 of 2 layers begin with the weights of run 1.",)


@pytest.mark.parametrize(
    ("rate", "frozen", "told"),
    [(1.0, 0, None), (0.1, 0, "These layers learn at 0.1 × the learning rate."),
     (1.0, 1, "These layers stay as they are in the first epoch, and then learn."),
     (0.1, 2, "These layers stay as they are for the first 2 epochs, and then learn at 0.1 × the learning rate."),
     (0.0, 2, "These layers stay as they are in the whole training; only new ones learn.")],
)  # fmt: skip
def test_that_the_report_says_how_the_loaded_layers_learn(rate, frozen, told):
    report = take_over(network(), network().state_dict(), "run 1")
    sentences = replace(report, rate=rate, frozen=frozen).sentences()
    assert sentences[1:] == ((told,) if told else ())


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth"])
def test_that_what_does_not_fit_is_told_and_left_at_random(tmp_path, name):
    old, new = network(classes=5), network(classes=2)
    before = new["head"].weight.clone()
    given = {**old.state_dict(), "extra": torch.zeros(3)}
    if name.endswith("pth"):
        torch.save({"state_dict": {f"module.{k}": v for k, v in given.items()}}, tmp_path / name)
    else:
        save_file(given, tmp_path / name)
    report = take_over(new, read_weights(tmp_path / name), name)
    assert [row.layer for row in report.loaded] == ["conv"]
    assert [(row.layer, row.how, row.why) for row in report.new] == [
        ("head", "shape", "5×4 in the file, 2×4 here")
    ]
    assert report.unused == ("module.extra" if name.endswith("pth") else "extra",)
    assert torch.equal(new["conv"].weight, old["conv"].weight)
    assert torch.equal(new["head"].weight, before)
    told = " ".join(report.sentences())
    assert "extra" in told
    assert "so new: “head” (5×4 in the file, 2×4 here)" in told


def test_that_weights_of_another_network_are_refused_with_the_names_of_both(tmp_path):
    with pytest.raises(RunError, match=r"None of the 1 tensors.*conv, head.*there is other"):
        take_over(network(), {"other.weight": torch.zeros(2)}, "a file")


def test_that_the_same_network_in_another_size_is_called_so():
    with pytest.raises(RunError, match=r"conv \(8×1×3×3 in the file, 4×1×3×3 here\).*another size: set its arguments"):
        take_over(network(), network(filters=8).state_dict(), "a file")


class Evil:
    """What runs a command when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (self.mark, "w"))


def test_that_a_pickle_that_would_run_something_runs_nothing_and_is_refused(tmp_path):
    mark = tmp_path / "ran"
    torch.save({"state_dict": {"conv.weight": torch.zeros(1), "evil": Evil(str(mark))}}, tmp_path / "w.pth")
    with pytest.raises(RunError, match="more than tensors"):
        read_weights(tmp_path / "w.pth")
    assert not mark.exists()


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps([1, 2])])
@pytest.mark.parametrize("ending", [".pth", ".safetensors"])
def test_that_a_file_that_holds_no_weights_is_refused_in_one_sentence(tmp_path, content, ending):
    path = tmp_path / f"w{ending}"
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"^w\.\w+ ") as caught:
        read_weights(path)
    assert "\n" not in str(caught.value)


def test_that_a_place_without_weights_is_named(tmp_path):
    with pytest.raises(RunError, match=r"no weights at .*nothing\.pth"):
        read_weights(tmp_path / "nothing.pth")
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(RunError, match="no file of weights"):
        read_weights(tmp_path / "x.txt")


def test_that_a_project_keeps_where_its_weights_come_from_relative_to_itself(tmp_path):
    graph = graphs.classifier()
    place = str(tmp_path / "runs" / "one")
    save_graph(replace(graph, training=replace(graph.training, weights_from=place)), tmp_path / "a.netloom")
    assert '"weights_from": "runs/one"' in (tmp_path / "a.netloom").read_text()
    assert load_graph(tmp_path / "a.netloom").graph.training.weights_from == place


def test_that_a_training_begins_where_another_run_ended_and_lists_what_it_took(tmp_path):
    data = pictures.class_folders(tmp_path / "data")
    graph = graphs.classifier(before=["normalise"], layers=graphs.LAYERS, **pictures.facts(data))
    events = {}
    for name, more in (("first", {}), ("second", {"weights_from": str(tmp_path / "first")})):
        run = pictures.new_run(graph, tmp_path / name, epochs=3, batch=8, device="cpu", more=more)
        events[name] = list(train(run.job))
    losses = {
        name: [event.metrics["train_loss"] for event in told if isinstance(event, Epoch)]
        for name, told in events.items()
    }
    assert losses["second"][0] < losses["first"][1]
    said = [event.message for event in events["second"] if isinstance(event, Warned)]
    assert any("layers begin with the weights of first" in text for text in said)
