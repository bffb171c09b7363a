"""Identities of a user: the last one by which they can sign in stays."""

import pytest

from backend.db.migrate import upgrade
from backend.db.session import write_session
from backend.db.tables import User
from backend.errors import ConflictError
from backend.services import identities
from backend.settings import Settings


def test_an_identity_of_a_provider_that_was_left_is_no_other_way_in(installed: Settings) -> None:
    url = installed.resolved_database_url
    upgrade(url)
    with write_session(url) as session:
        user = User(name="anna")
        session.add(user)
        session.flush()
        identities.add(session, user, "https://old.example", "1")
        now = identities.add(session, user, "https://new.example", "2")
        with pytest.raises(ConflictError, match="could not sign in"):
            identities.remove_own(session, now, False, "https://new.example")
        identities.add(session, user, "https://new.example", "3")
        identities.remove_own(session, now, False, "https://new.example")
        assert [one.subject for one in identities.of_user(session, user.id)] == ["1", "3"]
