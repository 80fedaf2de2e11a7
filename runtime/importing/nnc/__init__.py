"""Neural Network Console: projects as its editor saves them."""
