"""Signatures and sums that anybody can check with sha256sum and openssl, and that nobody can bend."""

import base64
import hashlib
import json
import pickle
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.exchange.errors import ListingError
from backend.exchange.signing import PublicKey, SigningKey, verify
from backend.exchange.sums import from_sums, to_sums

KEY = SigningKey.new()
DATA = b"what was signed"


def test_coreutils_and_openssl_agree(tmp_path: Path) -> None:
    if not shutil.which("sha256sum") or not shutil.which("openssl"):
        pytest.skip("sha256sum or openssl is not installed")
    files = {"package.zip": b"zip", "card.md": "Übung\n".encode(), "listing.json": b"{}"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    sums = to_sums({name: hashlib.sha256(data).hexdigest() for name, data in files.items()})
    told = json.loads(KEY.sign(sums))
    (tmp_path / "SHA256SUMS").write_bytes(sums)
    (tmp_path / "key.pem").write_text(told["public_key"])
    (tmp_path / "signature").write_bytes(base64.b64decode(told["signature"]))
    ours = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True)
    assert ours.returncode == 0, ours.stderr
    theirs = subprocess.run(["sha256sum", *sorted(files)], cwd=tmp_path, capture_output=True, check=True)
    assert theirs.stdout == sums
    key = ["-pubin", "-inkey", "key.pem", "-rawin"]
    command = ["openssl", "pkeyutl", "-verify", *key, "-in", "SHA256SUMS", "-sigfile", "signature"]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True)
    assert checked.returncode == 0, checked.stderr
    (tmp_path / "SHA256SUMS").write_bytes(sums + b"\n")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode != 0


def test_the_first_vector_of_rfc_8032_has_its_signature() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    signed = (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
        "655141438e7a100b"
    )
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)))
    assert key.public.raw.hex() == public
    assert base64.b64decode(json.loads(key.sign(b""))["signature"]).hex() == signed


def test_a_signature_names_its_key_and_holds_for_its_bytes_alone() -> None:
    signature = KEY.sign(DATA)
    assert verify(DATA, signature) == KEY.public
    assert SigningKey.from_pem(KEY.to_pem()).public == KEY.public
    assert PublicKey.from_pem(KEY.public.pem) == KEY.public
    assert len(KEY.public.fingerprint.replace(" ", "")) == 32
    for other in (DATA + b"x", b"", DATA[:-1]):
        with pytest.raises(ListingError):
            verify(other, signature)


@given(st.integers(0, 400), st.integers(1, 255))
def test_no_byte_of_a_signature_can_be_changed_unnoticed(place: int, change: int) -> None:
    signature = bytearray(KEY.sign(DATA))
    place %= len(signature)
    signature[place] ^= change
    try:
        assert verify(DATA, bytes(signature)) == KEY.public, "another key"
        assert json.loads(signature)["signature"] == json.loads(KEY.sign(DATA))["signature"]  # a space, a tab …
    except ListingError:
        pass


@pytest.mark.parametrize("change", [
    {"algorithm": "none"}, {"algorithm": "HS256"}, {"schema_version": 2}, {"signature": ""}, {"signature": "AAAA"},
    {"public_key": ""}, {"public_key": "-----BEGIN PUBLIC KEY-----\n"}, {"extra": 1}, {"signature": None},
])  # fmt: skip
def test_another_kind_of_signature_does_not_count(change: dict[str, object]) -> None:
    with pytest.raises(ListingError):
        verify(DATA, json.dumps(json.loads(KEY.sign(DATA)) | change).encode())


def test_a_key_of_another_kind_is_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    for key in (ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)):
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        with pytest.raises(ListingError):
            PublicKey.from_pem(public)
        with pytest.raises(ListingError):
            SigningKey.from_pem(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_a_signing_key_shows_in_no_text_and_is_not_pickled() -> None:
    secret = KEY.to_pem().decode().splitlines()[1]
    assert secret not in repr(KEY) + str(KEY) + str(vars(KEY))
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
    with pytest.raises(ListingError) as caught:
        SigningKey.from_pem(KEY.to_pem()[:-40])
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None


H = "a" * 64


@pytest.mark.parametrize("data", [
    b"", b"\n", f"{H}  a".encode(), f"{H} a\n".encode(), f"{H} *a\n".encode(), f"{H.upper()}  a\n".encode(),
    f"{H}  ../a\n".encode(), f"{H}  a/b\n".encode(), f"{H}  a\n{H}  a\n".encode(), f"\\{H}  a\n".encode(),
    f"{H}  a\r\n".encode(), f"{H}  \n".encode(), f"{H}  é\n".encode(), f"{H[:-1]}  a\n".encode(),
])  # fmt: skip
def test_sums_that_are_none_are_refused(data: bytes) -> None:
    with pytest.raises(ListingError):
        from_sums(data)


def test_sums_are_of_the_files_that_are_wanted() -> None:
    assert from_sums(to_sums({"b": H, "a": H}), ("a", "b")) == {"a": H, "b": H}
    for wanted in (("a",), ("a", "b", "c")):
        with pytest.raises(ListingError):
            from_sums(to_sums({"b": H, "a": H}), wanted)
