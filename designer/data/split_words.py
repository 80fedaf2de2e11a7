"""Of a drawing that reads several folders: where the cases of one go when those of the leading one are shared out."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from runtime.analysis import Analysis
from runtime.attach import sources_in_use
from runtime.leading import drawn_apart, lead_of


def beside_others(analysis: Analysis, source: str) -> str:
    """A sentence on the part that a source has in the split; "" where it is the only one."""
    others = [one for one in sources_in_use(analysis.graph) if one != source]
    if source not in analysis.graph.nodes or not others:
        return ""
    lead, apart, name = lead_of(analysis), drawn_apart(analysis), analysis.title(source)
    if source in apart:
        return _tr("Cases of “%s” are drawn independently: they are shared out by themselves, in the same way.") % name
    matched = [one for one in others if one not in apart]
    if source == lead:
        partners = ", ".join(f"“{analysis.title(one)}”" for one in matched)
        unused = _tr(" A case without a partner in %s is not used.") % partners if matched else ""
        return _tr("“%s” leads: its cases are shared out here.%s") % (name, unused)
    says = _tr("“%s” leads: a case of “%s” goes where its partner there goes, and is not used without one. ")
    return says % (analysis.title(lead), name) + _tr("Counted here are all cases of this folder.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("SplitPanel", text)
