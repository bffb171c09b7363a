"""What a checkpoint of fairseq-signals holds, small and drawn at random."""

import torch


def fairseq(width=128, depth=2, inner=64, stem=8, reach=6, labels=None, old_weight_norm=False):
    """A state dict with the names and shapes of fairseq-signals, drawn at random."""
    norm = ("weight_g", "weight_v") if old_weight_norm else [f"parametrizations.weight.original{i}" for i in (0, 1)]
    shapes = {
        "feature_extractor.conv_layers.0.0.weight": (stem, 12, 2),
        **{f"feature_extractor.conv_layers.{i}.0.weight": (stem, stem, 2) for i in (1, 2, 3)},
        **{f"feature_extractor.conv_layers.0.2.{kind}": (stem,) for kind in ("weight", "bias")},
        **{f"layer_norm.{kind}": (stem,) for kind in ("weight", "bias")},
        "post_extract_proj.weight": (width, stem), "post_extract_proj.bias": (width,),
        "conv_pos.pos_conv.0.bias": (width,),
        f"conv_pos.pos_conv.0.{norm[0]}": (1, 1, reach),
        f"conv_pos.pos_conv.0.{norm[1]}": (width, width // 16, reach),
        **{f"encoder.layer_norm.{kind}": (width,) for kind in ("weight", "bias")},
    }  # fmt: skip
    for i in range(depth):
        layer = f"encoder.layers.{i}"
        for part in "qkv":
            shapes |= {f"{layer}.self_attn.{part}_proj.weight": (width, width)}
            shapes |= {f"{layer}.self_attn.{part}_proj.bias": (width,)}
        shapes |= {f"{layer}.self_attn.out_proj.weight": (width, width), f"{layer}.self_attn.out_proj.bias": (width,)}
        shapes |= {f"{layer}.fc1.weight": (inner, width), f"{layer}.fc1.bias": (inner,)}
        shapes |= {f"{layer}.fc2.weight": (width, inner), f"{layer}.fc2.bias": (width,)}
        for part in ("self_attn_layer_norm", "final_layer_norm"):
            shapes |= {f"{layer}.{part}.weight": (width,), f"{layer}.{part}.bias": (width,)}
    if labels is None:
        shapes |= {"mask_emb": (width,), "quantizer.vars": (1, 4, 2), "quantizer.weight_proj.weight": (4, stem)}
        shapes |= {"project_q.weight": (4, 4), "final_proj.bias": (4,)}
    else:
        shapes = {f"encoder.{name}": shape for name, shape in shapes.items()}
        shapes |= {"proj.weight": (labels, width), "proj.bias": (labels,)}
    generator = torch.Generator().manual_seed(4)
    return {name: 0.3 * torch.randn(shape, generator=generator) for name, shape in shapes.items()}
