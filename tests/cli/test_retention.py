"""`exchangeai retention` and `users identity`: said first, done when asked, errors in one line."""

from pathlib import Path

from backend.settings import Settings
from tests.accounts import House
from tests.installation import installation
from tests.samples import csv_file
from tests.shell_calls import fault, run, run_json


def test_a_rule_from_the_first_look_to_its_end(installed: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv_file(1))
    run("import", str(tmp_path / "a.csv"), "--project", "P", "--rate", "500", "--units-per-mv", "1000")
    of = ("--project", "P")
    assert run_json("retention", "show", *of)["rule"] is None
    looked = run_json("retention", "set", *of, "--days", "1", "--reason", "The law")
    assert (looked["set"], looked["outlook"]["coming"][0]["n_recordings"]) == (False, 1)
    assert run_json("retention", "show", *of)["rule"] is None
    assert run_json("retention", "set", *of, "--days", "1", "--reason", "The law", "--yes")["set"]
    shown = run_json("retention", "show", *of)
    assert (shown["rule"]["days"], shown["rule"]["reason"]) == (1, "The law")
    assert shown["outlook"]["coming"] == looked["outlook"]["coming"]
    held = run_json("retention", "hold", *of, "--patient", "MRN-1", "--reason", "A court")
    assert (held["kind"], held["patient"][:2]) == ("patient", "p-")
    assert held["id"] in run("retention", "show", *of).stdout
    assert run_json("retention", "release", held["id"], *of)["released"]
    (plan,) = run_json("retention", "run", "--dry-run")
    assert (plan["n_erased"], plan["n_noticed"], plan["dry_run"]) == (0, 0, True)  # it has its notice already
    (done,) = run_json("retention", "run", *of)
    assert done["n_erased"] == 0
    assert len(run_json("recordings", *of)["items"]) == 1
    assert run_json("retention", "set", *of, "--off") == {"days": None, "set": True}
    for wrong, said in (
        (("set", *of), "--off"), (("set", *of, "--days", "9", "--off"), "--off"),
        (("set", *of, "--days", "9", "--yes"), "Say why"), (("set", *of, "--off"), "no rule"),
        (("hold", *of, "--reason", "x"), "--whole-project"), (("show", "--project", "Q"), "no project"),
        (("release", "0", *of), "no hold"), (("run", "--project", "Q"), "no project"),
    ):  # fmt: skip
        assert said in fault("retention", *wrong), wrong


def test_an_identity_is_added_and_taken_away(house: House) -> None:
    told = {"oidc_issuer": "https://sso.example", "oidc_client_id": "x"}
    run("users", "add", "anna")
    assert "EXCHANGEAI_OIDC_ISSUER" in fault("users", "identity", "anna", "--subject", "s-1")
    with installation(house.settings.data_dir, mode="server", **told):
        assert run_json("users", "identity", "anna") == []
        (added,) = run_json("users", "identity", "anna", "--subject", "s-1")
        assert (added["issuer"], added["subject"]) == ("https://sso.example", "s-1")
        assert "belongs to a user" in fault("users", "identity", "anna", "--subject", "s-1")
        assert run_json("users", "identity", "anna", "--remove", added["id"]) == []
