"""The functions that merge branches give the values they promise."""

import pytest
import torch

from runtime.modules import merge

A, B = torch.tensor([[1.0, 5.0]]), torch.tensor([[3.0, -2.0]])


@pytest.mark.parametrize(
    ("function", "values"),
    [
        (merge.add, [4.0, 3.0]),
        (merge.multiply, [3.0, -10.0]),
        (merge.average, [2.0, 1.5]),
        (merge.maximum, [3.0, 5.0]),
        (merge.minimum, [1.0, -2.0]),
    ],
)
def test_that_branches_are_merged_value_by_value(function, values):
    assert function([A, B]).tolist() == [values]
    assert torch.equal(function([A]), A)


def test_that_the_inputs_stay_as_they_are():
    merge.add([A, B, A])
    assert A.tolist() == [[1.0, 5.0]]
