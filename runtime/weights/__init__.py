"""Weights that a training begins with: read from a run or a file, matched with the drawing, told, and put in."""
