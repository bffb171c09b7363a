"""Tokens of sessions, API keys and one-time links: long, random, and kept as their hash alone.

With 256 random bits there is nothing to guess, so that a plain SHA-256 is enough, and can be found by an index.
"""

import hashlib
import hmac
import secrets
from typing import Final

KEY_PREFIX: Final = "exg_"
"""How every API key begins, so that scanners of leaked secrets know one."""
SHOWN: Final = 10  # characters of a key by which a person knows it again


def new() -> str:
    """Return a new token of 43 characters."""
    return secrets.token_urlsafe(32)


def kept(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def derived(secret: bytes, purpose: str, text: str) -> str:
    """Return a token that only this installation can make of a text."""
    key = hmac.digest(secret, purpose.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()
