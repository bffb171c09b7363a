"""Certificates: expired, self-signed, of another server or an unknown authority are refused, each in its own words."""

import datetime as dt
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from backend.exchange.errors import AddressError, CertificateError
from backend.exchange.webdav import Folder
from tests.exchange.liar import Liar, liar, listing
from tests.exchange.webdav_servers import Server

NOW = dt.datetime.now(dt.UTC)


@contextmanager
def https(certificate: trustme.LeafCert) -> Iterator[Liar]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with liar(lambda _: listing(("/dav/x", 1)), context) as server:
        yield server


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return path


def test_the_authority_of_a_hospital_is_trusted_where_its_file_is_given(authority: trustme.CA, trusted: Path) -> None:
    with https(authority.issue_cert("localhost")) as server:
        with Folder(server.url, "anna", "secret", verify=trusted, attempts=1) as folder:
            assert [entry.name for entry in folder.list()] == ["x"]
        assert server.asked[0].headers["authorization"]


@pytest.mark.parametrize(("host", "options", "words"), [
    ("localhost", {"not_after": NOW - dt.timedelta(days=1)}, "has expired"),
    ("localhost", {"not_before": NOW + dt.timedelta(days=1)}, "not valid yet"),
    ("other.example", {}, "another server"),
])  # fmt: skip
def test_a_certificate_that_does_not_fit_is_refused_before_the_password_is_sent(
    authority: trustme.CA, trusted: Path, host: str, options: dict[str, dt.datetime], words: str
) -> None:
    with https(authority.issue_cert(host, **options)) as server:
        with (
            Folder(server.url, "anna", "secret", verify=trusted) as folder,
            pytest.raises(CertificateError, match=words),
        ):
            folder.list()
        assert server.asked == []


def test_an_authority_that_is_not_known_is_refused(authority: trustme.CA) -> None:
    with https(authority.issue_cert("localhost")) as server:
        with Folder(server.url, "anna", "secret") as folder, pytest.raises(CertificateError, match="authority"):
            folder.list()
        assert server.asked == []


def test_a_self_signed_certificate_is_refused_until_its_file_is_given(tmp_path: Path) -> None:
    pem, key = _self_signed()
    path = tmp_path / "server.pem"
    path.write_bytes(pem + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    path.write_bytes(pem)
    with liar(lambda _: listing(), context) as server:
        with Folder(server.url, "anna", "secret") as folder, pytest.raises(CertificateError, match="self-signed"):
            folder.list()
        assert server.asked == []
        with Folder(server.url, "anna", "secret", verify=path) as folder:
            assert folder.list() == []


def test_a_server_without_tls_behind_https_is_told_in_words(wsgidav: Server) -> None:
    with Folder(wsgidav.url.replace("http:", "https:"), attempts=1) as folder:  # noqa: SIM117
        with pytest.raises(CertificateError, match="No protected connection"):
            folder.list()


def test_a_password_does_not_travel_readable() -> None:
    with pytest.raises(AddressError, match="https"):
        Folder("http://cloud.example/dav/", "anna", "secret")
    Folder("http://cloud.example/dav/").close()
    Folder("http://webdav/", "anna", "secret", plain_http=True).close()


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n", None])
def test_a_file_of_certificates_that_is_none_is_told_in_words(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CertificateError, match="PEM"):
        Folder("https://localhost/", verify=path)


@pytest.mark.parametrize("url", [
    "ftp://x/", "cloud.example", "https://", "https://anna:pw@cloud.example/", "https://x/?a", "https://x/#a",
    "file:///etc/passwd", "https://x:99999/", "javascript:alert(1)", "https://[x/",
])  # fmt: skip
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(AddressError) as caught:
        Folder(url)
    assert "pw" not in str(caught.value)


def _self_signed() -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(NOW - dt.timedelta(days=1))
        .not_valid_after(NOW + dt.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    return made.public_bytes(pem), key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
