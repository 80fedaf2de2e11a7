"""Recurrent layers read signals in the order of axes that all layers here have."""

import pytest
import torch

from runtime.modules.recurrent import GRU, LSTM, Elman


@pytest.mark.parametrize("kind", [Elman, GRU, LSTM])
def test_that_both_directions_end_where_each_has_read_the_whole_signal(kind):
    torch.manual_seed(0)
    every, last = kind(3, 4, last=False, both=True), kind(3, 4, last=True, both=True)
    last.load_state_dict(every.state_dict())
    signal = torch.rand(2, 3, 5)
    steps, end = every(signal), last(signal)
    assert steps.shape == (2, 8, 5)
    assert torch.equal(end, torch.cat([steps[:, :4, -1], steps[:, 4:, 0]], dim=1))
