"""All families, in the order in which their templates are offered."""

from __future__ import annotations

from . import (
    alexnet,
    attention_unet,
    autoencoder,
    conditional,
    denoising,
    densenet,
    fcn,
    googlenet,
    image_classifier,
    lenet,
    mobilenet,
    resnet,
    segnet,
    shufflenet,
    squeezenet,
    super_resolution,
    transformer,
    unet,
    variational,
    vgg,
)
from .board import Plan

PLANS: tuple[Plan, ...] = (
    *image_classifier.TEMPLATES,
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
    *unet.TEMPLATES,
    *attention_unet.TEMPLATES,
    *segnet.TEMPLATES,
    *fcn.TEMPLATES,
    *autoencoder.TEMPLATES,
    *super_resolution.TEMPLATES,
    *denoising.TEMPLATES,
    *variational.TEMPLATES,
    *conditional.TEMPLATES,
)
