"""Counted things in sentences: one place for how a number and its noun, with or without a verb, agree."""


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 recording", "1,204 recordings".

    `many` is for what takes more than an s, such as a noun with its verb: `counted(n, "record is", "records are")`.
    """
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
