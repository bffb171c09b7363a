"""The part of the examples of server mode that has to do with an OpenID provider, and that of retention."""

from tests.api_recorder import Recorder
from tests.openid_provider import CLIENT, OpenIdProvider

SUBJECT = "f3a1c0de-7d1b-4b7e-9a53-0c2f6f1f5b1d"


def with_provider(provider: OpenIdProvider) -> dict[str, str]:
    """Return the settings of an installation whose people may sign in at a provider."""
    return {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_label": "Heart clinic"}


def ask_identities(to: Recorder, user_id: str) -> None:
    """Ask for what has to do with identities."""
    given = to.ask("POST", f"~/users/{user_id}/identities", {"subject": SUBJECT})
    to.ask("GET", f"~/users/{user_id}/identities")
    to.ask("GET", f"~/users/{user_id}/identities/{given['id']}")
    to.ask("DELETE", f"~/users/{user_id}/identities/{given['id']}")
    to.ask("GET", "~/account/identities")
    to.ask("POST", "~/account/identities")
    for name in ("begin_provider_sign_in", "join_own_identity"):  # a real one would be another each time
        address = "https://sso.hospital.example/authorize?response_type=code&client_id=exchangeai&state=…"
        to.found[name] = {"response": {"address": address}}
    to.found["begin_provider_sign_in"]["request"] = {"to": "/projects", "link": ""}
    to.found["provider_sign_out"] = {"response": {"address": "https://sso.hospital.example/logout"}}
    issuer = {"issuer": "https://sso.hospital.example"}
    to.found["add_user_identity"]["response"] |= issuer
    to.found["get_user_identity"]["response"] |= issuer
    to.found["list_user_identities"]["response"][0] |= issuer


def ask_retention(to: Recorder) -> None:
    """Ask for the rule of a project and for holds."""
    rule = {"days": 3650, "reason": "Ten years, as the ethics committee has asked (vote 12/2026)"}
    to.ask("PUT", "/retention", rule)
    to.ask("GET", "/retention")
    to.ask("GET", "/retention/preview", days=365)
    to.ask("GET", "/retention/notices")
    held = to.ask("POST", "/retention/holds", {"reason": "A court has asked for it", "patient": "MRN-4711"})
    to.ask("GET", "/retention/holds")
    to.ask("GET", f"/retention/holds/{held['id']}")
    to.ask("DELETE", f"/retention/holds/{held['id']}")
    to.ask("DELETE", "/retention")
