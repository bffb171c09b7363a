"""Write the typed shapes of `exchangeai.Client` from the description of the API, so that they cannot drift apart.

`make openapi` writes exchangeai/shapes.py anew; a test compares.
"""

import json
import textwrap
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
API = ROOT / "frontend" / "openapi.json"
SHAPES = ROOT / "exchangeai" / "shapes.py"
NAMES = {  # schema -> name in Python; what is not here is an object of its own, `dict[str, Any]`
    "Health": "HealthInfo", "Project": "ProjectInfo", "Job": "JobInfo", "Recording": "RecordingInfo",
    "Outcome": "Outcome", "UploadReport": "UploadReport", "Import": "ImportInfo", "Dataset": "DatasetInfo",
    "Run": "RunInfo", "Model": "ModelInfo", "LabelProbability": "LabelAnswer",
    "RecordingPrediction": "RecordingAnswer", "FilePrediction": "FileAnswer", "Prediction": "PredictionInfo",
    "PredictionRow": "PredictionRow", "ModelEvaluation": "EvaluationInfo", "Embedding": "EmbeddingInfo",
    "LabelSet": "LabelSetInfo", "Reading": "ReadingInfo",
    "Exchange": "ExchangeInfo", "ExchangeModel": "ExchangeModelInfo", "Key": "KeyInfo", "Transfer": "TransferInfo",
    "ComparedCandidate": "ComparedCandidate", "Comparison": "ComparisonInfo", "ComparisonDetail": "ComparisonAnswer",
    "LearningCurvePoint": "LearningCurvePointInfo", "LearningCurve": "LearningCurveInfo",
    "Overview": "OverviewInfo", "DatasetStatistics": "StatisticsInfo",
    "DatasetSources": "SourcesInfo", "RunSources": "SourceScores", "Mistake": "MistakeInfo",
    "RunMistakes": "MistakesInfo",
    "ComparedSetting": "ComparedSetting", "ComparedFigure": "ComparedFigure", "RunBeside": "RunBeside",
    "RunsSideBySide": "SideBySideInfo",
    "Explanation": "ExplanationInfo", "ExplanationDetail": "ExplanationAnswer",
    "DriftCheck": "DriftCheckInfo", "OddRecording": "OddRecordingInfo", "StressTest": "StressTestInfo",
}  # fmt: skip
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
HEAD = '''"""What a platform answers, as typed mappings: JSON as it came, with the fields of docs/api.md.

Written by `make openapi` from the description of the API; do not change it by hand. A later platform may answer more.
"""

from typing import Any, NotRequired, TypedDict
'''


def text(api: dict[str, Any]) -> str:
    """Return the module."""
    schemas = api["components"]["schemas"]
    return HEAD + "".join(_class(python, schemas[name]) for name, python in NAMES.items())


def _class(name: str, schema: dict[str, Any]) -> str:
    said = textwrap.fill(str(schema["description"]).partition("\n")[0], 112)
    required = set(schema.get("required", []))
    lines = [
        f"    {field}: {kind if field in required else f'NotRequired[{kind}]'}"
        for field, one in schema["properties"].items()
        if (kind := _kind(one))
    ]
    return f'\n\nclass {name}(TypedDict):\n    """{said}"""\n\n' + "\n".join(lines) + "\n"


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return NAMES.get(schema["$ref"].rpartition("/")[2], "dict[str, Any]")
    either = schema.get("anyOf", schema.get("oneOf"))
    if either is not None:
        return " | ".join(dict.fromkeys(map(_kind, either)))
    if schema.get("type") == "array":
        return f"list[{_kind(schema.get('items', {}))}]"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {_kind(inner) if isinstance(inner, dict) else 'Any'}]"
    return PLAIN.get(schema.get("type", ""), "Any")


if __name__ == "__main__":
    SHAPES.write_text(text(json.loads(API.read_text(encoding="utf-8"))), encoding="utf-8")
