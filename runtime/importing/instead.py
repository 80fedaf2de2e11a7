"""What to put in the place of layers that have no counterpart here, by their type."""

from __future__ import annotations

from collections.abc import Mapping

OTHERWISE = "Put nodes that do the same in its place, or remove it."

ADVICE: Mapping[str, str] = {
    "Delay": "Put a Recurrent layer, LSTM or GRU in the place of the whole loop.",
    "RecurrentInput": "Put a Recurrent layer, LSTM or GRU in the place of the whole loop.",
    "RecurrentOutput": "Put a Recurrent layer, LSTM or GRU in the place of the whole loop.",
    "Slice": "Put Crop in its place for the middle of an image, or Part of the channels for channels.",
    "Pad": "Put Pad in its place, with the same border on both sides.",
    "Div2": "Put Function of each value (power −1) before a Multiply in its place.",
    "Sum": "Put Global average pooling and Scale and offset in its place.",
    "Mean": "Put Global average pooling in its place.",
    "Max": "Put Global max pooling in its place.",
    "OneHot": "Wire the class itself: Cross-entropy takes it as it is.",
    "Parameter": "Put Constant in its place for a fixed value.",
    "MulBatch": "Remove it: each batch is treated alike here.",
    "ImageAugmentation": "Put Augment in its place, with the changes that you want.",
    "RandomCrop": "Put Augment in its place, with the crop that you want.",
    "AveragePooling": "Put Average pooling in its place, on an image of a size that its windows fill.",
}
