"""One version of a model in an exchange, read from there and verified by its signature, before it is fetched."""

from dataclasses import replace

from sqlalchemy.orm import Session

from backend.db.tables import Exchange
from backend.errors import NotFoundError
from backend.exchange.fetch import Described, describe
from backend.exchange.trust import Trust
from backend.exchange.webdav import Folder
from backend.services import exchange_listing, exchanges
from backend.services.exchange_listing import Item


def described(folder: Folder, slug: str, version: int, trust: Trust) -> Described:
    """Return what a version says of itself, whoever has signed it; of the key it is said what is known.

    Raises QuarantinedError where hashes or signature do not fit, or its key was refused, and what `Folder` raises.
    """
    return describe(folder, slug, version, Trust({}, trust.refused))


def item(session: Session, exchange: Exchange, told: Described) -> Item:
    """Return a described version as it is listed; what it says counts, and not what the index says of it."""
    listing, fingerprint = told.listing, told.key.fingerprint
    trust = exchanges.trust_of(session, exchange.id)
    place = f"{listing.slug}/{listing.version}"
    try:
        listed = exchange_listing.find(session, exchange, place)
    except NotFoundError:  # published since the list was read
        listed = Item(
            place=place, listing=listing, bare=None, fingerprint=fingerprint, withdrawn="", signature="new", versions=1,
            newest=True, here=[],
        )  # fmt: skip
    return replace(
        listed, listing=listing, fingerprint=fingerprint, withdrawn=told.withdrawn or listed.withdrawn,
        signature=exchange_listing.signature_of(trust, listing.publisher, fingerprint),
    )  # fmt: skip
