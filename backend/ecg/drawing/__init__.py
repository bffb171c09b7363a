"""Drawing ECGs on paper, true to scale, without a browser: for files, reports and the printer."""

from backend.ecg.drawing.files import FORMATS
from backend.ecg.drawing.sheet import Legend, Sheet, draw

__all__ = ["FORMATS", "Legend", "Sheet", "draw"]
