"""Attention, unpooling and channels, compared with what PyTorch has of the same."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from runtime.modules.attention import PositionEmbedding, SelfAttention
from runtime.modules.channels import ChannelNorm, shuffled
from runtime.modules.unpooling import MaxUnpooling

MAXIMA = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)


def test_that_self_attention_is_that_of_torch_with_the_same_weights():
    ours, theirs = SelfAttention(12, 3), nn.MultiheadAttention(12, 3, batch_first=True)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    image = torch.randn(2, 12, 3, 5)
    places = image.flatten(2).transpose(1, 2)
    wanted, _ = theirs(places, places, places)
    torch.testing.assert_close(ours(image), wanted.transpose(1, 2).reshape(2, 12, 3, 5))


def test_that_self_attention_alone_does_not_see_where_a_place_lies():
    attention, image = SelfAttention(8, 2), torch.randn(1, 8, 6)
    order = torch.randperm(6)
    torch.testing.assert_close(attention(image[:, :, order]), attention(image)[:, :, order])


def test_that_a_position_embedding_marks_places_and_refuses_an_image_of_another_size():
    marks = PositionEmbedding((4, 3, 3))
    assert marks(torch.zeros(1, 4, 3, 3)).unique().numel() > 9
    with pytest.raises(ValueError, match="cannot mark"):
        marks(torch.zeros(1, 4, 3, 1))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_that_unpooling_is_that_of_torch_by_the_positions_of_the_pooling(axes):
    before = torch.randn(2, 3, *(4, 6, 5)[:axes])
    unpools = (functional.max_unpool1d, functional.max_unpool2d, functional.max_unpool3d)
    small, positions = MAXIMA[axes - 1](before, 2, return_indices=True)
    image = torch.randn_like(small)
    wanted = unpools[axes - 1](image, positions, 2, output_size=before.shape)
    torch.testing.assert_close(MaxUnpooling((2,) * axes)(image, before), wanted)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_that_a_window_whose_strongest_stands_out_is_unpooled_alike_with_and_without_sharing(axes):
    """The values are apart by more than a hundredth of their mean strength. What is beside the windows stays 0."""
    size = (4, 7, 5)[:axes]
    before = torch.stack([torch.randperm(math.prod(size)) for _ in range(6)]).reshape(2, 3, *size).float() / 100
    image = torch.randn_like(MAXIMA[axes - 1](before, 2))
    torch.testing.assert_close(MaxUnpooling((2,) * axes, 0.01)(image, before), MaxUnpooling((2,) * axes)(image, before))


def test_that_equals_share_a_value_and_a_window_without_any_shares_it_evenly():
    before = torch.tensor([[3.0, 1, 0, 0], [3, 0, 0, 0]])[None, None]
    answer = MaxUnpooling((2, 2), 0.01)(torch.tensor([8.0, 4])[None, None, None], before)
    assert answer.tolist() == [[[[4, 0, 1, 1], [4, 0, 1, 1]]]]


def test_that_the_last_digit_decides_nothing_where_neighbours_share():
    before, image = torch.ones(1, 1, 2, 2), torch.ones(1, 1, 1, 1)
    other = before * torch.tensor([[1 - 1e-6, 1 - 2e-6], [1, 1 + 1e-6]])
    shared, alone = MaxUnpooling((2, 2), 0.01), MaxUnpooling((2, 2))
    assert (alone(image, before) - alone(image, other)).abs().max() == 1
    assert (shared(image, before) - shared(image, other)).abs().max() < 1e-3


def test_that_each_case_of_a_batch_is_unpooled_as_it_is_alone():
    before, image = torch.rand(2, 3, 4, 4) * torch.tensor([1.0, 100]).reshape(2, 1, 1, 1), torch.rand(2, 3, 2, 2)
    unpool = MaxUnpooling((2, 2), 0.5)
    alone = torch.cat([unpool(image[at : at + 1], before[at : at + 1]) for at in range(2)])
    torch.testing.assert_close(unpool(image, before), alone)


def test_that_unpooling_is_learned_through_what_is_laid_and_never_through_the_places():
    before, image = torch.rand(1, 2, 4, 4, requires_grad=True), torch.rand(1, 2, 2, 2, requires_grad=True)
    MaxUnpooling((2, 2), 0.5)(image, before).square().sum().backward()
    assert before.grad is None
    assert image.grad is not None
    assert image.grad.abs().min() > 0


def test_that_unpooling_refuses_what_no_pooling_made():
    with pytest.raises(ValueError, match=r"pooling gives \(3, 2, 2\)"):
        MaxUnpooling((2, 2), 0.01)(torch.zeros(1, 3, 2, 3), torch.zeros(1, 3, 4, 4))


def test_that_shuffled_channels_are_those_of_torch():
    image = torch.randn(2, 6, 4, 4)
    for groups in (1, 2, 3):
        torch.testing.assert_close(shuffled(image, groups), functional.channel_shuffle(image, groups))


def test_that_channels_are_normalised_at_each_pixel_by_themselves():
    answer = ChannelNorm(5)(torch.randn(2, 5, 3, 3) * 7 + 2)
    torch.testing.assert_close(answer.mean(1), torch.zeros(2, 3, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(answer.var(1, correction=0), torch.ones(2, 3, 3), atol=1e-3, rtol=0)
