"""Opening what other programs made: their files become drawings of this one, with weights where they have them."""
