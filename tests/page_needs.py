"""Write what each operation takes of a person for the page, from the API's description, so that there is one truth.

`make openapi` writes frontend/src/api/needs.ts anew; a test compares.
"""

import json
from pathlib import Path
from typing import Any

FRONTEND = Path(__file__).parents[1] / "frontend"
PAGE = FRONTEND / "src" / "api" / "needs.ts"
HEAD = "/** Written by `make openapi` from the description of the API; do not change it by hand. */\n"


def text(api: dict[str, Any]) -> str:
    """Return the module: the roles in their order, and the operations that not everybody who sees a project may."""
    roles = api["components"]["schemas"]["Account"]["properties"]["roles"]["additionalProperties"]["enum"]
    needs: dict[str, str] = {}
    for methods in api["paths"].values():
        for operation in methods.values():
            takes = operation["x-takes"]
            if takes["of"] == "installation":
                needs[operation["operationId"]] = "installation"
            elif takes["of"] == "project" and takes["role"] != roles[0]:
                needs[operation["operationId"]] = takes["role"]
    lines = "".join(f"  {name}: {json.dumps(needs[name])},\n" for name in sorted(needs))
    return (
        f"{HEAD}\n/** Each may all that those before it may. */\n"
        f"export const ROLES_IN_ORDER = [{', '.join(map(json.dumps, roles))}] as const;\n\n"
        "/** Operation -> the role in its project, or an admin of the installation. What is not here takes no more "
        "than seeing. */\n"
        f"export const NEEDS = {{\n{lines}}} as const;\n"
    )


if __name__ == "__main__":
    PAGE.write_text(text(json.loads((FRONTEND / "openapi.json").read_text(encoding="utf-8"))), encoding="utf-8")
