"""Settings, each an environment variable with the prefix EXCHANGEAI_ (see docs/settings.md)."""

import errno
import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Callable
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

QUEUES = ("ingest", "predict", "transfer", "train-cpu", "train-gpu")
"""Queues that a worker can listen to."""


INSTALL_TORCH = "pip install 'exchangeai[train]'"
"""How an installation learns to train."""


INSTALL_S3 = "pip install 'exchangeai[s3]'"
"""How an installation learns to keep its files in a store that speaks S3."""

_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?")

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""Names by which a machine calls itself."""


def is_this_machine(host: str) -> bool:
    """Say whether an address is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def can_train() -> bool:
    """Say whether what training needs is installed here. Looks for torch without loading it."""
    return find_spec("torch") is not None


class Settings(BaseSettings):
    """Everything an installation can set. With nothing set, all of it runs on a laptop without servers."""

    model_config = SettingsConfigDict(
        env_prefix="EXCHANGEAI_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    mode: Literal["local", "server"] = Field("local", description="local: one user, this machine; server: accounts.")
    data_dir: Path = Field(Path("data"), description="Folder of everything the platform keeps.")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder.")
    database_password: SecretStr = Field(SecretStr(""), description="Password for the database, not in its URL.")
    storage_url: str = Field("", description="s3://bucket/prefix where files are kept; empty: in the data folder.")
    storage_endpoint: str = Field("", description="Address of a store that speaks S3; empty: that of AWS.")
    storage_region: str = Field("", description="Region of the bucket, where its store has such.")
    storage_key: str = Field("", description="Access key of the store; empty: what the machine has been given.")
    storage_secret: SecretStr = Field(SecretStr(""), description="Secret of the access key.")
    storage_copies_bytes: int = Field(4 * 1024**3, gt=0, description="Room for local copies of models in the store.")
    redis_url: str = Field("", description="Redis URL of the job queue; empty: a folder in the data folder.")
    host: str = Field("127.0.0.1", description="Address the page and API listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the page and API listen on.")
    allowed_hosts: str = Field("", description="Names under which it is called, beside those of this machine.")
    trusted_proxy: str = Field("", description="Addresses of proxies whose X-Forwarded headers are believed.")
    session_hours: float = Field(12, gt=0, le=720, description="A session that is not used for so long ends.")
    oidc_issuer: str = Field("", description="Address of the OpenID provider at which people sign in; empty: none.")
    oidc_client_id: str = Field("", validate_default=True, description="Name of this platform at the provider.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Secret that the provider has given it.")
    oidc_scopes: str = Field("openid profile email", description="What the provider is asked for.")
    oidc_name_claim: str = Field("preferred_username", min_length=1, description="Claim that a new user is named by.")
    oidc_groups_claim: str = Field("groups", min_length=1, description="Claim that says in which groups somebody is.")
    oidc_groups: str = Field("", description="Groups that are let in, separated by commas; empty: whoever has a user.")
    oidc_create_users: bool = Field(False, description="A user is made at the first sign-in of somebody unknown.")
    oidc_label: str = Field("your organisation", max_length=60, description="“Sign in with …” on the page.")
    password_sign_in: bool = Field(True, validate_default=True, description="Whether people sign in with passwords.")
    audit: Literal["server", "always"] = Field("server", description="Where accesses are recorded: in server mode.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: Literal["text", "json"] = Field("text", description="json: one object a line, and each request.")
    log_files: bool = Field(True, description="Logs of child processes go to files; off: to standard error.")
    upload_bytes: int = Field(2 * 1024**3, gt=0, description="Largest upload request in bytes.")
    archive_bytes: int = Field(8 * 1024**3, gt=0, description="Largest expanded size of a zip in bytes.")
    archive_entries: int = Field(100_000, gt=0, description="Most files in a zip.")
    model_bytes: int = Field(512 * 1024**2, gt=0, description="Largest model file that is taken in, in bytes.")
    job_lease_s: float = Field(15, gt=0, description="A job without a heartbeat for so many seconds is taken up again.")
    job_attempts: int = Field(5, gt=0, description="How many workers may die at a job before it fails.")
    read_seconds: float = Field(30, gt=0, description="Time a library of others may take to read one file.")
    read_memory: int = Field(1536 * 1024**2, gt=0, description="Memory in bytes it may take for that.")
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Secret that pseudonyms and sealed passwords hang on; empty: one kept in the data folder.",
    )
    dicom_ae_title: str = Field("EXCHANGEAI", max_length=16, description="AE title of the DICOM receiver.")
    dicom_destination: str = Field("", description="Where results go by DICOM: title@host:port; empty: nowhere.")
    publisher: str = Field("", max_length=100, description="Name under which models are published in exchanges.")
    predict_threads: int = Field(0, ge=0, description="Threads for one prediction; 0: one a core, four at most.")

    @classmethod
    def settings_customise_sources(  # pydantic-settings calls it by this name
        cls, settings_cls: type[BaseSettings], *_: PydanticBaseSettingsSource, **sources: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let any setting come from a file that a variable names, as containers are given their secrets."""
        given, environment, dotenv = (sources[name] for name in ("init_settings", "env_settings", "dotenv_settings"))
        return given, _Files(settings_cls, environment, dotenv), environment, dotenv

    @field_validator("storage_url")
    @classmethod
    def _a_bucket(cls, value: str) -> str:
        if value and not _BUCKET.fullmatch(value):
            raise ValueError("it is not of the form s3://bucket or s3://bucket/prefix, and only such stores are known")
        if value and find_spec("s3fs") is None:
            raise ValueError(f"this installation lacks what speaks S3: {INSTALL_S3}")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise ValueError("it is shorter than 32 characters")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _an_issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or ""))
        if value and (not safe or not parts.hostname or parts.query or parts.fragment or parts.username):
            raise ValueError("it is not of the form https://host/path, without a user, a query or a fragment")
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def _named_at_the_provider(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not value:
            raise ValueError("a provider is set (EXCHANGEAI_OIDC_ISSUER), so the name of this platform there is needed")
        return value

    @field_validator("oidc_scopes")
    @classmethod
    def _asks_who(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError("“openid” is not among the scopes, without which no provider says who somebody is")
        return value

    @field_validator("password_sign_in")
    @classmethod
    def _some_way_in(cls, value: bool, info: ValidationInfo) -> bool:
        if not value and not info.data.get("oidc_issuer"):
            raise ValueError("without passwords and without a provider (EXCHANGEAI_OIDC_ISSUER) nobody could sign in")
        return value

    @field_validator("host")
    @classmethod
    def _this_machine(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("mode") == "local" and not is_this_machine(value):
            raise ValueError(
                f"in local mode, which has no login, {value} would open all recordings to the network. Leave it at "
                "127.0.0.1, or set EXCHANGEAI_MODE=server, where people sign in (docs/security.md)"
            )
        return value

    @cached_property
    def hosts(self) -> tuple[str, ...]:
        """The names under which the platform may be called: those of this machine, and those that are set."""
        named = (name.strip().lower() for name in self.allowed_hosts.split(","))
        return (*LOCAL_HOSTS, *(name for name in named if name))

    @property
    def has_accounts(self) -> bool:
        """Whether people sign in."""
        return self.mode == "server"

    @property
    def has_provider(self) -> bool:
        """Whether people may sign in at an OpenID provider."""
        return self.has_accounts and bool(self.oidc_issuer)

    @property
    def keeps_audit(self) -> bool:
        """Whether accesses to patients' data are recorded."""
        return self.has_accounts or self.audit == "always"

    @cached_property
    def resolved_database_url(self) -> str:
        """The database to use: the one set, with its password, or SQLite in the data folder."""
        password = self.database_password.get_secret_value()
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'exchangeai.sqlite').resolve()}"
        if not password:
            return self.database_url
        from sqlalchemy.engine import make_url  # not needed by what only starts other processes

        return make_url(self.database_url).set(password=password).render_as_string(hide_password=False)

    @cached_property
    def resolved_secret_key(self) -> bytes:
        """The secret of this installation: the one set, or the one in the data folder, made at the first need."""
        return self.secret_key.get_secret_value().encode() or kept_secret(
            self.data_dir / "secret.key", lambda: secrets.token_hex(32).encode()
        )

    @cached_property
    def threads_for_prediction(self) -> int:
        """Threads of one prediction."""
        return self.predict_threads or min(4, os.cpu_count() or 1)


class _Files(PydanticBaseSettingsSource):
    """Settings from files: EXCHANGEAI_SECRET_KEY_FILE=/run/secrets/key gives `secret_key`, less the space around it."""

    def __init__(self, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._sources = [source for source in sources if isinstance(source, EnvSettingsSource)]

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - pydantic's form
        """Return what the file of a setting holds, None where none is named. Raises OSError."""
        variable = f"{self.config['env_prefix']}{field_name}_file".lower()
        paths = [source.env_vars.get(variable) for source in self._sources]
        path = next(filter(None, paths), None)
        return Path(path).read_text(encoding="utf-8").strip() if path else None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the settings that are in files."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


@lru_cache
def get_settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()


def kept_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the secret in a file that only its owner may read, made at the first need.

    Of several processes that make it at once one does. Raises OSError for one that is cut off.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(make())
        try:
            os.link(name, path)
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    secret = path.read_bytes().strip()
    if len(secret) < 32:
        raise OSError(errno.EINVAL, "The secret is cut off; restore it from a backup", str(path))
    return secret
