"""Looking inside a trained run: maps of what an answer rests on, feature maps, a scatter of cases, shortcuts."""
