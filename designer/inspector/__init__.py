"""What is selected: its settings, what follows from them, and what is wrong."""
