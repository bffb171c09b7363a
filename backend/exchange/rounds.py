"""Federated rounds in the folder of an exchange: started, joined, contributed to, merged, undone; nothing but files.

Whoever may write in the folder can write anything there, so everything is read as a stranger's: signed, bound to the
round by its hash, of the key that its place names, and within limits. What is not is named with its reason.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeVar

from backend.exchange import signed
from backend.exchange.errors import (
    AbsentError,
    AccessRefusedError,
    ListingError,
    QuarantinedError,
    TakenError,
)
from backend.exchange.layout import ROUNDS, is_slug, version_of
from backend.exchange.progress import Progress, silent
from backend.exchange.round_files import (
    DELTA,
    FACTS,
    JOIN,
    MERGED,
    MOST_SITES,
    TERMS,
    UNDONE,
    Join,
    Outcome,
    Terms,
    Undone,
    key_name,
    now,
    round_path,
)
from backend.exchange.signing import SigningKey
from backend.exchange.webdav import Folder
from backend.ml.errors import ContributionError
from backend.ml.federated.facts import ContributionFacts

State = Literal["open", "closed", "merged", "undone"]
T = TypeVar("T")
_SMALL: Final = 256 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site of a round: its key, its name as it says it, and what it has sent. `fault` says what is wrong with it."""

    fingerprint: str
    name: str = ""
    joined: str = ""
    facts: ContributionFacts | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round as it stands in the folder. `fingerprint` is the coordinator's key, `sha256` the hash of its terms."""

    slug: str
    number: int
    terms: Terms
    sha256: str
    fingerprint: str
    sites: tuple[Site, ...] = ()
    outcome: Outcome | None = None
    undone: Undone | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def path(self) -> str:
        """Its folder in the exchange."""
        return round_path(self.slug, self.number)

    @property
    def state(self) -> State:
        """What may be done with it: only an open one takes contributions."""
        if self.undone is not None:
            return "undone"
        if self.outcome is not None:
            return "merged"
        return "closed" if self.terms.closed else "open"


def list_rounds(folder: Folder) -> tuple[list[tuple[str, int]], list[str]]:
    """Return the rounds in a folder, by model and number, and what could not be read."""
    found: list[tuple[str, int]] = []
    notes = []
    for slug in signed.names(folder, ROUNDS):
        if not is_slug(slug):
            notes.append(f"{slug!r:.80} in {ROUNDS}/ is no model and was passed over.")
            continue
        numbers = [version_of(name) for name in signed.names(folder, f"{ROUNDS}/{slug}")]
        found += [(slug, number) for number in sorted(one for one in numbers if one is not None)]
    return found, notes


def read_round(folder: Folder, slug: str, number: int) -> Round:
    """Read a round with all its sites, verified. Raises AbsentError, QuarantinedError and what `Folder` raises."""
    path = round_path(slug, number)
    terms, of_terms = _said(folder, f"{path}/terms", TERMS, Terms.from_json)
    if (terms.base.slug, terms.number) != (slug, number):
        raise QuarantinedError(f"{path} has the terms of another round, {terms.base.slug}/{terms.number}.")
    notes: list[str] = []
    sha256, coordinator = of_terms.sums[TERMS], of_terms.key.fingerprint
    outcome = _by_coordinator(folder, f"{path}/merged", MERGED, Outcome.from_json, sha256, coordinator, notes)
    undone = _by_coordinator(folder, f"{path}/undone", UNDONE, Undone.from_json, sha256, coordinator, notes)
    joined = set(signed.names(folder, f"{path}/sites"))
    sent = set(signed.names(folder, f"{path}/contributions"))
    if len(joined | sent) > MOST_SITES:
        raise QuarantinedError(f"{path} has more than {MOST_SITES} sites.")
    sites = tuple(_site(folder, path, name, name in sent, sha256, terms) for name in sorted(joined | sent))
    return Round(
        slug=slug, number=number, terms=terms, sha256=sha256, fingerprint=coordinator, sites=sites, outcome=outcome,
        undone=undone, notes=tuple(notes),
    )  # fmt: skip


def start(folder: Folder, terms: Terms, key: SigningKey) -> tuple[str, int]:
    """Start the next round of a model; return its slug and number. Of two at once each gets a number of its own."""
    slug = terms.base.slug
    while True:
        taken = [version_of(name) or 0 for name in signed.names(folder, f"{ROUNDS}/{slug}")]
        number = max(taken, default=0) + 1
        try:
            said = replace(terms, number=number).to_json()
            signed.put(folder, f"{round_path(slug, number)}/terms", {TERMS: said}, key)
        except TakenError:
            continue
        return slug, number


def join(folder: Folder, one: Round, site: str, key: SigningKey) -> None:
    """Say under the name of a site that it takes part; once is enough."""
    _check_open(one)
    fingerprint = key.public.fingerprint
    if one.terms.invited and fingerprint not in one.terms.invited:
        raise AccessRefusedError(
            f"This round is for the sites that its coordinator has named, and your key ({fingerprint}) is not among "
            "them. Tell the coordinator your key."
        )
    said = Join(round_sha256=one.sha256, site=site, created=now()).to_json()
    try:
        signed.put(folder, f"{one.path}/sites/{key_name(fingerprint)}", {JOIN: said}, key)
    except TakenError:
        if not any(there.fingerprint == fingerprint and there.joined for there in one.sites):
            raise


def contribute(
    folder: Folder, one: Round, delta: bytes, facts: ContributionFacts, key: SigningKey, progress: Progress = silent
) -> None:
    """Publish what a site contributes. Raises TakenError where it has contributed already (`take_back` first)."""
    _check_open(one)
    files = {DELTA: delta, FACTS: facts.to_json().encode()}
    try:
        path = f"{one.path}/contributions/{key_name(key.public.fingerprint)}"
        signed.put(folder, path, files, key, progress=progress)
    except TakenError:
        raise TakenError(
            "This site has contributed to the round already. Take that contribution back first, if another one is to "
            "count."
        ) from None


def take_back(folder: Folder, one: Round, key: SigningKey) -> None:
    """Delete one's own contribution, as long as the round is open."""
    _check_open(one)
    folder.delete(f"{one.path}/contributions/{key_name(key.public.fingerprint)}")


def fetch_delta(folder: Folder, one: Round, site: Site, into: Path, most: int, progress: Progress = silent) -> bytes:
    """Return the delta of a site, verified, by way of a file in quarantine. Raises QuarantinedError."""
    path = f"{one.path}/contributions/{key_name(site.fingerprint)}"
    there = signed.look(folder, path, (DELTA, FACTS))
    if there is None or there.key.fingerprint != site.fingerprint:
        raise QuarantinedError(f"the contribution of {site.name or site.fingerprint} has changed since it was listed.")
    if not into.exists():
        signed.download(folder, there, DELTA, into, most, progress=progress)
    return into.read_bytes()


def conclude(folder: Folder, one: Round, outcome: Outcome, key: SigningKey) -> None:
    """Publish what has come of a round. Raises AccessRefusedError for a round of another coordinator."""
    _check_coordinator(one, key)
    if one.undone is not None:
        raise TakenError("The round has been undone meanwhile; its model does not count.")
    if one.outcome is None:
        signed.put(folder, f"{one.path}/merged", {MERGED: outcome.to_json()}, key)


def undo(folder: Folder, one: Round, reason: str, key: SigningKey) -> None:
    """Say that a round does not count; what was sent stays, so that everybody can see what has happened."""
    _check_coordinator(one, key)
    if one.undone is None:
        said = Undone(round_sha256=one.sha256, created=now(), reason=reason).to_json()
        signed.put(folder, f"{one.path}/undone", {UNDONE: said}, key)


def _check_open(one: Round) -> None:
    if one.state != "open":
        words = {
            "closed": f"its deadline, {one.terms.deadline}, has passed",
            "merged": "it has been merged",
            "undone": f"it has been undone: {one.undone.reason if one.undone else ''}",
        }
        raise TakenError(f"Round {one.number} of {one.slug} takes nothing any more; {words[one.state]}.")


def _check_coordinator(one: Round, key: SigningKey) -> None:
    if key.public.fingerprint != one.fingerprint:
        raise AccessRefusedError(
            f"Round {one.number} of {one.slug} is coordinated by “{one.terms.coordinator}”, whose key is "
            f"{one.fingerprint}; only that installation can merge or undo it."
        )


def _said(folder: Folder, path: str, name: str, parse: Callable[[bytes], T]) -> tuple[T, signed.Signed]:
    """Return what the one file of a signed folder says. Raises AbsentError where there is none."""
    there = signed.look(folder, path, (name,))
    if there is None:
        raise AbsentError(f"There is no {path} in the exchange. Look at the list of rounds again.")
    data = signed.read(folder, there, name, _SMALL)
    try:
        return parse(data), there
    except ListingError as problem:
        raise QuarantinedError(f"{path}: {problem}") from problem


def _by_coordinator(
    folder: Folder,
    path: str,
    name: str,
    parse: Callable[[bytes], T],
    sha256: str,
    coordinator: str,
    notes: list[str],
) -> T | None:
    """Return what the coordinator has said at the end of the round, None where it has not, or somebody else has."""
    try:
        said, there = _said(folder, path, name, parse)
    except AbsentError:
        return None
    except QuarantinedError as problem:
        notes.append(problem.reason)
        return None
    if there.key.fingerprint != coordinator or getattr(said, "round_sha256", "") != sha256:
        notes.append(f"{path} is not signed by the coordinator for this round and does not count.")
        return None
    return said


def _site(folder: Folder, path: str, name: str, has_sent: bool, sha256: str, terms: Terms) -> Site:
    """Read what a site has said and sent, apart from its delta."""
    fingerprint = " ".join(name[at : at + 4] for at in range(0, len(name), 4))
    said = Site(fingerprint=fingerprint[:100])
    try:
        if key_name(fingerprint) != name or len(name) != 32:
            raise QuarantinedError(f"“{name:.40}” is no key.")
        if terms.invited and fingerprint not in terms.invited:
            raise QuarantinedError("it was not invited to this round.")
        join, there = _said(folder, f"{path}/sites/{name}", JOIN, Join.from_json)
        _check_signer(there, fingerprint, join.round_sha256, sha256)
        said = Site(fingerprint=fingerprint, name=join.site, joined=join.created)
        if not has_sent:
            return said
        sent = signed.look(folder, f"{path}/contributions/{name}", (DELTA, FACTS))
        if sent is None:
            return said
        try:
            facts = ContributionFacts.from_json(signed.read(folder, sent, FACTS, _SMALL), terms.base.labels)
        except ContributionError as problem:
            raise QuarantinedError(str(problem)) from problem
        _check_signer(sent, fingerprint, facts.round_sha256, sha256)
    except AbsentError:
        return Site(fingerprint=said.fingerprint, fault="it has contributed without joining the round.")
    except QuarantinedError as problem:
        return Site(fingerprint=said.fingerprint, name=said.name, joined=said.joined, fault=problem.reason)
    return Site(fingerprint=fingerprint, name=said.name, joined=said.joined, facts=facts)


def _check_signer(there: signed.Signed, fingerprint: str, of: str, sha256: str) -> None:
    if there.key.fingerprint != fingerprint:
        raise QuarantinedError(f"{there.path} is signed by another key, {there.key.fingerprint}.")
    if of != sha256:
        raise QuarantinedError(f"{there.path} was made for another round, or for terms that have changed since.")
