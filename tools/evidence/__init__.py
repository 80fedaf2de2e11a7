"""What every template was seen to do: trained for real, measured, exported, and written down in docs/templates.md."""
