"""Route of the built-in codes of what an ECG shows."""

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.schemas.annotations import CodeList
from backend.ecg.terminology import search

router = APIRouter(prefix="/codes", tags=["annotations"])


@router.get("", operation_id="search_codes")
def search_codes(
    words: Annotated[str, Query(max_length=100, description="Words, an abbreviation, or how a code begins.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CodeList:
    """Search SCP-ECG, SNOMED CT and the cardiology of ICD-10, the closest first."""
    return CodeList(codes=search(words, limit))
