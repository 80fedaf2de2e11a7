"""Looking inside a trained network: what an answer rests on, what layers see, and what the data give away."""
