"""The Design workspace: palette, canvas and inspector side by side."""
