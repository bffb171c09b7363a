"""The networks one can train: `register` lists them without torch, one paper a file builds them."""

from backend.ml.architectures.register import ARCHITECTURES, RECOMMENDED, Architecture, Option, architecture

__all__ = ["ARCHITECTURES", "RECOMMENDED", "Architecture", "Option", "architecture"]
