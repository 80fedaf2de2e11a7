"""Preparation of pixel values."""

import onnxruntime
import pytest
import torch

from nodes.preparation import WINDOWS, Normalise, Window
from runtime.compile import build
from runtime.modules import prepare
from runtime.modules.sources import Constant, Noise


def test_that_a_window_maps_its_ends_to_0_and_1_and_clips_the_rest():
    values = torch.tensor([-2000.0, -160.0, 40.0, 240.0, 3000.0])
    assert torch.equal(prepare.Window(40, 400)(values), torch.tensor([0.0, 0.0, 0.5, 1.0, 1.0]))


@pytest.mark.parametrize("preset", WINDOWS)
def test_that_each_preset_is_used_instead_of_the_numbers_given(preset):
    call = Window(preset=preset, centre=1.0, width=2.0).call((1, 8, 8))
    assert (call.arguments["centre"], call.arguments["width"]) == WINDOWS[preset]
    assert build(call)(torch.tensor(float(WINDOWS[preset][0]))) == 0.5


def test_that_a_range_becomes_0_to_1():
    call = Normalise(method="range to 0–1", low=-1000.0, high=1000.0).call((1, 8, 8))
    assert torch.equal(build(call)(torch.tensor([-1000.0, 0.0, 1500.0])), torch.tensor([0.0, 0.5, 1.25]))


def test_that_mean_and_spread_are_taken_channel_by_channel():
    call = Normalise(method="mean and spread given", mean=(1.0, 2.0), spread=(2.0, 4.0)).call((2, 3, 3))
    image = torch.stack([torch.full((3, 3), 3.0), torch.full((3, 3), 10.0)])[None]
    found = build(call)(image)
    assert torch.all(found[0, 0] == 1)
    assert torch.all(found[0, 1] == 2)


@pytest.mark.parametrize("shape", [(3, 1, 50), (3, 2, 9, 11), (3, 1, 5, 6, 7)])
@pytest.mark.parametrize("offset", [0.0, -1000.0, 60000.0])
def test_that_each_image_gets_mean_0_and_spread_1(shape, offset):
    image = torch.randn(shape) * torch.tensor([5.0, 50.0, 500.0]).view(-1, *[1] * (len(shape) - 1)) + offset
    found = prepare.StandardiseEach()(image).flatten(1)
    torch.testing.assert_close(found.mean(1), torch.zeros(3), atol=5e-3, rtol=0)
    torch.testing.assert_close(found.std(1, correction=0), torch.ones(3), atol=1e-3, rtol=0)


@pytest.mark.parametrize("value", [0.0, -1024.0, 0.1, 65535.0])
def test_that_a_flat_image_becomes_0_and_not_noise(value):
    assert torch.all(prepare.StandardiseEach()(torch.full((2, 1, 37, 41), value)) == 0)


def test_that_grey_weighs_the_colours_as_the_eye_does():
    image = torch.eye(3).view(3, 3, 1, 1) * 100
    torch.testing.assert_close(prepare.Grey()(image).flatten(), torch.tensor([29.9, 58.7, 11.4]))
    assert prepare.Grey()(torch.rand(2, 3, 4, 5, 6)).shape == (2, 1, 4, 5, 6)


def test_that_constant_and_noise_follow_the_batch_beside_them():
    like = torch.zeros(5, 1, 4, 4)
    assert torch.equal(Constant((2, 3), 0.9)(like), torch.full((5, 2, 3), 0.9))
    drawn = Noise((4000,))(like)
    assert drawn.shape == (5, 4000)
    assert abs(float(drawn.mean())) < 0.1
    assert not torch.equal(drawn, Noise((4000,))(like))


@pytest.mark.slow
@pytest.mark.parametrize(
    "module",
    [
        prepare.Window(40, 400),
        prepare.Scale(0, 255),
        prepare.Standardise((1.0, 2.0, 3.0), (1.0, 2.0, 3.0)),
        prepare.StandardiseEach(),
        prepare.Grey(),
    ],
    ids=lambda module: type(module).__name__,
)
def test_that_every_preparation_is_the_same_in_the_exported_file_at_every_size(module, tmp_path):
    free = torch.export.Dim
    shapes = ({0: free("batch"), 2: free("rows"), 3: free("columns")},)
    program = torch.onnx.export(
        module.eval(), (torch.zeros(2, 3, 50, 60),), dynamo=True, dynamic_shapes=shapes, verbose=False
    )
    program.save(tmp_path / "prepare.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "prepare.onnx")
    for shape in [(1, 3, 50, 60), (2, 3, 7, 90), (3, 3, 128, 33)]:
        image = torch.randn(shape) * 300 + 40
        (found,) = session.run(None, {session.get_inputs()[0].name: image.numpy()})
        torch.testing.assert_close(torch.from_numpy(found), module(image), atol=1e-4, rtol=1e-4)
