"""Passwords: argon2id (RFC 9106) by argon2-cffi, and what a password must be.

Rules after NIST SP 800-63B: length counts, kinds of characters do not, nothing is cut off, and what others have been
seen to choose is refused. How many guesses one takes, with lists of leaked passwords, names and words, says zxcvbn
(Wheeler, USENIX Security 2016).
"""

from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from backend.errors import InvalidInputError

SHORTEST: Final = 12
LONGEST: Final = 1000
_FEW_SIGNS: Final = 5
_FEWEST_GUESSES: Final = 1e8  # "safely unguessable" where guesses are slowed, in the words of zxcvbn's score 3
_JUDGED: Final = 72  # characters; more of them only make it harder to guess
_hasher = PasswordHasher()  # 64 MiB, three passes: the second recommended choice of RFC 9106


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Say whether a password is the one that was kept. It takes as long where there is none."""
    try:
        return _hasher.verify(kept or _nobodys(), password) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Say whether a hash was made with less effort than today's."""
    return _hasher.check_needs_rehash(kept)


def check(password: str, name: str) -> None:
    """Raise InvalidInputError for a password that is easily guessed."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInputError(f"A password has {SHORTEST} to {LONGEST} characters; several words make a good one.")
    if len(set(password)) < _FEW_SIGNS or name.casefold() in password.casefold():
        raise InvalidInputError(
            "This password is easily guessed: it repeats a few characters, or holds the name. Take several words."
        )
    from zxcvbn import zxcvbn  # lists of words, which only who chooses a password needs

    if zxcvbn(password[:_JUDGED], user_inputs=[name, "exchangeai"])["guesses"] < _FEWEST_GUESSES:
        raise InvalidInputError(
            "This password is easily guessed: it is made of passwords that many people have chosen. Take several words."
        )


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return hashed("a password that nobody has, so that an unknown name takes as long as a known one")
