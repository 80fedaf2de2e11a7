"""The arithmetic of the shape rules, in the words that users read."""

import math

import pytest

from nodes.activation import HardTanh
from nodes.convolution import Convolution, TransposedConvolution
from nodes.dense import Dense
from nodes.merge import Add, Concatenate, Multiply
from nodes.normalization import GroupNormalization, InstanceNormalization, LayerNormalization
from nodes.pooling import AveragePooling, MaxPooling, Upsample
from nodes.reshape import Crop, Permute, Reshape
from nodes.spec import HouseRule, Unfit


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 16, 31])
def test_that_padding_same_divides_the_size_by_the_stride_rounded_up(kernel, stride, size):
    node = Convolution(kernel=kernel, stride=stride)
    if stride == 1 and kernel % 2 == 0:
        with pytest.raises(Unfit, match="middle pixel"):
            node.infer((3, size, size))
        return
    assert node.infer((3, size, size)) == (16, math.ceil(size / stride), math.ceil(size / stride))


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("size", [1, 3, 8])
def test_that_a_transposed_convolution_with_stride_2_doubles_exactly(kernel, size):
    assert TransposedConvolution(kernel=kernel).infer((3, size, size)) == (16, 2 * size, 2 * size)


def test_that_one_node_serves_signals_images_and_volumes():
    targets = [Convolution().call((1, *[8] * count)).target for count in (1, 2, 3)]
    assert targets == ["torch.nn.Conv1d", "torch.nn.Conv2d", "torch.nn.Conv3d"]


@pytest.mark.parametrize(
    ("node", "inputs", "says"),
    [
        (
            Convolution(kernel=5, padding="valid"),
            [(1, 3, 3)],
            "A 5×5 window does not fit a 3×3 image; use a smaller window or padding 'same'.",
        ),
        (
            MaxPooling(kernel=3, dilation=2),
            [(1, 4, 4)],
            "A 3×3 window, spread over 5×5 pixels by its dilation, does not fit a 4×4 image; "
            "use a smaller window or padding 'same'.",
        ),
        (
            Convolution(filters=6, groups=4),
            [(4, 8, 8)],
            "6 filters cannot be shared out evenly to 4 groups; 1, 2, 3, 6 would fit.",
        ),
        (
            Convolution(kernel=(3, 3)),
            [(1, 8, 8, 8)],
            "The kernel 3×3 has 2 numbers, but the image has 3 axes; give one number, or 3.",
        ),
        (
            Reshape(shape=(4, -1)),
            [(9,)],
            "9 values (9) do not fill the shape 4×-1; use numbers whose product is 9, or −1 for one of them.",
        ),
        (
            Concatenate(),
            [((3, 8, 8), (3, 7, 7))],
            "3×8×8 and 3×7×7 cannot be joined: only the first number (the channels) may differ; "
            "bring both to one size with Crop, Pad, pooling or Upsample.",
        ),
        (
            HardTanh(lowest=1.0),
            [(3,)],
            "The lowest value 1 is not below the highest value 1; make the lowest smaller or the highest bigger.",
        ),
        (
            Permute(order=(1, 2)),
            [(3, 4, 5)],
            "The order is 1 2, and the image 3×4×5 has 3 axes; name each of 1 2 3 once.",
        ),
    ],
)
def test_that_a_refusal_says_what_came_what_fits_and_what_to_change(node, inputs, says):
    with pytest.raises(Unfit) as refused:
        node.infer(*inputs)
    assert str(refused.value) == says


@pytest.mark.parametrize(
    ("node", "inputs"),
    [
        (Dense(units=1_000_000), [(1_000_000,)]),
        (Upsample(factor=1024), [(16, 512, 512)]),
        (Convolution(kernel=4095, filters=65_536), [(64, 4096, 4096)]),
        (LayerNormalization(), [(64, 65_536, 4096)]),
    ],
)
def test_that_a_node_beyond_any_machine_is_refused_before_it_is_built(node, inputs):
    with pytest.raises(HouseRule, match="more than a machine can"):
        node.infer(*inputs)


@pytest.mark.parametrize("node", [LayerNormalization(), GroupNormalization(groups=3), InstanceNormalization()])
def test_that_a_single_value_is_not_normalised(node):
    with pytest.raises(Unfit, match=r"one (value|pixel)"):
        node.infer((1, 1, 1) if isinstance(node, LayerNormalization) else (3, 1, 1))


def test_that_channel_weights_multiply_an_image():
    assert Multiply().infer(((8, 1, 1), (8, 5, 6), (1, 5, 6))) == (8, 5, 6)
    with pytest.raises(HouseRule, match="Keep the axes"):
        Multiply().infer(((8,), (8, 5, 6)))


def test_that_a_sum_does_not_stretch_by_accident():
    with pytest.raises(HouseRule, match="8×5×6 and 8×1×1 came"):
        Add().infer(((8, 5, 6), (8, 1, 1)))


def test_that_a_crop_keeps_the_middle():
    assert Crop(size=2).call((1, 5, 6)).arguments["padding"] == (-2, -2, -1, -2)


def test_that_the_border_does_not_darken_the_edge_unless_asked():
    assert AveragePooling().call((1, 4, 4)).arguments["count_include_pad"] is False
