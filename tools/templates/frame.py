"""What stands around the networks: the images and their preparation before, loss, metrics and optimizer behind."""

from __future__ import annotations

from runtime.graph import Json, Training

from .board import Board, End, Layer
from .layers import Number

CLASSES = 1000
"""The answers of a template before data are attached: those of ImageNet, for which the papers count."""


def images(board: Board, size: Number, *, fit: str = "stretch", augmented: bool = True) -> tuple[End, End]:
    """The source, and its images in this size with mean 0 and spread 1; augmented while training."""
    source = board.main.add(Layer("image_folder", "Images"))
    prepared = board.main.chain(
        source,
        Layer("resize", settings={"size": size, "fit": fit}),
        Layer("normalise", settings={"method": "per image (mean 0, spread 1)"}),
    )
    return source, board.main.add(Layer("augment"), prepared) if augmented else prepared


def judged_as_classes(board: Board, source: End, scores: End, optimizer: Layer, training: Training) -> None:
    """Cross-entropy, accuracy and AUC, an output, and the optimizer of the loss."""
    _judged(board, scores, source.at("class"), ("cross_entropy", "accuracy", "auc"), optimizer, training)


def judged_as_grades(board: Board, source: End, scores: End, optimizer: Layer, training: Training) -> None:
    """Cross-entropy, accuracy and weighted kappa, an output, and the optimizer of the loss."""
    _judged(board, scores, source.at("class"), ("cross_entropy", "accuracy", "weighted_kappa"), optimizer, training)


def judged_as_labels(board: Board, source: End, scores: End, optimizer: Layer, training: Training) -> None:
    """Cross-entropy, accuracy and AUC of each of several labels, an output, and the optimizer of the loss."""
    _judged(board, scores, source.at("labels"), ("binary_cross_entropy", "accuracy", "auc"), optimizer, training)


def judged_as_numbers(board: Board, source: End, answer: End, optimizer: Layer, training: Training) -> None:
    """Squared error, mean absolute error, an output, and the optimizer of the loss."""
    _judged(board, answer, source.at("number"), ("squared_error", "mean_absolute_error"), optimizer, training)


def judged_as_masks(
    board: Board, source: End, scores: End, optimizer: Layer, training: Training, *, answer: str = ""
) -> None:
    """Dice with cross-entropy, Dice, an output, and the optimizer of the loss."""
    _judged(board, scores, source.at("mask"), ("dice_cross_entropy", "dice_score"), optimizer, training, answer)


def judged_as_images(board: Board, image: End, rebuilt: End, optimizer: Layer, training: Training) -> None:
    """Squared and absolute distance from an image, an output, and the optimizer of the loss."""
    _judged(board, rebuilt, image, ("squared_error", "mean_absolute_error"), optimizer, training)


def judged_by_likeness(board: Board, image: End, better: End, optimizer: Layer, training: Training) -> None:
    """Squared distance from an image, PSNR and SSIM, an output, and the optimizer of the loss."""
    _judged(board, better, image, ("squared_error", "psnr", "ssim"), optimizer, training)


def _judged(
    board: Board,
    scores: End,
    target: End,
    judges: tuple[str, ...],
    optimizer: Layer,
    training: Training,
    answer: str = "",
) -> None:
    loss, *metrics = judges
    judged = board.main.add(Layer(loss), scores, target)
    for metric in metrics:
        board.main.add(Layer(metric), scores, target)
    board.main.add(Layer("output", answer), scores)
    board.main.add(optimizer, judged)
    board.train_with(training)


def adam(rate: float = 1e-3) -> Layer:
    """Adam whose rate falls as a cosine."""
    return Layer("adam", settings={"rate": rate, "schedule": "cosine"})


def adamw(rate: float, warm_up: int = 0, decay: float = 0.05) -> Layer:
    """AdamW whose rate rises for some epochs and then falls as a cosine."""
    settings: dict[str, Json] = {"rate": rate, "schedule": "cosine"}
    if warm_up:
        settings["warm_up"] = warm_up
    return Layer("adamw", settings={**settings, "weight_decay": decay})
