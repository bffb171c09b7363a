"""Write where the leads stand for the page, from the drawing of the backend, so that there is one truth of it.

`make openapi` writes frontend/src/lib/ecg/layouts.json anew; a test compares.
"""

import json
from pathlib import Path

from backend.ecg.drawing.layout import LAYOUTS

PAGE = Path(__file__).parents[1] / "frontend" / "src" / "lib" / "ecg" / "layouts.json"


def text() -> str:
    """Return the layouts as JSON: leads column by column, and those that run below through the whole width."""
    layouts = {
        name: {"columns": [list(column) for column in layout.columns], "rhythm": list(layout.rhythm)}
        for name, layout in LAYOUTS.items()
    }
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(layout)}" for name, layout in layouts.items())
    return f"{{\n{lines}\n}}\n"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
