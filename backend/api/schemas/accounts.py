"""Wire shapes of accounts: who is signed in, users, members of projects, API keys."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from backend.api.schemas.base import Name, Schema
from backend.services.api_keys import LONGEST_DAYS
from backend.services.person import Role

Password = Annotated[SecretStr, Field(max_length=1000)]


class Account(Schema):
    """Who is asking, as the platform knows it."""

    mode: Literal["local", "server"] = Field(description="local: one user, who need not sign in.")
    signed_in: bool
    id: str = Field(description="Empty where nobody has signed in.")
    name: str
    is_admin: bool = Field(description="Of the installation.")
    roles: dict[str, Role] = Field(description="Project -> role; an admin of the installation is admin in every one.")
    provider: str | None = Field(description="“Sign in with …”: the provider where people may; null: none is set.")
    by_provider: bool = Field(description="Whether this session was begun there.")
    password_sign_in: bool = Field(description="Whether people sign in with passwords.")
    csrf_token: str = Field(description="To be sent as X-CSRF-Token with every change; empty without a session.")


class SignIn(Schema):
    """Name and password."""

    name: str = Field(max_length=200)
    password: Password


class PasswordByLink(Schema):
    """A password that somebody chooses by a link that works once."""

    token: str = Field(max_length=200, description="What stands after the # of the link.")
    password: Password


class PasswordChange(Schema):
    """Another password; all other sessions end."""

    password: Password = Field(description="The present one.")
    new_password: Password


class User(Schema):
    """Somebody who may sign in."""

    id: str
    name: str
    is_admin: bool
    has_password: bool
    n_identities: int = Field(description="At OpenID providers, by which the user signs in.")
    created_at: datetime
    last_login_at: datetime | None
    disabled_at: datetime | None


class UserIn(Schema):
    """A user to add."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    is_admin: bool = False


class UserPatch(Schema):
    """What of a user is changed."""

    is_admin: bool | None = None
    disabled: bool | None = None


class ProviderSignIn(Schema):
    """How somebody signs in at the OpenID provider."""

    to: str = Field("/", max_length=1000, description="Path of the page to show afterwards; others lead to its start.")
    link: str = Field("", max_length=200, description="What stands after the # of a link: its user gets the identity.")


class ProviderAddress(Schema):
    """Where the browser goes next."""

    address: str = Field(description="At the provider; empty: nowhere.")


class Identity(Schema):
    """Somebody as an OpenID provider knows them."""

    id: str
    issuer: str
    subject: str = Field(description="The claim “sub”.")
    created_at: datetime
    last_login_at: datetime | None


class IdentityIn(Schema):
    """An identity at the provider of this installation to give a user."""

    subject: Annotated[str, Field(min_length=1, max_length=255, description="The claim “sub”.")]


class UserLink(Schema):
    """A link with which a user chooses a password, once."""

    path: str = Field(description="To be put after the address of the platform. What stands after the # is secret.")
    days: int = Field(description="So long it works.")


class NewUser(Schema):
    """A user and the link to hand over."""

    user: User
    link: UserLink


class Member(Schema):
    """What somebody may do in a project."""

    user_id: str
    name: str
    role: Role
    created_at: datetime


class MemberIn(Schema):
    """The role that somebody gets in a project."""

    name: Annotated[str, Field(min_length=1, max_length=100, description="Name of the user.")]
    role: Role


class ApiKey(Schema):
    """A key with which a program acts for a person."""

    id: str
    name: str
    prefix: str = Field(description="How the key begins.")
    role: Role = Field(description="It may do no more than this role, nor more than its person.")
    project_id: str | None = Field(description="The project it is for; null: all of its person.")
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To the minute.")


class ApiKeyIn(Schema):
    """A key to make."""

    name: Name
    role: Role = "viewer"
    project_id: str | None = Field(None, max_length=64)
    days: int = Field(90, ge=1, le=LONGEST_DAYS, description="So long it is valid.")


class NewApiKey(Schema):
    """A key, shown this once."""

    key: ApiKey
    secret: str = Field(description="What a program sends: “Authorization: Bearer …”. It cannot be shown again.")
