"""Codes of what an ECG shows: SCP-ECG, SNOMED CT and the cardiology of ICD-10, searched by code or words."""

from backend.ecg.terminology.codes import CODES, SYSTEMS, Code, search

__all__ = ["CODES", "SYSTEMS", "Code", "search"]
