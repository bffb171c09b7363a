"""Networks that came as ONNX from elsewhere: made trainable in torch, or used as a frozen trunk with a new head."""

from backend.ml.foreign.network import ForeignFacts, ForeignNetwork, FrozenTrunk, describe, load

__all__ = ["ForeignFacts", "ForeignNetwork", "FrozenTrunk", "describe", "load"]
