"""Which cases of a data set are shown as small pictures."""

from runtime.cli.survey_pictures import chosen, pictures
from runtime.data.catalogue import Sample
from runtime.data.labels import read_dataset
from runtime.data.scan import scan
from tests.builders.pictures import masked


def samples(**classes: int) -> list[Sample]:
    return [
        Sample(f"{name}/{number}.png", 0, 1, (8, 8), name, label=name)
        for name, count in classes.items()
        for number in range(count)
    ]


def labels(given: list[Sample], most: int) -> list[str | None]:
    return [given[index].label for index in chosen(given, most)]


def test_that_classes_take_turns():
    assert labels(samples(a=10, b=10, c=10), 6) == ["a", "b", "c", "a", "b", "c"]


def test_that_a_small_class_leaves_its_room_to_the_others():
    told = labels(samples(rare=2, common=100), 20)
    assert (told.count("rare"), told.count("common")) == (2, 18)
    assert told[:4] == ["rare", "common", "rare", "common"]


def test_that_the_cases_of_a_class_are_spread_over_all_of_it():
    assert chosen(samples(a=101), 3) == [0, 50, 100]
    assert chosen([], 5) == []


def test_that_a_mask_that_cannot_be_read_is_told_and_the_image_still_shown(tmp_path):
    folder = masked(tmp_path / "cases", 4)
    dataset = read_dataset(folder)
    assert dataset.samples[0].mask is not None
    (folder / dataset.samples[0].mask).write_bytes(b"no picture")
    records = list(pictures(dataset, scan(folder), tmp_path / "out", 10))
    assert [record["record"] for record in records].count("thumbnail") == 4
    (broken,) = [record for record in records if record["record"] == "unreadable"]
    assert broken["path"] == dataset.samples[0].mask
    assert broken["reason"]
