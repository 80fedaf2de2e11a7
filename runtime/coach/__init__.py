"""The coach: reads the course of a run as a teacher would, says why in one sentence, and offers what may help."""
