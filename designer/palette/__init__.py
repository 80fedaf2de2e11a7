"""The list of node types to draw from."""
