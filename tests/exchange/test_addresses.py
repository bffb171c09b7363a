"""What people paste leads to the WebDAV folder that they mean."""

import pytest

from backend.exchange.addresses import address_of
from backend.exchange.errors import AddressError


@pytest.mark.parametrize(("pasted", "url", "user"), [
    ("https://cloud.example/s/AbC123xyz", "https://cloud.example/public.php/webdav/", "AbC123xyz"),
    ("https://uni.sciebo.de/s/AbC123xyz?path=%2F", "https://uni.sciebo.de/public.php/webdav/", "AbC123xyz"),
    ("https://x.example/nc/index.php/s/AbC123xyz/download", "https://x.example/nc/public.php/webdav/", "AbC123xyz"),
    ("https://x.org/apps/files/?dir=/M/a%20b&fileid=7", "https://x.org/remote.php/dav/files/anna/M/a%20b/", "anna"),
    ("https://x.org/index.php/apps/files/files/1?dir=/ä", "https://x.org/remote.php/dav/files/anna/%C3%A4/", "anna"),
    ("https://x.example/remote.php/dav/files/anna/M", "https://x.example/remote.php/dav/files/anna/M/", "anna"),
    (" https://x.example:8443 ", "https://x.example:8443/", "anna"),
    ("http://[::1]:80/d/", "http://[::1]:80/d/", "anna"),
    ("https://bob:pw@x.example/d/", "https://x.example/d/", "anna"),
])  # fmt: skip
def test_an_address_becomes_a_folder(pasted: str, url: str, user: str) -> None:
    found = address_of(pasted, "anna", "secret")
    assert (found.url, found.user, found.password) == (url, user, "secret")
    assert "secret" not in repr(found)


def test_credentials_are_taken_out_of_an_address() -> None:
    found = address_of("https://b%40b:p%2Fw@x.example/d")
    assert (found.url, found.user, found.password) == ("https://x.example/d/", "b@b", "p/w")


@pytest.mark.parametrize("pasted", [
    "", "cloud.example", "ftp://x/", "file:///etc", "https://", "https://x/?a=1", "https://x/apps/files/", "https://[x",
    "https://x:port/",
])  # fmt: skip
def test_what_is_no_address_is_told(pasted: str) -> None:
    with pytest.raises(AddressError):
        address_of(pasted)
