"""Base images made here, for a machine that can pull none: Debian by mmdebstrap, with what the official images have.

They stand in for python, node, postgres, redis and rclone by the build arguments of the Dockerfiles, and know the
certificates, the settings of pip and npm, and the local wheels of the machine they are made on.
"""

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SLIM = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc", "locale", "info")]
SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
RELEASE = "bookworm"
POSTGRES = Path(__file__).with_name("postgres.sh")


@dataclass(frozen=True, slots=True)
class Base:
    """Packages of Debian, commands in the folder "$1" of the system being made, and how the image is configured."""

    name: str
    packages: tuple[str, ...]
    hooks: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """Its name, with a digest of its recipe: what is there already is not made again."""
        return f"exchangeai-base/{self.name}:{hashlib.sha256(repr(self).encode()).hexdigest()[:12]}"


def _user(name: str, home: str) -> tuple[str, ...]:
    """Give a user the number 999 that it has in the official images, and its folder."""
    return (
        f'chroot "$1" groupmod --gid 999 {name}', f'chroot "$1" usermod --uid 999 --gid 999 {name}',
        f'chroot "$1" install --directory --owner 999 --group 999 {home}',
    )  # fmt: skip


TRUSTED = (f'cp {CERTIFICATES} "$1/etc/ssl/certs/"',)
NODE = (
    'cp "$(readlink -f "$(command -v node)")" "$1/usr/bin/node"', 'mkdir -p "$1/usr/lib/node_modules" "$1/usr/etc"',
    'cp -a "$(npm root --global)/npm" "$1/usr/lib/node_modules/"',
    'ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/usr/bin/npm"',
    'for from in /usr/etc/npmrc "$HOME/.npmrc"; do [ ! -e "$from" ] || cat "$from" >> "$1/usr/etc/npmrc"; done',
)  # fmt: skip
NO_CLUSTER = (
    'mkdir -p "$1/etc/postgresql-common" && '
    'echo create_main_cluster=false > "$1/etc/postgresql-common/createcluster.conf"'
)

PYTHON = Base("python", ("python3", "python3-venv", "ca-certificates"), TRUSTED)
BASES = {
    "NODE_BASE": Base(
        "node", ("ca-certificates", "libstdc++6", "libatomic1"), TRUSTED + NODE,
        (f"ENV NODE_EXTRA_CA_CERTS={CERTIFICATES}",),
    ),
    "PYTHON_BASE": PYTHON,
    "POSTGRES_BASE": Base(
        "postgres", ("postgresql",),
        (*_user("postgres", "/var/lib/postgresql/data"), f'install {POSTGRES} "$1/usr/local/bin/entrypoint"'),
        ("ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/data",
         'ENTRYPOINT ["entrypoint"]'),
    ),
    "REDIS_BASE": Base("redis", ("redis-server",), _user("redis", "/data")),
    "RCLONE_BASE": Base("rclone", ("rclone",), (), ('ENTRYPOINT ["rclone"]',)),
}  # fmt: skip


def make_bases(folder: Path) -> dict[str, str]:
    """Make every base that is not there yet; return build argument -> image."""
    for base in BASES.values():
        if not _is_there(base.tag):
            _make(base, folder)
    return {name: base.tag for name, base in BASES.items()} | {"BUILD_BASE": _with_pip(PYTHON, folder)}


def _is_there(tag: str) -> bool:
    return subprocess.run(["docker", "image", "inspect", tag], capture_output=True).returncode == 0


def _make(base: Base, folder: Path) -> None:
    system = folder / f"{base.name}.tar"
    hooks = [f"--customize-hook={hook}" for hook in base.hooks]
    if base.name == "postgres":
        hooks.append(f"--essential-hook={NO_CLUSTER}")
    command = ["nice", "mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(base.packages)}"]
    subprocess.run([*command, *SLIM, *hooks, RELEASE, system, SOURCES], check=True)
    changes = [part for change in base.changes for part in ("--change", change)]
    subprocess.run(["docker", "import", *changes, system, base.tag], check=True, capture_output=True)
    system.unlink()


def _with_pip(base: Base, folder: Path) -> str:
    """Return the image in which packages are installed: the base, with this machine's settings and wheels for pip."""
    tag = f"{base.tag}-pip"
    if _is_there(tag):
        return tag
    place = folder / "pip"
    (place / "wheels").mkdir(parents=True)
    said = subprocess.run(["pip", "config", "list"], check=True, capture_output=True, text=True).stdout
    known = {key: value.strip("'") for key, _, value in (line.partition("=") for line in said.splitlines())}
    lines = [f"{name} = {known[f'global.{name}']}" for name in ("index-url", "cert") if f"global.{name}" in known]
    for wheel in Path(known.get("global.find-links", "/nowhere")).glob("*.whl"):
        shutil.copy(wheel, place / "wheels")
    (place / "pip.conf").write_text("\n".join(["[global]", *lines, "find-links = /opt/wheels", ""]))
    (place / "Dockerfile").write_text(f"FROM {base.tag}\nCOPY pip.conf /etc/\nCOPY wheels /opt/wheels\n")
    subprocess.run(["docker", "build", "--quiet", "--tag", tag, place], check=True, capture_output=True)
    shutil.rmtree(place)
    return tag
