"""Cross-validation: a queue of runs, so that each case is judged once by a network that has not seen it."""
