"""Words that make of a finding a doubt, an exclusion or a history: V.a. AFIB, no AFIB, MI ausgeschlossen, AFIB?

In English and German, and the commonest in French, Spanish, Italian, Portuguese and Dutch.
"""

import re
import unicodedata

from backend.ml.data.label_tables.diagnoses import is_wording

_SHORT = r"v\.\s?a\.?|va\.|z\.\s?n\.?|zn\.|a\.\s?e\.|r/o|h/o|s/p|d\.?d\.?:?(?=\s)|vs\.?"
_DOUBT = (
    r"verdacht|verdächtig\w*|fraglich\w*|möglich\w*|wahrscheinlich\w*|vermutlich\w*|unklar\w*|am ehesten|vielleicht|"
    r"differen[tz]ial\w*|possibl[ey]|probabl[ey]|suspected|suspect|suspicion|suspicious|likely|unlikely|questionable|"
    r"query|consider|maybe|may be|uncertain|equivocal|versus|rule[ds]? out|"
    r"douteu\w*|suspicion|posible|sospecha\w*|possibile|probabile|sospett\w|suspeit\w|possível|provável|"
    r"mogelijke?|waarschijnlijke?|vermoedelijke?|verdenking"
)
_NONE = (
    r"kein\w*|ohne|nicht|ausschluss|ausgeschlossen\w*|no(?!\.?\s*\d)|not|without|absen\w+|negative for|excluded|denies|"
    r"pas de|sans|exclue?s?|sin|ausencia|descartad\w+|senza|assenza|esclus\w|sem|ausência|geen|zonder|uitgesloten"
)
_PAST = (
    r"zustand nach|anamnestisch\w*|anamnese|history of|hx|status post|previous|prior|"
    r"antécédents?|antecedentes?|pregress\w"
)
_WORDS = re.compile(rf"(?<!\w)(?:{_SHORT}|(?:{_DOUBT}|{_NONE}|{_PAST})(?!\w))", re.IGNORECASE)
_SIGNS = re.compile(r"\?+\s*\S.*|.*\S\s*\(?\?+\)?", re.DOTALL)


def is_qualified(label: str) -> bool:
    """Whether a label says a finding with doubt, excludes it, or tells of the past: none of these is the finding.

    The wording of a code of a built-in vocabulary is a finding as a whole, as "AV block, degree not said" is.
    """
    if is_wording(label):
        return False
    plain = unicodedata.normalize("NFC", label).strip()
    found = _WORDS.search(plain)
    rest = len(re.findall(r"\w", plain)) - len(re.findall(r"\w", found[0])) if found else 0
    return rest > 1 or bool(_SIGNS.fullmatch(plain) and re.search(r"\w", plain))
