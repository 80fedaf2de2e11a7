"""Draws the templates of resources/templates: python -m tools.templates writes them, with --check it compares.

Each family of networks is one file here, which says in `TEMPLATES` how its templates are drawn and
what is told of them.
"""
