"""What is known to say what an ECG shows: codes of SCP-ECG, SNOMED CT and ICD-10, their words, and abbreviations.

Only this is taken as a label without asking where a column is not named as labels: any other word may be a ward, a
device or the name of a reader. The words are those of the built-in vocabularies and what German reports write.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from backend.ecg.terminology import CODES, SYSTEMS
from backend.ml.data.label_tables.literals import LiteralError, is_literal, parse

_MOSTLY = 0.8  # of the different entries of a column, so that one spelling of its own does not make it unknown
_WORD = re.compile(r"[^\W_]+")
_ICD10 = re.compile(r"I\d\d(\.?\d{1,2})?[*+!-]?")  # diseases of the heart and the vessels
_ANY_ICD10 = re.compile(r"[A-Z]\d[\dA-Z](\.?[\dA-Z]{1,4})?[*+†!-]?", re.IGNORECASE)
# Parts of words that say by themselves that an ECG is described, in English and German.
_SAYING = re.compile(
    r".*(fibrill|flimmer|flutter|flatter|block(?!er)|infar[ck]t|isch(a|ä|ae)?emi|ischämi|tachy|brady|h[yi]pertroph|"
    r"arr?h?ythm|rhythm|extras[yi]st|e[ck]top|premature|bigemin|trigemin|stemi$|repolari[sz]|schenkel|"
    r"angina|[ck]ardiomyo|peri[ck]ardit|myo[ck]ardit|amyloid|brugada|pr(e|ä)ex[cz]it|normal|unauff(ä|ae)llig|"
    r"stenos|regurgit|aneur[yi]sm|wen[ck]+ebach|mobitz|asystol|sinus|paced|pacing).*"
)
# Beside those they stand in what is said of an ECG, and say nothing alone.
_BESIDE = frozenset((
    "links", "rechts", "linker", "rechter", "linke", "rechte", "vorder", "hinter", "vorderwand", "hinterwand",
    "seitenwand", "ohne", "mit", "und", "im", "am", "der", "die", "des", "das", "ii", "iii", "iv", "grad", "grades",
    "typ", "akuter", "akute", "akutes", "alter", "altes", "chronisch", "chronische", "inkompletter", "kompletter",
    "partieller", "verdacht", "auf", "with", "without", "and", "or", "of", "the", "a", "an", "st", "nd", "rd", "th",
    "degree", "grade", "type", "acute", "old", "recent", "possible", "probable", "hebung", "senkung", "hebungen",
    "senkungen", "verlängerung", "elevation", "depression", "low", "long", "short", "prolonged", "suspected",
    "marked", "mild", "moderate", "severe", "minor", "major", "other", "ecg", "ekg", "lead", "leads", "beat",
    "beats", "complex", "complexes",
))  # fmt: skip
# Abbreviations of wards, of the PhysioNet challenge 2021 and of Chapman-Shaoxing, where they mean nothing else.
_SHORT = frozenset((
    "af", "afib", "afl", "aflt", "aflutter", "vhf", "vhfla", "avb", "iavb", "avblock", "1davb", "2davb", "3davb",
    "avnrt", "avrt", "saawr", "gsvt", "svt", "svta", "psvt", "at", "mat", "vt", "vf", "vfib", "vflutter", "svarr",
    "sr", "nsr", "sb", "st", "sa", "sarr", "stach", "sbrad", "tachy", "brady", "norm", "mi", "ami", "imi", "omi",
    "pmi", "stemi", "nstemi", "sttc", "std", "ste", "sttu", "lbbb", "rbbb", "clbbb", "crbbb", "ilbbb", "irbbb",
    "lsb", "rsb", "lbb", "rbb", "lafb", "lpfb", "lanfb", "lahb", "lphb", "bbb", "ivcd", "ivb", "nsivcb", "pac",
    "pvc", "pab", "pvb", "apc", "vpc", "apb", "vpb", "ves", "sves", "psc", "sve", "hyp", "cd", "lvh", "rvh", "lah",
    "rah", "lae", "rae", "lad", "rad", "lqt", "lqts", "sqts", "lqrsv", "wpw", "twi", "twc", "tinv", "tab", "qab",
    "lpr", "lvhv", "rvhv", "idc", "nsstta", "hf", "hfref", "hfpef", "hcm", "dcm", "arvc", "pr", "ivr", "aivr", "jt",
    "jeb", "jpc", "bigu", "trigu", "svtac", "afltr", "afib1", "qt", "qtc", "pvcs", "pacs", "linkstyp", "rechtstyp",
    "steiltyp", "niedervoltage", "hyperkalemia", "hypokalemia", "hyperkaliämie", "hypokaliämie", "svpb", "aqrsiac",
    "anmi", "atach", "bpac", "chb", "ciahb", "cavd", "cvcl", "ere", "erp", "fqrs", "hvd", "htv", "istd", "iiavbi",
    "iiavbii", "jtach", "mois", "oldmi", "raf", "rahv", "raab", "sab", "snds", "stiab", "svb", "svtr", "veb",
    "vesb", "vesr", "vfl", "vpex", "vpp", "vpvc", "vtach", "vtrig", "wap", "2avb1", "2avb2", "aqw", "ccr", "erv",
    "jpt", "lbbbb", "lfbbb", "lvqrsal", "lvqrscl", "lvqrsll", "mibw", "mifw", "milw", "misw", "prie", "pwc", "qtie",
    "stdd", "vet", "vfw", "vpe", "wavn",
))  # fmt: skip


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().replace("ischemi", "ischaemi")


_CODES = frozenset(_plain(code) for table in SYSTEMS.values() for code in table) | _SHORT
_TEXTS = frozenset(_plain(one.text) for one in CODES) | frozenset((
    "low voltage", "q wave", "q waves", "t wave inversion", "t-negativierung", "o.b.", "pathologisch", "borderline ecg",
    "lungenembolie",
))  # fmt: skip
_WORDS = frozenset(word for text in _TEXTS for word in _WORD.findall(text)) | _BESIDE | _CODES


def is_wording(text: str) -> bool:
    """Whether a text is the wording of a code of the built-in vocabularies."""
    return _plain(text.strip()) in _TEXTS


@lru_cache(maxsize=20_000)
def is_diagnosis(text: str) -> bool:
    """Whether a text is known to say what an ECG shows: a code, its wording, an abbreviation, or words of these."""
    plain = _plain(re.sub(r"(?<=[a-zäöü]{3})(?=[A-Z][a-z])", " ", text.strip()))
    if plain in _CODES or plain in _TEXTS or _ICD10.fullmatch(text.strip()):
        return True
    words = _WORD.findall(plain)
    saying = [word for word in words if _SAYING.fullmatch(word) or word in _SHORT]
    return bool(saying) and all(
        word in _WORDS or word in saying or re.fullmatch(r"\d+(st|nd|rd|th)?", word) for word in words
    )


def are_diagnoses(cells: Iterable[str], separators: str) -> bool:
    """Whether nearly all that different cells say is known to be what an ECG shows."""
    entries = {entry for cell in cells for entry in _entries(cell, separators)}
    return bool(entries) and sum(map(is_diagnosis, entries)) >= _MOSTLY * len(entries)


def are_icd10(cell: str) -> bool:
    """Whether a cell holds codes as those of ICD-10 are written, of any chapter: I48.0, or I48.0;R94.3."""
    return all(_ANY_ICD10.fullmatch(code.strip()) for code in re.split(r"[;,|]", cell) if code.strip())


def _entries(cell: str, separators: str) -> list[str]:
    if is_literal(cell):
        try:
            return list(parse(cell))
        except LiteralError:
            return [cell]
    parts = re.split("|".join(map(re.escape, [*separators, "\n"])), cell)
    return [part.strip() for part in parts if part.strip()]
