"""Large numbers in words."""

import pytest

from runtime.amounts import memory, short, thousands


@pytest.mark.parametrize(
    ("count", "says"),
    [(0, "0"), (999, "999"), (1000, "1 k"), (18_874_368, "18.9 M"), (57_000_000, "57 M"), (999_960, "1 M"),
     (123_456_789, "123 M"), (4_100_000_000, "4.1 G")],
)  # fmt: skip
def test_that_a_count_is_short(count, says):
    assert short(count).replace("\u202f", " ") == says


@pytest.mark.parametrize(
    ("count", "says"),
    [(0, "0 B"), (299, "299 B"), (300, "0.3 kB"), (131_072, "131 kB"), (524_288, "0.5 MB"), (400_000_000, "0.4 GB")],
)
def test_that_a_size_is_short(count, says):
    assert memory(count).replace("\u202f", " ") == says


def test_that_thousands_stand_apart():
    assert thousands(26_146) == "26\u202f146"
