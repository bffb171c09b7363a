"""Sealed secrets: passwords for other machines, kept so that the database alone, or a copy of it, gives none away.

AES-256-GCM (NIST SP 800-38D) by `cryptography`, under a key derived (HKDF-SHA256, RFC 5869) from the secret of the
installation: the setting EXCHANGEAI_SECRET_KEY, or the file of mode 600 in the data folder. What a secret is sealed for
is bound to it: one that is moved to another row, or whose address was changed, does not open.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.errors import UnavailableError

_NONCE: Final = 12  # bytes, drawn anew for each sealing
_VERSION: Final = b"1"


def seal(secret_key: bytes, text: str, purpose: str) -> bytes:
    """Return a text so that it opens only with this key and for this purpose."""
    nonce = os.urandom(_NONCE)
    return _VERSION + nonce + AESGCM(_derived(secret_key)).encrypt(nonce, text.encode(), purpose.encode())


def unseal(secret_key: bytes, sealed: bytes, purpose: str) -> str:
    """Return the text. Raises UnavailableError where key or purpose are others, or a byte was changed."""
    nonce, hidden = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    if sealed[:1] == _VERSION and len(nonce) == _NONCE:
        try:
            return AESGCM(_derived(secret_key)).decrypt(nonce, hidden, purpose.encode()).decode()
        except InvalidTag:
            pass
    raise UnavailableError(
        "A stored password cannot be opened: the secret of this installation is another than when it was kept. Enter "
        "the password again, or restore the secret (docs/settings.md)."
    )


def _derived(secret_key: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"passwords for other machines").derive(secret_key)
