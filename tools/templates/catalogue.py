"""All families, in the order in which their templates are offered."""

from __future__ import annotations

from . import (
    alexnet,
    attention_unet,
    autoencoder,
    densenet,
    fcn,
    googlenet,
    lenet,
    mobilenet,
    resnet,
    segnet,
    shufflenet,
    squeezenet,
    transformer,
    vgg,
)
from .board import Plan

PLANS: tuple[Plan, ...] = (
    *lenet.TEMPLATES,
    *alexnet.TEMPLATES,
    *vgg.TEMPLATES,
    *googlenet.TEMPLATES,
    *resnet.TEMPLATES,
    *densenet.TEMPLATES,
    *squeezenet.TEMPLATES,
    *mobilenet.TEMPLATES,
    *shufflenet.TEMPLATES,
    *transformer.TEMPLATES,
    *attention_unet.TEMPLATES,
    *segnet.TEMPLATES,
    *fcn.TEMPLATES,
    *autoencoder.TEMPLATES,
)
