"""Attention, unpooling and channels, compared with what PyTorch has of the same."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from runtime.modules.attention import PositionEmbedding, SelfAttention
from runtime.modules.channels import ChannelNorm, shuffled
from runtime.modules.unpooling import MaxUnpooling


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
    pools = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)
    unpools = (functional.max_unpool1d, functional.max_unpool2d, functional.max_unpool3d)
    small, positions = pools[axes - 1](before, 2, return_indices=True)
    image = torch.randn_like(small)
    wanted = unpools[axes - 1](image, positions, 2, output_size=before.shape)
    torch.testing.assert_close(MaxUnpooling((2,) * axes)(image, before), wanted)


def test_that_shuffled_channels_are_those_of_torch():
    image = torch.randn(2, 6, 4, 4)
    for groups in (1, 2, 3):
        torch.testing.assert_close(shuffled(image, groups), functional.channel_shuffle(image, groups))


def test_that_channels_are_normalised_at_each_pixel_by_themselves():
    answer = ChannelNorm(5)(torch.randn(2, 5, 3, 3) * 7 + 2)
    torch.testing.assert_close(answer.mean(1), torch.zeros(2, 3, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(answer.var(1, correction=0), torch.ones(2, 3, 3), atol=1e-3, rtol=0)
