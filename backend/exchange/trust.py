"""Whose models are taken in: trust on first use, and never a silent change of key."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from backend.exchange.errors import QuarantinedError
from backend.exchange.signing import PublicKey


@dataclass(frozen=True)
class Trust:
    """The keys known of an exchange.

    `known` has for each publisher's name the fingerprints that are trusted; a publisher who is not in it is new (trust
    on first use: the caller asks and remembers). `refused` are fingerprints of which nothing is taken.
    """

    known: Mapping[str, Collection[str]] = field(default_factory=dict)
    refused: Collection[str] = ()

    def is_new(self, publisher: str, key: PublicKey) -> bool:
        """Say whether no key of this publisher is known; raises QuarantinedError for a refused or a changed key."""
        print_ = key.fingerprint
        if print_ in self.refused:
            raise QuarantinedError(f"it is signed with the key {print_}, of which nothing is taken in here.")
        trusted = self.known.get(publisher)
        if not trusted:
            return True
        if print_ not in trusted:
            raise QuarantinedError(
                f"“{publisher}” used to sign with the key {' or '.join(sorted(trusted))}, but this is signed with "
                f"{print_}. Ask the publisher, by another way than this exchange, whether the key has changed; only "
                "then trust the new one."
            )
        return False
