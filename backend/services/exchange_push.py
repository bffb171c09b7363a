"""Pushing a model of a project into an exchange: checked for what it says and what it must not tell, then signed."""

import hashlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZipFile

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Exchange, Json, Model, Transfer
from backend.errors import ConflictError, InvalidInputError
from backend.exchange.errors import NotPublishableError
from backend.exchange.index import read_catalogue
from backend.exchange.layout import is_slug, slug_of, version_of
from backend.exchange.privacy import Finding, Patients, check_package, safe_package
from backend.exchange.progress import Progress
from backend.exchange.publish import publish, withdraw
from backend.exchange.signing import SigningKey
from backend.exchange.webdav import Folder
from backend.ml.packaging.package import CARD
from backend.services import exchange_listing, exchanges, jobs, models
from backend.services.exchange_patients import patients_of
from backend.services.transfers import PUSH
from backend.settings import Settings, kept_secret
from backend.storage import Storage

KIND: Final = "exchanges.push"
KEY_FILE: Final = "signing.key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be published, and as what. `slug` names the model in the exchange of which this is the next version;
    empty: one made of its name. With `also_onnx` the bare ONNX file is laid beside it, where the original platform
    looks for models. With `with_seen` salted hashes of the recordings that it has seen go along
    (`backend.ml.data.seen_list`): others then know whether they test on its training data, and whoever holds the very
    same ECG learns that it was used.
    """

    model_id: str
    publisher: str = ""
    notes: str = ""
    slug: str = ""
    also_onnx: bool = False
    with_seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What is to be known before a model is published: `missing` must be added, `findings` must not remain.

    `advice` is what a reader of its card will miss; `card` is the one that is published. `versions` are those of `slug`
    that are published already.
    """

    slug: str
    versions: list[int]
    publisher: str
    fingerprint: str
    missing: list[str]
    advice: list[str]
    findings: list[Finding]
    card: str

    @property
    def ready(self) -> bool:
        """Whether it may be published as it is; findings that are mended are left out of the published package."""
        return not self.missing and all(one.mended for one in self.findings)


def signing_key(settings: Settings) -> SigningKey:
    """Return the key of this installation, made at the first need and kept in a file of mode 600."""
    data = kept_secret(settings.data_dir / KEY_FILE, lambda: SigningKey.new().to_pem())
    return SigningKey.from_pem(data)


def publication(
    session: Session, storage: Storage, settings: Settings, model: Model, exchange: Exchange, slug: str = ""
) -> Publication:
    """Say what stands in the way of publishing a model, and as what it would be published."""
    slug = slug or slug_of(model.name)
    with TemporaryDirectory(prefix="publication-") as folder:
        package, safe = written(storage, model, Path(folder), None, model.profile), Path(folder) / "safe.zip"
        patients = patients_of(session, model)
        findings = check_package(package, settings.model_bytes, patients)
        safe_package(package, safe, settings.model_bytes, patients)
        with ZipFile(safe) as archive:
            card = archive.read(CARD).decode()
    listed = [one.listing for one in exchange_listing.items(session, exchange) if one.listing is not None]
    return Publication(
        slug=slug, versions=sorted(one.version for one in listed if one.slug == slug),
        publisher=usual_publisher(session, settings), fingerprint=signing_key(settings).public.fingerprint,
        missing=missing(model), advice=_advice(model), findings=list(findings), card=card,
    )  # fmt: skip


def create(session: Session, settings: Settings, project_id: str, exchange: Exchange, request: Request) -> Transfer:
    """Queue the publishing of a model of the project.

    Raises ConflictError for an exchange that is only read, InvalidInputError for a model that does not say what it
    must, or has no publisher.
    """
    exchanges.check_writable(exchange)
    model = models.get(session, project_id, request.model_id)
    publisher = request.publisher.strip() or usual_publisher(session, settings)
    if not publisher:
        raise InvalidInputError("Say under which name the model is published, such as that of your institution.")
    if problems := missing(model):
        raise InvalidInputError(f"The model cannot be published yet. {' '.join(problems)}")
    slug = request.slug.strip() or slug_of(model.name)
    if not is_slug(slug):
        raise InvalidInputError(
            f"“{slug[:80]}” cannot be the short name of a model. Use a-z, 0-9 and hyphens, at most 60 signs."
        )
    job = jobs.create(session, project_id, KIND, {})
    wanted = replace(request, publisher=publisher[:100], slug=slug)
    row = Transfer(
        project_id=project_id, exchange_id=exchange.id, job_id=job.id, model_id=model.id, direction=PUSH,
        exchange_name=exchange.name, name=model.name, settings=asdict(wanted),
    )  # fmt: skip
    session.add(row)
    session.flush()
    job.payload = {"transfer_id": row.id}
    return row


def missing(model: Model) -> list[str]:
    """Return what a model must still say before it may be shared, a sentence each."""
    said = []
    if not model.licence.strip():
        said.append("State the licence under which others may use it.")
    if not model.intended_use.strip():
        said.append("State what it is meant for, and for whom not (intended use).")
    return said


def usual_publisher(session: Session, settings: Settings) -> str:
    """Return the name under which models are published: that of the settings, else the one used last."""
    if settings.publisher.strip():
        return settings.publisher.strip()
    last = session.scalar(
        select(Transfer.settings).where(Transfer.direction == PUSH).order_by(Transfer.created_at.desc()).limit(1)
    )
    return "" if last is None else str(last.get("publisher", ""))


def written(
    storage: Storage, model: Model, folder: Path, seen_by_it: bytes | None, profile: bytes | None = None
) -> Path:
    """Write the package of a model into a folder, with what it has seen and its profile where that is wanted."""
    path = folder / "package.zip"
    models.write_file(storage, model, path, seen_by_it, profile)
    return path


def send(
    folder: Folder, place: Path, request: Request, key: SigningKey, patients: Patients | None, settings: Settings,
    *, again: bool, progress: Progress,
) -> Json:  # fmt: skip
    """Publish the package in `place`; return where it is and what was signed.

    `again` says that this was begun before: what that has published already is not published twice. Raises
    NotPublishableError for what tells of single patients, ConflictError for what is published already, and what
    `Folder` raises.
    """
    safe = place / "safe.zip"
    left = safe_package(place / "package.zip", safe, settings.model_bytes, patients)
    if left:
        raise NotPublishableError(
            "The model holds more than aggregates.", tuple(f"{one.place}: {one.reason}" for one in left)
        )
    here = None if again else _published(folder, safe, request.slug, key.public.fingerprint)
    if here is not None:
        raise ConflictError(f"This very model is published already, as “{here}”. There is nothing new to publish.")
    done = publish(  # which finds what it has published itself, where it was killed before it could say so
        folder, safe, key, publisher=request.publisher, notes=request.notes, slug=request.slug,
        most=settings.model_bytes, progress=progress,
    )  # fmt: skip
    notes = [] if again else list(done.notes)
    return {"item": f"{done.slug}/{done.version}", "fingerprint": done.fingerprint, "notes": notes}


def send_onnx(folder: Folder, onnx: Path, slug: str, version: str, progress: Progress) -> str:
    """Lay the bare ONNX file of a model beside it, where the original platform looks; return its name.

    The same name with the same size is taken for the same file; another one is never overwritten.
    """
    for name in (f"{slug}.onnx", f"{slug}-{version}.onnx"):
        there = folder.find(name)
        if there is None:
            folder.upload(name, onnx, progress)
            return name
        if there.size == onnx.stat().st_size:
            return name
    raise ConflictError(f"There is another file “{slug}-{version}.onnx” in the exchange. It was not overwritten.")


def withdraw_version(folder: Folder, settings: Settings, place: str, reason: str) -> tuple[str, ...]:
    """Withdraw a version that this installation has published; return what did not go as it should.

    Raises InvalidInputError without a reason, AbsentError, and AccessRefusedError for that of somebody else.
    """
    check_withdrawal(place, reason)
    slug, _, version = place.rpartition("/")
    return withdraw(folder, slug, int(version), signing_key(settings), reason.strip())


def check_withdrawal(place: str, reason: str) -> None:
    """Raise InvalidInputError for what is no version, or where no reason is given."""
    slug, _, version = place.rpartition("/")
    if not reason.strip():
        raise InvalidInputError("Say why the model is withdrawn: others may be using it.")
    if not is_slug(slug) or version_of(version) is None:
        raise InvalidInputError(f"“{place[:80]}” is no version of a published model, such as name/1.")


def _published(folder: Folder, package: Path, slug: str, fingerprint: str) -> str | None:
    """Return the version of a slug that is this very package, signed by this key, if there is one."""
    with package.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    for row in read_catalogue(folder).rows:
        one = row.listing
        if (one.slug, one.sha256, row.fingerprint) == (slug, digest, fingerprint) and not row.withdrawn:
            return str(PurePosixPath(one.slug, str(one.version)))
    return None


def _advice(model: Model) -> list[str]:
    said = []
    if not model.evaluation:
        said.append("It has no results of its own test: nobody can tell how good it is.")
    if not model.manifest.get("training_data"):
        said.append("It does not say how many recordings and patients it was trained on.")
    if model.weights_key is None:
        said.append("Only its graph is known: others can fine-tune little more than its head.")
    return said
