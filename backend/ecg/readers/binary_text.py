"""Short texts in binary files."""


def plain(raw: bytes, encoding: str = "latin-1") -> str:
    """Return a text up to its first NUL, without control characters and outer blanks."""
    text = raw.decode(encoding, errors="replace").partition("\0")[0]
    return "".join(character for character in text if character.isprintable()).strip()
