"""The picture of the idea behind a template: marks on a small sheet, one in a line, which the window paints.

A line is `kind role numbers | text`, such as `maps convolution 20 30 8 60 | 64@112`: the role is the category of node
whose colour it has, or "text", "muted", "accent", "good"; the numbers are places on a sheet of `SHEET`, from its upper
left corner; the text is written into the mark or below it.
"""

from __future__ import annotations

from dataclasses import dataclass

SHEET = (320, 150)
"""Width and height of the sheet that the numbers of marks are places on."""

KINDS: dict[str, int] = {
    "maps": 4,  # x y width height: maps seen from the side, as wide as they are many; text “maps@side”
    "list": 4,  # x y width height: a list of numbers, as of a dense layer; text: how many
    "stack": 5,  # x y side side count: some maps seen from the front, one behind the other; text “maps@side”
    "box": 4,  # x y width height: a step with its name
    "frame": 4,  # x y width height: an outline, such as a box around a finding or a window
    "grid": 6,  # x y width height columns rows
    "scan": 4,  # x y width height: a slice of a head; text: head, lesion, other, noise, coarse or mask
    "bars": 4,  # x y width height: lengths from 0 to 1 as a list in the text, such as probabilities
    "text": 2,  # x y of the middle
    "left": 2,  # x y where it begins
    "sign": 2,  # x y of the middle of a circle with a sign in it
    "dot": 3,  # x y radius
    "line": 4,  # x y x y …
    "dashed": 4,  # x y x y …
    "arrow": 4,  # x y x y …
    "curve": 4,  # x y x y …: a smooth line through all of them
    "arc": 5,  # x y x y bend: an arrow that leaves the straight way so far, upwards where it is less than 0
}
"""How many numbers each kind has; lines may have more."""
_OPEN = ("line", "dashed", "arrow", "curve")
_MARK = " | "


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a picture."""

    kind: str
    role: str
    at: tuple[float, ...]
    text: str = ""


def read_mark(line: str) -> Mark:
    """The mark that a line tells of. Raises ValueError, in words, for a line that tells of none."""
    words, _, text = line.partition(_MARK)
    kind, role, *numbers = [*words.split(), "", ""] if len(words.split()) < 2 else words.split()
    try:
        at = tuple(float(number) for number in numbers if number)
    except ValueError:
        raise ValueError(f"“{line}” has places that are no numbers.") from None
    wanted = KINDS.get(kind)
    if wanted is None:
        raise ValueError(f"“{line}” begins with no kind of mark; {', '.join(KINDS)} fit.")
    if len(at) != wanted and not (kind in _OPEN and len(at) > wanted and len(at) % 2 == 0):
        raise ValueError(f"“{line}” has {len(at)} places; {kind} takes {wanted}.")
    return Mark(kind, role, at, text)


def written(mark: Mark) -> str:
    """The line of a mark."""
    words = " ".join([mark.kind, mark.role, *(f"{number:.4g}" for number in mark.at)])
    return f"{words}{_MARK}{mark.text}" if mark.text else words
