"""Networks for signals such as an ECG: convolutions along time, and the same before a recurrent layer."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, End, Layer, Plan
from .frame import adamw, judged_as_classes
from .layers import conv, dense, max_pool, mean, norm, relu, times

_STEPS = ((16, 15), (32, 9), (48, 7), (64, 5))
"""Filters and kernel of each convolution; each halves the signal, and a pooling after it halves it again."""


def _features(board: Board, poolings: int) -> tuple[End, End]:
    """The source, and what the convolutions find in its signals."""
    board.main.arguments(
        width=(_STEPS[0][0], "Maps of the first convolution; those behind it have up to four times as many.")
    )
    source = board.main.add(Layer("signals", "ECG"))
    end = board.main.chain(source, Layer("normalise", settings={"method": "per channel (mean 0, spread 1)"}))
    for place, (filters, kernel) in enumerate(_STEPS, start=1):
        end = board.main.chain(
            end, conv(f"conv{place}", times(filters, _STEPS[0][0]), kernel, 2), norm(f"norm{place}"),
            relu(f"relu{place}")
        )  # fmt: skip
        if place <= poolings:
            end = board.main.chain(end, max_pool(f"pool{place}"))
    return source, end


def _convolutions(board: Board) -> None:
    source, end = _features(board, 3)
    scores = board.main.chain(end, mean(""), Layer("dropout", settings={"rate": 0.2}), dense("", 3))
    judged_as_classes(board, source, scores, adamw(2e-3, decay=0.01), Training(epochs=30, batch=16))


def _recurrent(board: Board) -> None:
    source, end = _features(board, 2)
    scores = board.main.chain(
        end, Layer("lstm", settings={"units": times(32, _STEPS[0][0]), "both": True, "gives": "every step"}), mean(""),
        Layer("dropout", settings={"rate": 0.2}), dense("", 3),
    )  # fmt: skip
    judged_as_classes(board, source, scores, adamw(2e-3, decay=0.01), Training(epochs=30, batch=16))


TEMPLATES = (
    Plan(
        name="ecg", draw=_convolutions, title="ECG (1-D convolutions)", task="classification",
        purpose="Tells heart rhythms, or other signals over time, apart.",
        says="Four convolutions that slide along time and see all leads at once, for signals such as a 12-lead ECG of "
        "ten seconds. Quick to train, and a good first try for any signal with a class or a number each.",
        tags=("classification", "regression", "1-D"),
        idea="A convolution along time finds a shape, such as a wide QRS complex, wherever it comes. Each lead is "
        "brought to mean 0 and spread 1 first, so that tall and flat recordings count alike. Steps of 2 and "
        "poolings widen what a later convolution sees to several beats: that is where rhythm shows. The mean "
        "over time makes the answer the same wherever in the recording the sign is.",
        paper="Wang Z, Yan W, Oates T. Time series classification from scratch with deep neural networks: a strong "
        "baseline. IJCNN 2017. On ECGs: Hannun AY, Rajpurkar P, et al. Nature Medicine 2019;25:65–69.",
        link="https://doi.org/10.1109/IJCNN.2017.7966039",
        next=(
            "Choose a few leads in the source (I, II, V1): does the network need all twelve?",
            "Set the sampling rate of the source to 100 Hz: five times less to compute; what is lost?",
            "Compare with the template that ends in an LSTM; set the argument width to 32 when rhythms are mixed up.",
        ),
    ),
    Plan(
        name="ecg-lstm", draw=_recurrent, title="ECG (convolutions and LSTM)", task="classification",
        purpose="Reads a signal from beat to beat, in order.",
        says="Four convolutions shorten the signal, then a recurrent layer (LSTM) reads it step by step in both "
        "directions. For signals in which order and distance in time decide, such as an irregular rhythm.",
        tags=("classification", "regression", "1-D"),
        idea="The mean over time forgets when something was. A recurrent layer reads what the convolutions found one "
        "step after the other and keeps a memory, so it can compare one beat with the next; what it says at each step "
        "is averaged. It has to be given few steps: over thousands it learns slowly and forgets, so the convolutions "
        "shorten the signal first.",
        paper="Zihlmann M, Perekrestenko D, Tschannen M. Convolutional recurrent neural networks for electrocardiogram "
        "classification. Computing in Cardiology 2017. LSTM: Hochreiter S, Schmidhuber J. Neural Computation 1997.",
        link="https://doi.org/10.22489/CinC.2017.070-060",
        next=(
            "Put a GRU in the place of the LSTM, or set the argument width to 8: fewer trained numbers, often as good.",
            "Compare its run with that of the template without a recurrent layer, by the patient.",
            "Let the LSTM give every step, and put Global average pooling behind it.",
        ),
    ),
)  # fmt: skip
