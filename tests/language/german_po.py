"""Write the texts that need a German one into backend/language/german.po; what is there already is kept.

Beside each text is noted at which of its holes a number or another sentence stands; all others are names.

    python -m tests.language.german_po

Then fill in what is empty. A test compares the file with the code.
"""

import sys

import polib

from backend.language.spoken import GERMAN
from tests.language.written import written


def main() -> None:
    """Write the file anew: in the order of the code, without what is no longer said."""
    before = {one.msgid: one.msgstr for one in polib.pofile(str(GERMAN))} if GERMAN.exists() else {}
    file = polib.POFile(wrapwidth=0)
    file.metadata = {"Language": "de", "Content-Type": "text/plain; charset=UTF-8"}
    for one in written():
        where = one.where.rpartition(":")[0]
        file.append(
            polib.POEntry(
                msgid=one.text, msgstr=before.get(one.text, ""), occurrences=[(where, "")], comment=one.note
            )
        )  # fmt: skip
    file.save(str(GERMAN))
    sys.stdout.write(f"{sum(1 for one in file if not one.msgstr)} of {len(file)} texts have no German one yet.\n")


if __name__ == "__main__":
    main()
