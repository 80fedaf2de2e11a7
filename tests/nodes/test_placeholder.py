"""A placeholder keeps what a file of another program had, and says that something must be put in its place."""

from nodes.placeholder import Placeholder
from runtime.analysis import analyse
from runtime.document import Document
from runtime.files import load_graph, save_graph
from tests.builders import graphs


def drawn() -> Document:
    document = Document()
    with document.edit("Draw"):
        source = graphs.add(document, ("input", {"shape": (1, 8, 8)}))
        settings = {"original": "FFT", "kept": "SignalNDim=2", "instead": "Remove it: images stay images here."}
        stands = graphs.add(document, (Placeholder.id, {"name": "FFT", **settings}))
        graphs.wire(document, source, stands, input="given")
        graphs.wire(document, stands, graphs.add(document, "output"))
    return document


def test_that_a_placeholder_is_one_error_that_names_the_layer_and_what_to_put_there():
    (problem,) = analyse(drawn().graph()).errors
    assert problem.code == "placeholder"
    assert "“FFT”" in problem.message
    assert problem.message.endswith("Remove it: images stay images here.")


def test_that_a_placeholder_without_wires_is_one_error_too():
    document = Document()
    with document.edit("Draw"):
        document.add(Placeholder.id, "Data")
    (problem,) = analyse(document.graph()).errors
    assert problem.code == "placeholder"


def test_that_a_placeholder_survives_a_file(tmp_path):
    graph = drawn().graph()
    save_graph(graph, tmp_path / "kept.netloom")
    assert load_graph(tmp_path / "kept.netloom").graph == graph
