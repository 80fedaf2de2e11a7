"""Vision transformer as torchvision (`torchvision/models/vision_transformer.py`, `vit_b_16`) and timm
(`timm/models/vision_transformer.py`, `vit_base_patch16_224`) name its layers.

Both judge a class patch that is put before the others; ours judges the mean of all patches, so that patch and its place
are left out.
"""

from __future__ import annotations

from functools import partial

from runtime.weights.namings.naming import FROM_MINUS_ONE, Naming, renamed

_TIMM = ((r"^patch_embed$", "patch_embed.proj"), (r"\.mlp_fc(\d)$", r".mlp.fc\1"))
_TORCHVISION = (
    (r"^patch_embed$", "conv_proj"), (r"^pos_embed$", "encoder.pos_embedding"), (r"^norm$", "encoder.ln"),
    (r"^head$", "heads.head"), (r"^blocks\.(\d+)\.", r"encoder.layers.encoder_layer_\1."),
    (r"\.norm(\d)$", r".ln_\1"), (r"\.attn\.qkv$", ".self_attention.in_proj"),
    (r"\.attn\.proj$", ".self_attention.out_proj"), (r"\.mlp_fc1$", ".mlp.0"), (r"\.mlp_fc2$", ".mlp.3"),
)  # fmt: skip
_CLASS_PATCH = (
    "There a class patch is judged, and here the mean of all patches, so that answers are not those of that network "
    "before the layers have learned on."
)


NAMINGS = (
    Naming(
        "torchvision's vision transformer", partial(renamed, rules=_TORCHVISION), not_used=("class_token",),
        without=_CLASS_PATCH,
    ),
    Naming("timm's vision transformer", partial(renamed, rules=_TIMM), FROM_MINUS_ONE, ("cls_token",), _CLASS_PATCH),
)  # fmt: skip
