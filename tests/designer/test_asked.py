"""Which folders the window asks for, by what the model takes and what is wanted of it."""

from __future__ import annotations

from dataclasses import replace

from designer.delivery.asked import ways_of
from runtime.analysis import analyse
from runtime.delivery.contract import Contract, contract_of
from tests.builders.graphs import of_template
from tests.runtime.test_templates import dataset


def contract(template: str) -> Contract:
    return contract_of(analyse(of_template(template, dataset("class", ("no", "yes")))))


def test_that_of_a_cyclegan_each_direction_asks_for_its_own_folder():
    ways = ways_of(contract("cyclegan"))
    assert ways == {
        "“B from A”: a folder for “A” alone": ["A"],
        "“A from B”: a folder for “B” alone": ["B"],
        "Everything: a folder for each of “A”, “B”": ["A", "B"],
    }


def test_that_outputs_of_both_folders_and_those_of_older_files_ask_for_all():
    told = contract("cyclegan")
    old = replace(told, outputs=tuple(replace(output, needs=()) for output in told.outputs))
    assert [*ways_of(old).values()] == [["A", "B"]]


def test_that_a_model_of_one_kind_of_images_asks_for_a_folder_without_a_name():
    assert ways_of(contract("image-classifier")) == {"": [""]}
