"""Which nodes layer-wise relevance propagation can explain (Bach et al. 2015, doi 10.1371/journal.pone.0130140).

Linear nodes share relevance among their inputs by what each contributed (the epsilon rule of captum); nodes that act on
each value by itself hand it through. Others have no rule that keeps the sum of relevance, and are refused.
"""

from __future__ import annotations

from runtime.analysis import Analysis
from runtime.errors import NodeFailure
from runtime.plan import Plan

_NN = "torch.nn."
_ACTIVATIONS = (
    "ReLU", "ReLU6", "LeakyReLU", "PReLU", "ELU", "CELU", "SELU", "GELU", "SiLU", "Mish", "Hardswish", "Sigmoid",
    "LogSigmoid", "Hardsigmoid", "Tanh", "Hardtanh", "Tanhshrink", "Softplus", "Softsign", "Dropout", "Dropout1d",
    "Dropout2d", "Dropout3d", "AlphaDropout",
)  # fmt: skip
_PREPARATIONS = ("Window", "Scale", "Standardise", "StandardiseEach", "StandardiseChannels")
_ELEMENTWISE = frozenset(
    (*(f"{_NN}{name}" for name in _ACTIVATIONS), *(f"runtime.modules.prepare.{name}" for name in _PREPARATIONS))
)
_AXES = ("Conv", "ConvTranspose", "MaxPool", "AvgPool", "AdaptiveAvgPool", "BatchNorm", "ReflectionPad",
         "ReplicationPad", "CircularPad", "ConstantPad", "ZeroPad")  # fmt: skip
_SHARED = frozenset(f"{_NN}{name}{axes}d" for name in _AXES for axes in (1, 2, 3)) | frozenset((
    f"{_NN}Linear", f"{_NN}Flatten", f"{_NN}Upsample", f"{_NN}PixelShuffle", "torch.mean", "torch.amax", "torch.cat",
    "torch.sub", "torch.reshape", "torch.permute", "runtime.modules.merge.add", "runtime.modules.merge.average",
    "runtime.modules.merge.maximum", "runtime.modules.merge.minimum", "runtime.modules.fit.Fit",
    "runtime.modules.prepare.Grey",
))  # fmt: skip


def elementwise_nodes(analysis: Analysis, plan: Plan) -> frozenset[str]:
    """The nodes through which relevance passes unchanged. Raises NodeFailure for a node that has no rule."""
    for work in plan.work:
        if work.call.target not in _ELEMENTWISE | _SHARED:
            raise NodeFailure(
                f"Relevance cannot be handed back through “{analysis.title(work.node)}”: there is no rule for such a "
                "layer that keeps its sum. Choose Grad-CAM, occlusion or gradients for this network.",
                work.node,
            )
    return frozenset(work.node for work in plan.work if work.call.target in _ELEMENTWISE)
