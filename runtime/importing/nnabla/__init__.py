"""NNabla: networks as text or packages with their weights, as Neural Network Console leaves them behind a run."""
