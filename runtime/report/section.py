"""A section of the report: its facts go into the card as they are, and into the template of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Section:
    """`facts` are what JSON can hold. The page shows them with resources/report/KEY.html. `pictures` are addresses of
    data, on the page alone.
    """

    key: str
    title: str
    facts: Mapping[str, Any]
    pictures: Mapping[str, str] = field(default_factory=dict)
