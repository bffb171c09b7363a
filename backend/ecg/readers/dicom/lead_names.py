"""Which lead a channel of a DICOM waveform is: by the code of its source, or by the texts beside it.

Source: DICOM PS3.3 C.10.9.1.4 (Channel Source), PS3.16 CID 3001 (ECG leads).
"""

import re
from typing import TYPE_CHECKING

from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import canonical_lead, is_clear_lead, shown
from backend.ecg.readers.lead_numbers import LEAD_NUMBERS

if TYPE_CHECKING:
    from pydicom import Dataset


def _texts(channel: "Dataset") -> list[str]:
    """The meanings of the codes of a channel and its label, without what stands in brackets."""
    sources = channel.get("ChannelSourceSequence") or ()
    texts = [str(source.get("CodeMeaning") or "") for source in sources] + [str(channel.get("ChannelLabel") or "")]
    return [re.sub(r"\(.*?\)", "", text).strip() for text in texts]


def lead_name(channel: "Dataset") -> str:
    """The lead of a channel, by the code of its source, else by the code's meaning or the channel's label."""
    sources = channel.get("ChannelSourceSequence") or ()
    for source in sources:
        code = re.fullmatch(r"(?:5\.6\.3-9-|2:)(\d+)", str(source.get("CodeValue") or "").strip())
        if code and int(code[1]) in LEAD_NUMBERS:
            return LEAD_NUMBERS[int(code[1])]
    plain = _texts(channel)
    return next((text for text in plain if canonical_lead(text)), next(filter(None, plain), "(unnamed)"))


def refuse_contradiction(item: "Dataset", title: str) -> None:
    """Raise UnreadableFileError where the code of a channel names one lead and its text plainly another."""
    for channel in item.get("ChannelDefinitionSequence") or ():
        lead = canonical_lead(lead_name(channel))
        others = [text for text in _texts(channel) if is_clear_lead(text) and canonical_lead(text) != lead]
        if lead is not None and others:
            raise UnreadableFileError(
                f"{title} gives a channel the code of lead {lead} and calls it {shown(others[:1])}. One of the two is "
                "wrong, and so may be the whole order: export it again from its source."
            )
