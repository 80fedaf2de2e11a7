"""The report of a run: one page for readers and one JSON card for programs, with the same facts. No torch."""
