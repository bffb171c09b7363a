"""Folders that cannot be an exchange are found out when they are added, on real servers."""

from urllib.parse import quote

import pytest

from backend.exchange.errors import ServerAnswerError
from backend.exchange.webdav import Folder
from tests.exchange.webdav_servers import PASSWORD, USER, Server


def test_the_address_of_a_file_is_told_from_that_of_a_folder(webdav: Server) -> None:
    (webdav.root / "datei #1.txt").write_text("no folder")
    with (
        Folder(f"{webdav.url}datei%20%231.txt", USER, PASSWORD) as folder,
        pytest.raises(ServerAnswerError, match="names a file"),
    ):
        folder.list()


def test_a_server_that_moves_to_somewhere_else_is_no_place_to_publish(webdav: Server) -> None:
    """wsgidav cuts the target of a move at “?”: what is published would lie outside the folder."""
    (webdav.root / "Why?").mkdir(exist_ok=True)
    with (
        Folder(f"{webdav.url}Why%3F/", USER, PASSWORD) as folder,
        pytest.raises(ServerAnswerError, match="Use a folder without them"),
    ):
        folder.check_writable()
    assert list((webdav.root / "Why?").iterdir()) == []


@pytest.mark.parametrize("name", ["Mödelle #1", "50%+1 & more", "plain"])
def test_a_folder_of_any_other_name_is_written_to_and_left_as_it_was(webdav: Server, name: str) -> None:
    (webdav.root / name).mkdir(exist_ok=True)
    with Folder(f"{webdav.url}{quote(name)}/", USER, PASSWORD) as folder:
        folder.check_writable()
    assert list((webdav.root / name).iterdir()) == []
