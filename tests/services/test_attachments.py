"""Files by their addresses: what they are called, and which nobody could fetch."""

import pytest

from custom_components.carbis_alerts.services.attachments import (
    MAX_NAME,
    FileFault,
    UnusableFile,
    attachment_of,
)


@pytest.mark.parametrize(
    ("address", "url", "name"),
    [
        (
            "https://example.com/a/menu.pdf",
            "https://example.com/a/menu.pdf",
            "menu.pdf",
        ),
        (
            " https://example.com/Меню%20дня.PDF?v=2 ",
            "https://example.com/%D0%9C%D0%B5%D0%BD%D1%8E%20%D0%B4%D0%BD%D1%8F.PDF?v=2",
            "Меню дня.PDF",
        ),
        (
            "http://93.184.216.34/get?id=5#hall.jpg",
            "http://93.184.216.34/get?id=5",
            "hall.jpg",
        ),
        (
            "https://example.com/a.php#%2E%2E%2Fb%3A.png",
            "https://example.com/a.php",
            ".._b_.png",
        ),
        ("https://example.com/.png", "https://example.com/.png", "_.png"),
    ],
)
def test_a_file_is_called_by_the_end_of_its_address(
    address: str, url: str, name: str
) -> None:
    found = attachment_of(address)
    assert (found.url, found.name) == (url, name)


def test_a_name_is_not_endless() -> None:
    assert len(attachment_of(f"https://example.com/{'a' * 300}.pdf").name) <= MAX_NAME


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("", FileFault.INVALID),
        ("menu.pdf", FileFault.INVALID),
        ("/config/www/menu.pdf", FileFault.INVALID),
        ("ftp://example.com/menu.pdf", FileFault.INVALID),
        ("https:///menu.pdf", FileFault.INVALID),
        ("https://example.com:port/menu.pdf", FileFault.INVALID),
        (f"https://example.com/{'a' * 2_100}.pdf", FileFault.INVALID),
        ("http://192.168.1.5/menu.pdf", FileFault.LOCAL),
        ("http://[fe80::1]/menu.pdf", FileFault.LOCAL),
        ("http://127.0.0.1:8123/menu.pdf", FileFault.LOCAL),
        ("http://homeassistant.local:8123/local/menu.pdf", FileFault.LOCAL),
        ("http://nas/menu.pdf", FileFault.LOCAL),
        ("https://example.com/", FileFault.NAMELESS),
        ("https://example.com/menu", FileFault.NAMELESS),
        ("https://example.com/menu.?x=a.pdf", FileFault.NAMELESS),
    ],
)
def test_what_nobody_could_fetch_is_refused(address: str, fault: FileFault) -> None:
    with pytest.raises(UnusableFile) as caught:
        attachment_of(address)
    assert caught.value.fault is fault


def test_words_stand_below_photos_and_videos_only() -> None:
    names = ("a.JPG", "b.mp4", "c.pdf", "d.ogg")
    found = [attachment_of(f"https://example.com/{name}") for name in names]
    assert [file.takes_caption for file in found] == [True, True, False, False]
