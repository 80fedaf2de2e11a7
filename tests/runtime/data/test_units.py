"""The name of a column tells the unit of its numbers, where it has one."""

import pytest

from runtime.data.labels import read_dataset
from runtime.data.units import unit_of
from tests.builders import pictures


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("volume_ml", "ml"), ("Age [years]", "years"), ("radius (mm)", "mm"), ("dose Gy", "Gy"), ("age-yrs", "years"),
        ("EF (%)", "%"), ("EF %", "%"), ("mean_HU", "HU"), ("ratio (a.u.)", "a.u."), ("label", ""), ("mm", ""),
        ("visit (2)", ""), ("value (as read by two observers)", ""), ("length_m", "m"), ("", ""),
    ],
)  # fmt: skip
def test_that_a_unit_is_told_only_where_it_is_one(column, unit):
    assert unit_of(column) == unit


def test_that_a_folder_with_a_table_of_numbers_learns_their_unit(tmp_path):
    folder = pictures.numbered(tmp_path / "data", 8)
    assert read_dataset(folder).unit == ""
    table = folder / "radius.csv"
    table.write_text(table.read_text().replace("path,label", "path,radius_mm"))
    assert read_dataset(folder, "radius.csv:radius_mm").unit == "mm"
    assert pictures.facts(folder, "radius.csv:radius_mm")["found_unit"] == "mm"
