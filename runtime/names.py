"""Python names for nodes: attributes of the compiled network, keys of its weights, names in exported source."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Mapping
from itertools import count

from runtime.graph import Graph, Node

_LONGEST = 48
TOTAL = "loss"  # the name of the sum of all losses

# What a torch.nn.Module has already, and what Network and exported source use. A test compares the first with torch.
_MODULE = """
T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval
extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia
named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer
register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
register_state_dict_post_hook register_state_dict_pre_hook requires_grad requires_grad_ set_extra_state set_submodule
share_memory state_dict to to_empty train training type xpu zero_grad
"""
_OURS = """
analysis deployed_steps inputs load module_of names nn plan predict self torch
"""
RESERVED = frozenset((*keyword.kwlist, *keyword.softkwlist, *_MODULE.split(), *_OURS.split()))


def identifiers(graph: Graph) -> dict[str, str]:
    """For each node id a valid Python identifier made from the node's name, unique within the graph.

    What lies in a block is named behind the block, with dots, as modules are: “stage.0.convolution”. The names depend
    on the graph alone, so the weights of a frozen graph always find their places again.
    """
    uses = graph.opened.uses if graph.opened is not None else {}
    given: dict[str, str] = {}
    taken: dict[str, set[str]] = {}
    stems: dict[str, str] = {}  # each node that uses a block, whatever the number of its copies
    for path, use in uses.items():
        if use.base not in stems:
            stems[use.base] = _before(use.around, given) + _free(use.node, taken.setdefault(use.around, set()))
        given[path] = f"{stems[use.base]}.{use.copy}" if use.copies > 1 else stems[use.base]
    for node in graph.nodes.values():
        given[node.id] = _before(node.sheet, given) + _free(node, taken.setdefault(node.sheet, set()))
    return given


def _before(path: str, given: Mapping[str, str]) -> str:
    return f"{given[path]}." if path in given else ""


def _free(node: Node, taken: set[str]) -> str:
    stem = _identifier(node.name) or _identifier(node.type) or "node"
    free = stem not in taken and stem not in RESERVED
    name = stem if free else next(name for number in count(2) if (name := f"{stem}_{number}") not in taken)
    taken.add(name)
    return name


def measure_name(name: str, node_id: str) -> str:
    """What a loss or metric is called in results, by its identifier; "loss" alone is the sum of all losses."""
    return name if name != TOTAL else f"{name}_{node_id}"


def _identifier(name: str) -> str:
    """The name in lower case with "_" for what Python does not take; "" when nothing is left.

    Python reads identifiers in the form NFKC, so a name is given in that form from the start.
    """
    lowered = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower())
    kept = "".join(sign if f"a{sign}".isidentifier() else "_" for sign in lowered)
    stem = re.sub(r"_+", "_", kept).strip("_")[:_LONGEST].rstrip("_")
    if stem and not stem.isidentifier():
        stem = f"n_{stem}"
    return unicodedata.normalize("NFKC", stem)
