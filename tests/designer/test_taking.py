"""The Data page reads a folder in the form that the project's source asks for."""

import pytest

from designer.data.use import taking_of
from runtime.document import Document
from runtime.graph import Graph


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, []),
        ({"take": "volumes", "neighbours": 5}, ["--take", "volumes"]),
        ({"take": "neighbouring slices", "neighbours": 5}, ["--take", "neighbouring slices", "--neighbours", "5"]),
        ({"spacing": [3.0, 1.0, 1.0]}, ["--spacing", "3.0x1.0x1.0"]),
    ],
)
def test_that_the_form_of_the_source_becomes_words_for_the_survey(settings, words):
    document = Document(Graph())
    with document.edit("Add a source"):
        document.add("dicom_folder", settings=settings)
    assert taking_of(document) == words


def test_that_without_a_source_the_folder_is_read_as_found():
    assert taking_of(Document(Graph())) == []
