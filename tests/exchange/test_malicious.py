"""A corpus of hostile models: each is refused with its reason, and nothing is written outside quarantine."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from backend.exchange.errors import QuarantinedError, ServerAnswerError
from backend.exchange.fetch import REASON, describe, fetch
from backend.exchange.index import read_catalogue
from backend.exchange.listing import Listing, listing_of
from backend.exchange.signing import SigningKey
from backend.exchange.sums import to_sums
from backend.exchange.trust import Trust
from backend.exchange.version import withdrawal
from backend.ml.packaging.manifest import Manifest
from backend.ml.packaging.package import CARD, MANIFEST, WEIGHTS
from tests.exchange.packages import MOST, SPEC, a_package, content_of, onnx_file, zipped
from tests.exchange.webdav_servers import Server
from tests.model_files import graph

KEY = SigningKey.new()
SLUG = "model"
Files = dict[str, bytes]


def version(
    package: bytes, key: SigningKey = KEY, like: bytes | None = None, card: bytes | None = None, **changes: object
) -> Files:
    """Return the files of a version as somebody with a key of their own would sign them.

    The listing is that of the package, or of the package `like`, with `changes`.
    """
    with zipfile.ZipFile(io.BytesIO(like or package)) as archive:
        said = Manifest.from_json(archive.read(MANIFEST))
        card = archive.read(CARD) if card is None else card
    sha256 = hashlib.sha256(package).hexdigest()
    facts = {"slug": SLUG, "version": 1, "publisher": "Ward 3", "published": "2026-01-01", "notes": ""}
    listed = listing_of(said, sha256=sha256, size=len(package), **facts).to_dict() | changes  # type: ignore[arg-type]
    files = {"listing.json": json.dumps(listed).encode(), "card.md": card}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()} | {"package.zip": sha256}
    sums = to_sums(hashes)
    return files | {"package.zip": package, "SHA256SUMS": sums, "SHA256SUMS.sig": key.sign(sums)}


def repacked(data: bytes, **changes: bytes) -> bytes:
    return zipped(content_of(data) | {name.replace("_", "."): part for name, part in changes.items()})


def renamed(data: bytes, name: str) -> bytes:
    """Return the package with one file more, whose name leads elsewhere."""
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(name, b"out")
    return buffer.getvalue()


def bomb(data: bytes) -> bytes:
    content = content_of(data)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, bytes(300 << 20) if name == WEIGHTS else part)
    return buffer.getvalue()


def external_data() -> bytes:
    made = graph(metadata=None, n=SPEC.n_samples)
    model = onnx.load_from_string(made)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/passwd")
    return model.SerializeToString() + onnx_file()[len(graph(n=SPEC.n_samples)) :]


def endless_graph() -> bytes:
    loop = helper.make_node("Loop", ["", "", "x"], ["y"], body=helper.make_graph([], "b", [], []))
    return graph([loop], {"exchangeai": SPEC.to_json()}, n=SPEC.n_samples)


def code_in_metadata() -> bytes:
    return graph(metadata={"exchangeai": "__import__('os').system('touch /tmp/owned')"}, n=SPEC.n_samples)


PICKLE = b"cos\nsystem\n(S'touch /tmp/owned'\ntR."
SUMS_THAT_LEAD_ELSEWHERE = b"0" * 64 + b"  ../x\n"
SUMS_OF_OTHER = to_sums(dict.fromkeys(("package.zip", "listing.json", "card.md"), "0" * 64))


def _without(files: Files, name: str, change: Callable[[bytes], bytes]) -> Files:
    return files | {name: change(files[name])}


CORPUS: dict[str, tuple[Callable[[bytes], Files], str]] = {
    "traversal in the zip": (lambda p: version(renamed(p, "../../out"), like=p), "no model package"),
    "absolute name in the zip": (lambda p: version(renamed(p, "/tmp/out"), like=p), "no model package"),
    "a file too many": (lambda p: version(renamed(p, "setup.py"), like=p), "no model package"),
    "zip bomb": (lambda p: version(bomb(p), like=p), "expands to more than"),
    "not a zip": (lambda p: version(p[:-30], like=p), "damaged"),
    "external data": (lambda p: version(repacked(p, model_onnx=external_data()), like=p), "another file"),
    "endless graph": (lambda p: version(repacked(p, model_onnx=endless_graph()), like=p), "need not end"),
    "code in metadata": (lambda p: version(repacked(p, model_onnx=code_in_metadata()), like=p), "not valid JSON"),
    "pickle for weights": (lambda p: version(repacked(p, weights_safetensors=PICKLE), like=p), "safetensors"),
    "wrong hash in the manifest": (
        lambda p: version(zipped(content_of(p) | {WEIGHTS: content_of(p)[WEIGHTS] + b" "}, true_hashes=False), like=p),
        "not the file that its manifest names",
    ),
    "wrong hash of the package": (lambda p: _without(version(p), "package.zip", lambda d: d[:-1] + b"\1"), "SHA-256"),
    "longer package": (lambda p: _without(version(p), "package.zip", lambda d: d + b"x"), "should have"),
    "shorter package": (lambda p: _without(version(p), "package.zip", lambda d: d[:-1]), "should have"),
    "changed listing": (lambda p: _without(version(p), "listing.json", lambda d: d.replace(b"Teaching", b"Treating")),
                        "listing.json"),
    "changed card": (lambda p: _without(version(p), "card.md", lambda d: d + b"<script>"), "card.md"),
    "wrong signature": (lambda p: version(p) | {"SHA256SUMS.sig": KEY.sign(b"other")}, "signature"),
    "no signature": (lambda p: version(p) | {"SHA256SUMS.sig": b""}, "not valid JSON"),
    "signature of others' sums": (lambda p: version(p) | {"SHA256SUMS": SUMS_OF_OTHER}, "signature"),
    "signed sums of other files": (
        lambda p: version(p) | {"SHA256SUMS": SUMS_OF_OTHER, "SHA256SUMS.sig": KEY.sign(SUMS_OF_OTHER)}, "SHA-256",
    ),
    "sums that lead elsewhere": (
        lambda p: version(p)
        | {"SHA256SUMS": SUMS_THAT_LEAD_ELSEWHERE, "SHA256SUMS.sig": KEY.sign(SUMS_THAT_LEAD_ELSEWHERE)},
        "SHA256SUMS",
    ),
    "listing of another model": (lambda p: version(p, slug="other"), "in the place of another"),
    "listing of another version": (lambda p: version(p, version=7), "in the place of another"),
    "swapped contract": (lambda p: version(p, labels=["MI", "NORM"]), "labels.*promises another model"),
    "better metrics": (
        lambda p: version(p, metrics=[{"name": "macro_auroc", "value": 0.999, "low": 0.99, "high": 1.0}]), "metrics",
    ),
    "another card": (lambda p: version(p, card=b"# The best model"), "card"),
    "another package": (lambda p: version(p, sha256="0" * 64), "of another package"),
    "another licence": (lambda p: version(p, licence="CC0"), "licence"),
    "another ancestry": (lambda p: version(p, lineage=[]), "lineage"),
    "another's hash as its own": (lambda p: version(p, model_sha256="f" * 64), "model_sha256"),
    "listing too large": (lambda p: version(p) | {"listing.json": b" " * (2 << 20)}, "longer than"),
    "card too large": (lambda p: version(p) | {"card.md": b" " * (5 << 20)}, "longer than"),
    "signature too large": (lambda p: version(p) | {"SHA256SUMS.sig": b" " * (1 << 20)}, "longer than"),
    "package too large": (lambda p: version(p, size=1 << 40), "at most"),
    "control characters in the name": (lambda p: version(p, name="a\x1b[2Jb"), "control characters"),
    "a newer listing": (lambda p: version(p, schema_version=9), "newer version"),
    "a listing that is none": (lambda p: version(p, format="x"), "another program"),
}  # fmt: skip


@pytest.mark.parametrize("name", CORPUS)
def test_it_is_refused_with_its_reason_and_stays_in_quarantine(wsgidav: Server, tmp_path: Path, name: str) -> None:
    make, reason = CORPUS[name]
    place = wsgidav.root / f"hostile {list(CORPUS).index(name)}" / "models" / SLUG / "1"
    place.mkdir(parents=True)
    for file, data in make(a_package(tmp_path).read_bytes()).items():
        (place / file).write_bytes(data)
    here = tmp_path / "home"
    quarantine = here / "quarantine" / "one"
    quarantine.mkdir(parents=True)
    before = everything(tmp_path) | everything(Path("/tmp"), depth=1)
    with wsgidav.client(f"hostile {list(CORPUS).index(name)}/", attempts=1) as folder:  # noqa: SIM117
        with pytest.raises((QuarantinedError, ServerAnswerError), match=reason) as caught:
            fetch(folder, SLUG, 1, quarantine, Trust(), most=1 << 24)
    assert not (everything(tmp_path) - everything(quarantine) - before)
    assert not Path("/tmp/owned").exists()
    assert not (quarantine / "package.zip").exists(), "somebody could take it for a model"
    assert {path.name for path in quarantine.iterdir()} <= {
        "SHA256SUMS", "SHA256SUMS.sig", "listing.json", "card.md", "package.zip.refused", REASON,
    }  # fmt: skip
    if isinstance(caught.value, QuarantinedError):
        assert caught.value.path == quarantine
        assert (quarantine / REASON).read_text().strip() == caught.value.reason


def everything(folder: Path, depth: int = 20) -> set[Path]:
    found = set(folder.glob("*"))
    if depth > 1:
        found |= set(folder.rglob("*"))
    return found


def test_the_unchanged_package_is_taken(wsgidav: Server, tmp_path: Path) -> None:
    put(wsgidav, "sound", version(a_package(tmp_path).read_bytes()))
    with wsgidav.client("sound/") as folder:
        assert fetch(folder, SLUG, 1, tmp_path / "q", Trust(), most=MOST).listing.name == "Rhythm ß model"


def test_a_changed_key_and_a_refused_key_are_told_apart(wsgidav: Server, tmp_path: Path) -> None:
    put(wsgidav, "keys", version(a_package(tmp_path).read_bytes()))
    mine, other = KEY.public.fingerprint, SigningKey.new().public.fingerprint
    with wsgidav.client("keys/") as folder:
        for look in (
            lambda trust: describe(folder, SLUG, 1, trust),
            lambda trust: fetch(folder, SLUG, 1, tmp_path / "q", trust, most=MOST),
        ):
            with pytest.raises(QuarantinedError, match=f"(?s){other}.*{mine}.*another way"):
                look(Trust({"Ward 3": [other]}))
            with pytest.raises(QuarantinedError, match="nothing is taken in"):
                look(Trust({"Ward 3": [mine]}, refused=[mine]))
            assert not look(Trust({"Ward 3": [other, mine]})).is_new
            assert look(Trust({"Ward 4": [other]})).is_new
            assert look(Trust({"Ward 3": []})).is_new


def test_a_notice_of_withdrawal_by_somebody_else_is_none(wsgidav: Server, tmp_path: Path) -> None:
    files = version(a_package(tmp_path).read_bytes())
    said = Listing.from_json(files["listing.json"])
    for number, notice in enumerate((
        withdrawal(said, files["SHA256SUMS"], "no", "now", SigningKey.new()),
        withdrawal(said, b"other sums", "no", "now", KEY),
        {"withdrawn.json": b"{}", "withdrawn.json.sig": KEY.sign(b"{}")},
        {"withdrawn.json": b"{}", "withdrawn.json.sig": b""},
    )):  # fmt: skip
        put(wsgidav, f"notice {number}", files | notice)
        with wsgidav.client(f"notice {number}/") as folder:
            assert describe(folder, SLUG, 1, Trust()).withdrawn == ""


def test_a_hostile_version_does_not_hide_the_others(wsgidav: Server, tmp_path: Path) -> None:
    sound = version(a_package(tmp_path).read_bytes())
    put(wsgidav, "mixed", sound)
    put(wsgidav, "mixed", sound | {"SHA256SUMS.sig": b"x"}, number=2)
    (wsgidav.root / "mixed" / "models" / SLUG / "3").mkdir()
    with wsgidav.client("mixed/") as folder:
        catalogue = read_catalogue(folder)
        assert [row.key for row in catalogue.rows] == [(SLUG, 1)]
        assert len(catalogue.notes) == 2


def put(server: Server, name: str, files: Files, number: int = 1) -> None:
    place = server.root / name / "models" / SLUG / str(number)
    place.mkdir(parents=True)
    for file, data in files.items():
        (place / file).write_bytes(data)
