"""What every node gives for a case, of finished and unfinished drawings, before and after training."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from nodes.roles import DataSource
from runtime.analysis import analyse
from runtime.cli.answering import answered
from runtime.cli.canvas_previews import LookServer
from runtime.errors import RunError
from runtime.files import save_graph
from runtime.looking.boxed import boxes_of
from runtime.looking.previews import SIDE, look, picture_of
from runtime.looking.record import read_record
from runtime.looking.walk import Left
from runtime.modules.boxes import CLASSES, NOTHING, SCORE
from runtime.trained import load_trained
from tests.builders import graphs
from tests.builders.detection import detector, framed_folder


def by_id(record):
    return {facts["id"]: facts for facts in record.facts["nodes"]}


def test_that_every_node_that_an_image_reaches_has_a_picture(discs):
    trained = load_trained(discs)
    record = look(trained.analysis, 3, trained.network)
    reached = [node for node in trained.analysis.order if trained.analysis.facts[node].shape is not None]
    assert [facts["id"] for facts in record.facts["nodes"]] == reached
    assert record.arrays["pictures"].shape == (len(reached), SIDE, SIDE)
    assert record.arrays["pictures"].dtype == np.uint8
    assert by_id(record)["dense-1"]["shape"] == [2]
    assert by_id(record)["image_folder-1"]["trained"] is None
    assert by_id(record)["dense-1"]["trained"] is True


def test_that_the_weights_before_training_are_others_and_called_so(discs):
    trained = load_trained(discs)
    before, after = look(trained.analysis, 3), look(trained.analysis, 3, trained.network)
    assert by_id(before)["dense-1"]["trained"] is False
    assert by_id(before)["convolution-1"]["high"] != by_id(after)["convolution-1"]["high"]
    again = look(trained.analysis, 3)
    assert np.array_equal(again.arrays["pictures"], before.arrays["pictures"])


def test_that_a_layer_that_was_changed_is_not_called_learned_nor_what_follows_it(discs):
    trained = load_trained(discs)
    node = trained.graph.nodes["convolution-2"]
    wider = replace(node, settings={**node.settings, "filters": 9})
    changed = analyse(replace(trained.graph, nodes={**trained.graph.nodes, "convolution-2": wider}))
    found = by_id(look(changed, 3, trained.network))
    assert found["convolution-1"]["trained"] is True
    assert found["convolution-2"]["trained"] is False
    assert found["convolution-2"]["shape"][0] == 9
    assert found["dense-1"]["trained"] is False


def test_that_an_unfinished_drawing_is_shown_as_far_as_it_goes(discs):
    graph = discs.job.graph
    gap = tuple(wire for wire in graph.wires if wire.target != "convolution-2")
    found = by_id(look(analyse(replace(graph, wires=gap)), 0))
    assert "max_pooling-1" in found
    assert "convolution-2" not in found


def test_that_a_drawing_without_a_folder_says_what_to_do():
    with pytest.raises(RunError, match="attach a folder to a source"):
        look(analyse(graphs.classifier(folder="", size=(), found_size=(), channels=0)), 0)


@pytest.mark.parametrize("shape", [(3,), (200,), (4, 30), (1, 20, 30), (3, 8, 8), (16, 5, 7), (2, 6, 9, 9)])
def test_that_outputs_of_every_shape_become_pictures(shape):
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    picture = picture_of(values)
    assert picture.shape == (SIDE, SIDE)
    assert picture.max() > 100
    assert picture_of(np.zeros(shape, np.float32)).shape == (SIDE, SIDE)
    assert picture_of(np.full(shape, np.nan, np.float32)).shape == (SIDE, SIDE)


def test_that_bars_point_up_and_down_from_zero():
    picture = picture_of(np.array([1.0, -1.0], np.float32))
    assert picture[5, 10] > 0
    assert picture[50, 10] == 0
    assert picture[5, 45] == 0
    assert picture[50, 45] > 0


def test_that_the_process_answers_each_request_and_keeps_the_case(discs, tmp_path):
    project = tmp_path / "drawn.netloom"
    save_graph(discs.job.graph, project)
    ask = {"project": str(project), "run": "", "case": 2}
    lines = [
        json.dumps({"id": 1, **ask}),
        json.dumps({"id": 2, **ask, "run": str(discs.folder)}),
        json.dumps({"id": 3, **ask, "project": str(tmp_path / "gone.netloom")}),
    ]
    first, second, third = answered(lines, LookServer(tmp_path).looked)
    before, after = (read_record(tmp_path / f"look-{number}.npz", "look") for number in (1, 2))
    assert first["file"].endswith("look-1.npz")
    assert second["id"] == 2
    assert before.facts["case"] == after.facts["case"]
    assert by_id(after)["dense-1"]["trained"] is True
    assert "gone.netloom" in third["error"]


def test_that_masks_and_their_networks_are_shown_too(masks):
    trained = load_trained(masks)
    assert by_id(look(trained.analysis, 0, trained.network))["convolution-2"]["shape"] == [2, 16, 16]


def test_that_a_box_list_is_drawn_as_boxes_on_the_image_in_the_size_of_the_network(tmp_path):
    analysis = analyse(detector(framed_folder(tmp_path, cases=4)))
    record = look(analysis, 0)
    listed = [place for place, facts in enumerate(record.facts["nodes"]) if facts["boxes"] is not None]
    assert [record.facts["nodes"][place]["id"] for place in listed] == ["anchor_boxes-1", "non_maximum_suppression-1"]
    source = next(iter(analysis.of_type(DataSource)))
    left = Left("non_maximum_suppression-1", "out", torch.zeros(1, 11, 3), False)
    left.tensor[0, :4] = torch.tensor([[4.0, 12.0, 20.0, 30.0], [24.0, 20.0, 40.0, 32.0], [0.0, 0.0, 9.0, 9.0]]).T
    left.tensor[0, SCORE] = torch.tensor([9.0, 9.0, NOTHING])
    left.tensor[0, CLASSES] = 9.0
    found = boxes_of(analysis, source, np.zeros((1, 32, 48), np.float32), left)
    assert found.image.shape == (48, 48)
    assert found.sides.tolist() == [[4.0, 12.0, 20.0, 30.0], [24.0, 20.0, 40.0, 32.0]]
    assert boxes_of(analysis, source, np.zeros((1, 32, 48), np.float32), replace(left, node="convolution-1")) is None
