"""A fault inside a block is listed once, with the uses that have it."""

from runtime.analysis import analyse
from runtime.document import Document
from runtime.graph import Wire
from runtime.grouping import group
from runtime.listing import by_fault, described
from tests.builders import graphs


def faulty(uses: int) -> Document:
    """Uses of a block whose convolution has a kernel that is no number, one under the other."""
    document = Document()
    with document.edit("Draw"):
        start = graphs.add(document, ("input", {"shape": (3, 8, 8)}))
        inner = document.add("convolution", "Convolution", (0.0, 40.0), {"filters": "many"})
        end = document.add("output", "Output", (0.0, 80.0))
        for source, output, target, port in ((start, "image", inner, "image"), (inner, "out", end, "prediction")):
            document.connect(Wire(source, output, target, port))
        use = group(document, [inner], "Unit")
        for _ in range(uses - 1):
            document.add(document.nodes[use].type, "Unit", (400.0, 40.0))
    return document


def test_that_a_fault_of_a_block_used_five_times_is_one_row_that_names_the_uses() -> None:
    analysis = analyse(faulty(5).graph())
    found = [problem for problem in analysis.problems if problem.field == "filters"]
    assert len(found) == 5
    ((problem, nodes),) = by_fault(found).items()
    assert len(nodes) == 5
    text = described(problem, analysis, nodes)
    assert text.startswith("Convolution (in Unit, Unit 2, Unit 3 and 2 more): ")


def test_that_a_fault_of_a_block_used_twice_or_once_is_told_with_its_place() -> None:
    for uses, start in ((1, "Unit / Convolution: "), (2, "Convolution (in Unit and Unit 2): ")):
        analysis = analyse(faulty(uses).graph())
        found = [problem for problem in analysis.problems if problem.field == "filters"]
        ((problem, nodes),) = by_fault(found).items()
        assert described(problem, analysis, nodes).startswith(start)
