"""deploy/nginx.conf for real: nginx in front of the published port, with a certificate that is made here."""

import re
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.containers.stack import HOST, ROOT
from tests.platform_process import until
from tests.servers import end_with_the_tests, free_port


@contextmanager
def https(folder: Path, platform: int) -> Iterator[httpx.Client]:
    """Run nginx before the platform's port; yield a client that calls it by https under the HOST of its certificate."""
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        pytest.skip("nginx is not installed")
    port = free_port()
    _certificate(folder)
    (folder / "nginx.conf").write_text(_around(_named(folder, port, platform), folder))
    command = [program, "-c", folder / "nginx.conf", "-p", folder]
    process = subprocess.Popen(command, preexec_fn=end_with_the_tests(signal.SIGTERM))
    known = ssl.create_default_context(cafile=folder / "certificate.pem")
    try:
        with httpx.Client(base_url=f"https://localhost:{port}", headers={"Host": HOST}, verify=known) as client:
            until(lambda: _answers(client))
            yield client
    finally:
        process.terminate()
        process.wait(30)


def _named(folder: Path, port: int, platform: int) -> str:
    """Return our file with certificate and ports of this machine, as an operator names them."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for pattern, value in (
        (r"listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), (r"127\.0\.0\.1:8000", f"127.0.0.1:{platform}"),
        (r"ssl_certificate [^;]+", f"ssl_certificate {folder}/certificate.pem"),
        (r"ssl_certificate_key [^;]+", f"ssl_certificate_key {folder}/key.pem"),
    ):  # fmt: skip
        text, n = re.subn(pattern, value, text)
        assert n == 1, pattern
    return text


def _around(sites: str, folder: Path) -> str:
    """Return what nginx wants besides: one process without root's folders."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    return (
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ }}\nhttp {{\naccess_log off; {temporary}\n{sites}\n}}\n"
    )


def _certificate(folder: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={HOST}",
         "-addext", f"subjectAltName=DNS:{HOST},DNS:localhost", "-keyout", folder / "key.pem",
         "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/metrics").status_code == 404
    except httpx.TransportError:
        return False
