"""Names and shapes of the tensors in the state dicts of torchvision and timm, from how these networks are built."""

from __future__ import annotations

from collections.abc import Iterator

Entries = Iterator[tuple[str, tuple[int, ...]]]


def _conv(name: str, out: int, into: int, kernel: int, bias: bool = False) -> Entries:
    yield f"{name}.weight", (out, into, kernel, kernel)
    if bias:
        yield f"{name}.bias", (out,)


def _norm(name: str, maps: int) -> Entries:
    for leaf in ("weight", "bias", "running_mean", "running_var"):
        yield f"{name}.{leaf}", (maps,)
    yield f"{name}.num_batches_tracked", ()


def _dense(name: str, out: int, into: int) -> Entries:
    yield f"{name}.weight", (out, into)
    yield f"{name}.bias", (out,)


def resnet(depths: tuple[int, ...], bottleneck: bool = False, classes: int = 1000) -> Entries:
    """torchvision's and timm's ResNet."""
    yield from (*_conv("conv1", 64, 3, 7), *_norm("bn1", 64))
    maps, wider = 64, 4 if bottleneck else 1
    for stage, depth in enumerate(depths):
        width = 64 * 2**stage
        for unit in range(depth):
            name = f"layer{stage + 1}.{unit}"
            kernels = ((1, width), (3, width), (1, 4 * width)) if bottleneck else ((3, width), (3, width))
            into = maps
            for place, (kernel, out) in enumerate(kernels, start=1):
                yield from (*_conv(f"{name}.conv{place}", out, into, kernel), *_norm(f"{name}.bn{place}", out))
                into = out
            if unit == 0 and maps != wider * width:
                yield from _conv(f"{name}.downsample.0", wider * width, maps, 1)
                yield from _norm(f"{name}.downsample.1", wider * width)
            maps = wider * width
    yield from _dense("fc", classes, maps)


def vgg(depths: tuple[int, ...], normalised: bool = False, timm: bool = False, classes: int = 1000) -> Entries:
    """torchvision's and timm's VGG: places of a sequence in which activations and poolings are counted."""
    place, into = 0, 3
    for stage, depth in enumerate(depths):
        out = (64, 128, 256, 512, 512)[stage]
        for _ in range(depth):
            yield from _conv(f"features.{place}", out, into, 3, bias=True)
            if normalised:
                yield from _norm(f"features.{place + 1}", out)
            place, into = place + (3 if normalised else 2), out
        place += 1
    if timm:
        yield from _conv("pre_logits.fc1", 4096, 512, 7, bias=True)
        yield from _conv("pre_logits.fc2", 4096, 4096, 1, bias=True)
        yield from _dense("head.fc", classes, 4096)
        return
    for place, (into, out) in {0: (25088, 4096), 3: (4096, 4096), 6: (4096, classes)}.items():
        yield from _dense(f"classifier.{place}", out, into)


def densenet(depths: tuple[int, ...] = (6, 12, 24, 16), older: bool = False, classes: int = 1000) -> Entries:
    """torchvision's DenseNet-121; the files it offers have a dot before the number of a layer."""
    dot = "." if older else ""
    yield from (*_conv("features.conv0", 64, 3, 7), *_norm("features.norm0", 64))
    maps = 64
    for block, depth in enumerate(depths, start=1):
        for layer in range(1, depth + 1):
            name = f"features.denseblock{block}.denselayer{layer}"
            yield from (*_norm(f"{name}.norm{dot}1", maps), *_conv(f"{name}.conv{dot}1", 128, maps, 1))
            yield from (*_norm(f"{name}.norm{dot}2", 128), *_conv(f"{name}.conv{dot}2", 32, 128, 3))
            maps += 32
        if block < len(depths):
            yield from _norm(f"features.transition{block}.norm", maps)
            yield from _conv(f"features.transition{block}.conv", maps // 2, maps, 1)
            maps //= 2
    yield from (*_norm("features.norm5", maps), *_dense("classifier", classes, maps))


_INVERTED = ((1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1))
"""Expansion, maps and units of each stage of MobileNetV2."""


def mobilenet(timm: bool = False, classes: int = 1000) -> Entries:
    """MobileNetV2: torchvision numbers units in one row, timm stages and units."""
    stem, end = (("conv_stem", "bn1"), ("conv_head", "bn2")) if timm else (
        ("features.0.0", "features.0.1"), ("features.18.0", "features.18.1"))  # fmt: skip
    yield from (*_conv(stem[0], 32, 3, 3), *_norm(stem[1], 32))
    maps, place = 32, 1
    for stage, (wider, out, units) in enumerate(_INVERTED):
        for unit in range(units):
            name = f"blocks.{stage}.{unit}" if timm else f"features.{place}.conv"
            yield from _inverted(name, maps, wider, out, timm)
            maps, place = out, place + 1
    yield from (*_conv(end[0], 1280, 320, 1), *_norm(end[1], 1280))
    yield from _dense("classifier" if timm else "classifier.1", classes, 1280)


def _inverted(name: str, maps: int, wider: int, out: int, timm: bool) -> Entries:
    inside = maps * wider
    if wider == 1:
        names = ("conv_dw", "bn1", "conv_pw", "bn2") if timm else ("0.0", "0.1", "1", "2")
    else:
        names = ("conv_dw", "bn2", "conv_pwl", "bn3") if timm else ("1.0", "1.1", "2", "3")
        expand, norm = ("conv_pw", "bn1") if timm else ("0.0", "0.1")
        yield from (*_conv(f"{name}.{expand}", inside, maps, 1), *_norm(f"{name}.{norm}", inside))
    yield from (*_conv(f"{name}.{names[0]}", inside, 1, 3), *_norm(f"{name}.{names[1]}", inside))
    yield from (*_conv(f"{name}.{names[2]}", out, inside, 1), *_norm(f"{name}.{names[3]}", out))


def alexnet(classes: int = 1000) -> Entries:
    """torchvision's AlexNet."""
    chain = {0: (64, 3, 11), 3: (192, 64, 5), 6: (384, 192, 3), 8: (256, 384, 3), 10: (256, 256, 3)}
    for place, (out, into, kernel) in chain.items():
        yield from _conv(f"features.{place}", out, into, kernel, bias=True)
    for place, (into, out) in {1: (9216, 4096), 4: (4096, 4096), 6: (4096, classes)}.items():
        yield from _dense(f"classifier.{place}", out, into)


def squeezenet(classes: int = 1000) -> Entries:
    """torchvision's SqueezeNet 1.1."""
    yield from _conv("features.0", 64, 3, 3, bias=True)
    maps = 64
    squeezed = {3: 16, 4: 16, 6: 32, 7: 32, 9: 48, 10: 48, 11: 64, 12: 64}
    for place, few in squeezed.items():
        name = f"features.{place}"
        yield from _conv(f"{name}.squeeze", few, maps, 1, bias=True)
        yield from _conv(f"{name}.expand1x1", 4 * few, few, 1, bias=True)
        yield from _conv(f"{name}.expand3x3", 4 * few, few, 3, bias=True)
        maps = 8 * few
    yield from _conv("classifier.1", classes, maps, 1, bias=True)


_INCEPTIONS = {
    "3a": (192, 64, 96, 128, 16, 32, 32), "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64), "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64), "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128), "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}  # fmt: skip


def googlenet(classes: int = 1000) -> Entries:
    """torchvision's GoogLeNet as its file has it: with both auxiliary heads."""
    for name, out, into, kernel in (("conv1", 64, 3, 7), ("conv2", 64, 64, 1), ("conv3", 192, 64, 3)):
        yield from _basic(name, out, into, kernel)
    for block, (into, one, before, three, before_far, far, pooled) in _INCEPTIONS.items():
        name = f"inception{block}"
        yield from _basic(f"{name}.branch1", one, into, 1)
        yield from (*_basic(f"{name}.branch2.0", before, into, 1), *_basic(f"{name}.branch2.1", three, before, 3))
        yield from (*_basic(f"{name}.branch3.0", before_far, into, 1), *_basic(f"{name}.branch3.1", far, before_far, 3))
        yield from _basic(f"{name}.branch4.1", pooled, into, 1)
    for name, into in (("aux1", 512), ("aux2", 528)):
        yield from _basic(f"{name}.conv", 128, into, 1)
        yield from (*_dense(f"{name}.fc1", 1024, 2048), *_dense(f"{name}.fc2", classes, 1024))
    yield from _dense("fc", classes, 1024)


def _basic(name: str, out: int, into: int, kernel: int) -> Entries:
    yield from (*_conv(f"{name}.conv", out, into, kernel), *_norm(f"{name}.bn", out))


def shufflenet(classes: int = 1000) -> Entries:
    """torchvision's ShuffleNetV2 ×1.0."""
    yield from (*_conv("conv1.0", 24, 3, 3), *_norm("conv1.1", 24))
    into = 24
    for stage, (out, units) in enumerate(((116, 4), (232, 8), (464, 4)), start=2):
        half = out // 2
        for unit in range(units):
            name = f"stage{stage}.{unit}"
            if unit == 0:
                yield from (*_conv(f"{name}.branch1.0", into, 1, 3), *_norm(f"{name}.branch1.1", into))
                yield from (*_conv(f"{name}.branch1.2", half, into, 1), *_norm(f"{name}.branch1.3", half))
            enters = into if unit == 0 else half
            yield from (*_conv(f"{name}.branch2.0", half, enters, 1), *_norm(f"{name}.branch2.1", half))
            yield from (*_conv(f"{name}.branch2.3", half, 1, 3), *_norm(f"{name}.branch2.4", half))
            yield from (*_conv(f"{name}.branch2.5", half, half, 1), *_norm(f"{name}.branch2.6", half))
        into = out
    yield from (*_conv("conv5.0", 1024, 464, 1), *_norm("conv5.1", 1024), *_dense("fc", classes, 1024))


def transformer(width: int, timm: bool = False, depth: int = 12, classes: int = 1000) -> Entries:
    """torchvision's and timm's vision transformer on 224×224 pixels in patches of 16×16."""
    yield "cls_token" if timm else "class_token", (1, 1, width)
    yield "pos_embed" if timm else "encoder.pos_embedding", (1, 197, width)
    yield from _conv("patch_embed.proj" if timm else "conv_proj", width, 3, 16, bias=True)
    names = ("norm1", "attn.qkv.", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2") if timm else (
        "ln_1", "self_attention.in_proj_", "self_attention.out_proj", "ln_2", "mlp.0", "mlp.3")  # fmt: skip
    first, looks, seen, second, wide, narrow = names
    for unit in range(depth):
        stem = f"blocks.{unit}" if timm else f"encoder.layers.encoder_layer_{unit}"
        yield from (*_scale(f"{stem}.{first}", width), *_scale(f"{stem}.{second}", width))
        yield from ((f"{stem}.{looks}weight", (3 * width, width)), (f"{stem}.{looks}bias", (3 * width,)))
        yield from _dense(f"{stem}.{seen}", width, width)
        yield from (*_dense(f"{stem}.{wide}", 4 * width, width), *_dense(f"{stem}.{narrow}", width, 4 * width))
    yield from _scale("norm" if timm else "encoder.ln", width)
    yield from _dense("head" if timm else "heads.head", classes, width)


def _scale(name: str, width: int) -> Entries:
    yield from ((f"{name}.weight", (width,)), (f"{name}.bias", (width,)))
