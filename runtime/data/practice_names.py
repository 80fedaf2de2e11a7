"""What the practice data are called."""

from __future__ import annotations

from typing import Literal

PracticeName = Literal["t1-t2", "lesion", "size", "candidates", "ecg", "ecg-csv", "place", "findings", "grades"]
