"""The start page's parts: templates with a picture of each, recent projects, what is new to try."""
