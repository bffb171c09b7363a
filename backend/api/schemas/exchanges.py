"""Wire shapes of exchanges, of what they offer, and of the keys of those who publish in them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints

from backend.api.schemas.base import Name, Schema, Sentence
from backend.api.schemas.models import Ancestor, ModelScore
from backend.ml.spec import Task

Text200 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Fingerprint = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Password = Annotated[SecretStr, Field(max_length=1000)]
Certificate = Annotated[str, Field(max_length=1_000_000, description="Of an own authority, as PEM; empty: none.")]


class ExchangeIn(Schema):
    """An exchange to add: the address of a WebDAV folder, a share link, or the address of a folder in a cloud."""

    name: Name
    url: Address
    username: Text200 = ""
    password: Password | None = Field(None, description="Kept sealed, never returned.")
    access: Literal["read", "read_write"] = "read"
    certificate: Certificate = ""
    plain_http: bool = Field(False, description="Let the password travel readable, over http, to another machine.")


class ExchangePatch(Schema):
    """Changes to an exchange; what is left out stays. Another address or user needs its password again."""

    name: Name | None = None
    url: Address | None = None
    username: Text200 | None = None
    password: Password | None = Field(None, description="An empty one takes the old one away.")
    access: Literal["read", "read_write"] | None = None
    certificate: Certificate | None = None
    plain_http: bool | None = None


class Exchange(Schema):
    """A WebDAV folder in which models are shared. Its password is never shown."""

    id: str
    name: str
    url: str
    username: str
    has_password: bool
    access: Literal["read", "read_write"]
    certificate: str
    plain_http: bool
    listed_at: datetime | None = Field(description="When its list was last read; none: never.")
    n_models: int = Field(description="In the list as it was last read, without old versions and withdrawn ones.")
    created_at: datetime


class ExchangeCheck(Schema):
    """What was found when an exchange was tried."""

    writable: bool | None = Field(description="None: not tried, as it is read-only here.")
    free_bytes: int | None = Field(description="Room there is; none: the server does not say.")
    n_entries: int = Field(description="Files and folders in its folder.")


class ExchangeListing(Schema):
    """The list of an exchange has been read anew."""

    exchange: Exchange
    notes: list[Sentence] = Field(description="What could not be read.")


class ListedMetric(Schema):
    """One number of a model's own test, with its interval of 95 %."""

    name: str
    value: float | None
    low: float | None
    high: float | None


class HeldModel(Schema):
    """A model of this installation that is the same file."""

    project_id: str
    project_name: str
    model_id: str
    name: str


class ExchangeModel(Schema):
    """A version of a model in an exchange, as it describes itself; a bare ONNX file says little and is unsigned."""

    place: str = Field(description="slug/version, or the name of the ONNX file; by this it is pulled.")
    bare: bool = Field(description="A bare ONNX file, as the original platform keeps them.")
    name: str
    slug: str
    version: int | None
    versions: int
    newest: bool
    publisher: str
    published: str
    notes: str
    licence: str
    intended_use: str
    task: Task | None
    architecture: str
    labels: list[str]
    label_names: list[str]
    leads: list[str]
    rate: float | None = Field(description="Hz.")
    seconds: float | None
    parameters: int | None
    size: int = Field(description="Bytes.")
    metrics: list[ListedMetric]
    score: ModelScore | None
    tested_on: int
    trained_on: int
    lineage: list[Ancestor]
    predicts: bool
    fine_tunes: bool
    sha256: str = Field(description="Of its ONNX file; empty where it is not known.")
    fingerprint: str = Field(description="Of the key it says to be signed with; empty: unsigned.")
    signature: Literal["trusted", "new", "another key", "refused", "unsigned"]
    withdrawn: str = Field(description="Why it was withdrawn; empty: it was not.")
    why: Sentence = Field(description="Why a bare ONNX file is not understood; empty: it is.")
    here: list[HeldModel]


class ExchangeModelDetail(Schema):
    """A version with its card, both verified by the signature; `fingerprint` is that of the key that has signed it."""

    model: ExchangeModel
    card: str = Field(description="Markdown, written by its publisher; empty of a bare ONNX file.")
    verified: bool


class KeyIn(Schema):
    """What is decided of a key."""

    fingerprint: Fingerprint
    publisher: Text200
    status: Literal["trusted", "refused"]


class Key(Schema):
    """A key with which a publisher signs, trusted or refused here."""

    fingerprint: str
    publisher: str
    status: Literal["trusted", "refused"]
    first_seen: datetime


class Withdrawal(Schema):
    """Why a model is withdrawn; others read it."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class ExchangeJobIn(Schema):
    """Long work to be done in an exchange."""

    kind: Literal["verify", "index", "withdraw"] = Field(
        description="`verify`: fetch models, verify them and keep nothing; `index`: make the index anew from the "
        "models; `withdraw`: delete the package of a version that was published from here."
    )
    item: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = Field(
        "", description="Place of a model, such as afib-detector/2; empty: all are verified."
    )
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = Field(
        "", description="Why it is withdrawn; others read it."
    )


class OwnKey(Schema):
    """The key with which this installation signs what it publishes."""

    fingerprint: str
    public_key: str = Field(description="As PEM.")
    publisher: str = Field(description="Name under which it publishes; empty: not chosen yet.")
