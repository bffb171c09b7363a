"""Ed25519 signatures (RFC 8032): who has published something. Anybody can verify them with openssl."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from backend.exchange.errors import ListingError
from backend.ml.strict_json import Fields, parse_json

ALGORITHM: Final = "Ed25519"
SIGNATURE_VERSION: Final = 1
_LONGEST_PEM: Final = 2000
_RAW: Final = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A publisher's public key: 32 bytes."""

    raw: bytes

    @property
    def fingerprint(self) -> str:
        """128 bits of its SHA-256 in eight groups of four hexadecimal digits, to be compared over the telephone."""
        digits = hashlib.sha256(self.raw).hexdigest()[:32]
        return " ".join(digits[at : at + 4] for at in range(0, 32, 4))

    @property
    def pem(self) -> str:
        """The key as openssl reads it."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @classmethod
    def from_pem(cls, text: str) -> "PublicKey":
        """Read a key; raises ListingError for anything but an Ed25519 public key."""
        try:
            key = load_pem_public_key(text[:_LONGEST_PEM].encode())
        except (ValueError, UnsupportedAlgorithm) as problem:
            raise ListingError("The signature names no public key that can be read.") from problem
        if not isinstance(key, Ed25519PublicKey):
            raise ListingError(f"The signature is not of the kind {ALGORITHM}, the only one that counts here.")
        return cls(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


class SigningKey:
    """A private key. It never shows in texts; keep `to_pem` in a file of mode 600."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def __repr__(self) -> str:
        return f"SigningKey({self.public.fingerprint})"

    def __reduce__(self) -> str:
        raise TypeError("a signing key is not pickled")

    @classmethod
    def new(cls) -> "SigningKey":
        """Draw one at random."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, data: bytes) -> "SigningKey":
        """Read what `to_pem` gave; raises ListingError."""
        try:
            key = load_pem_private_key(data[:_LONGEST_PEM], None)
        except (ValueError, TypeError, UnsupportedAlgorithm):  # without a cause: it might quote the key
            raise ListingError(
                "The signing key of this installation cannot be read. Restore its file from a backup; with a new one "
                "others are warned that your key has changed."
            ) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ListingError(f"The signing key of this installation is not of the kind {ALGORITHM}.")
        return cls(key)

    def to_pem(self) -> bytes:
        """Return the key as PKCS #8, without a password."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def public(self) -> PublicKey:
        """Its public half."""
        return PublicKey(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, data: bytes) -> bytes:
        """Return the signature file of `data`: JSON with algorithm, public key (PEM) and signature (base64)."""
        told = {
            "schema_version": SIGNATURE_VERSION,
            "algorithm": ALGORITHM,
            "public_key": self.public.pem,
            "signature": base64.b64encode(self._key.sign(data)).decode(),
        }
        return json.dumps(told, indent=1).encode() + b"\n"


def verify(data: bytes, signature: bytes) -> PublicKey:
    """Return the key that has signed `data`; raises ListingError where the signature is none, or not of these bytes.

    Whether the key is one to trust is not said.
    """
    what = "The signature"
    read = Fields(parse_json(signature, what, ListingError, limit=10_000), what, ListingError)
    if read.integer("schema_version", 1, 1_000_000) > SIGNATURE_VERSION or read.value("algorithm") != ALGORITHM:
        raise ListingError(f"The signature is not of the kind {ALGORITHM}, the only one that counts here.")
    key = PublicKey.from_pem(read.text("public_key", longest=_LONGEST_PEM))
    try:
        signed = base64.b64decode(read.text("signature", longest=200), validate=True)
        read.done()
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signed, data)
    except (ValueError, InvalidSignature) as problem:
        raise ListingError(
            "The signature does not belong to these bytes: somebody has changed them after they were signed."
        ) from problem
    return key
