"""Files of other programs, opened in the window."""
