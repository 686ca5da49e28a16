"""Addresses as people type them."""

from hypothesis import given, settings, strategies as st
import pytest
from yarl import URL

from custom_components.carbis_alerts.api.address import (
    SCHEMES,
    parse_address,
    same_server,
)

EVENTS = "/api/v4/events"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://192.0.2.7:8443", "https://192.0.2.7:8443"),
        ("http://192.0.2.7:8080", "http://192.0.2.7:8080"),
        ("192.0.2.7:8443", "https://192.0.2.7:8443"),
        ("menu.local", "https://menu.local"),
        ("  menu.local:8443\n", "https://menu.local:8443"),
        ("HTTPS://Menu.Local:8443", "https://menu.local:8443"),
        ("https://menu.local:443", "https://menu.local"),
        ("menu.local:", "https://menu.local"),
        ("https://menu.local/", "https://menu.local"),
        ("https://menu.local/prefix/", "https://menu.local/prefix"),
        ("https://menu.local/a/../b", "https://menu.local/b"),
        ("https://menu.local/?x=1#y", "https://menu.local"),
        ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://[::1]", "http://[::1]"),
        ("меню.рф:8443", "https://xn--e1ane2e.xn--p1ai:8443"),
        ("menu.local/меню", "https://menu.local/%D0%BC%D0%B5%D0%BD%D1%8E"),
        (f"menu.local{EVENTS}", "https://menu.local"),
        (f"menu.local{EVENTS}/", "https://menu.local"),
        (f"menu.local{EVENTS}?hash=none", "https://menu.local"),
        (f"menu.local/prefix{EVENTS}", "https://menu.local/prefix"),
        (f"menu.local{EVENTS}/more", "https://menu.local"),
        (f" https://menu.local:8443{EVENTS}?hash=none#x ", "https://menu.local:8443"),
        ("https://menu.local:8443/admin?tab=1", "https://menu.local:8443/admin"),
    ],
)
def test_an_address_is_read_as_it_was_meant(text: str, address: str) -> None:
    assert str(parse_address(text, without=EVENTS)) == str(URL(address))


def test_a_path_is_kept_where_none_is_to_be_taken_off() -> None:
    assert parse_address(f"menu.local{EVENTS}").path == EVENTS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "https://",
        "https:///path",
        "https://:8443",
        "https:menu.local",
        "//menu.local",
        "ftp://menu.local",
        "file:///etc/passwd",
        "javascript://menu.local",
        "menu local",
        "https://menu.local:0",
        "https://menu.local:65536",
        "https://menu.local:port",
        "https://menu.local:443:443",
        "https://user@menu.local",
        "https://user:password@menu.local",
        "https://:password@menu.local",
        "mailto:menu@menu.local",
        "https://[::1",
        "https://[]@",
        "https://[]",
        "2001:db8::1",
        "menu.local\\path",
        *(
            "http//menu.local:8443",
            "htp://menu.local",
            "http;//menu.local",
            "http:/menu",
        ),
        *(
            "https:\\\\menu.local",
            "http.//menu.local",
            "http://http//menu.local",
            "http/x",
        ),
        *(
            "htp//menu.local",
            "http:://menu.local",
            "https://https://menu.local",
            "h//x",
        ),
        *("https:/menu.local:8443", "https//menu.local", "https;//menu.local:8443"),
        *("ws://menu.local", "hhttps://menu.local", "httрs://menu.local", "://x"),
        *("https ://menu.local", "https://menu.local;8443", "https:menu.local:8443"),
        *("https://menu.local,8443", "https.//menu.local", "ttps://menu.local"),
        *("192.0.2.300:8443", "192.0.2:80", "https://menu..local", "https://-;local"),
    ],
)
def test_what_is_no_address_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_address(text)


PIECES = st.sampled_from(
    (
        *("http", "https", "://", ":", "/", "@", "[", "]", "menu", ".", "1", "65536"),
        *("%", "ы", "\\", " ", "?", "#", "..", "\x00", "℀", "-", "_", "::", "*", "🍽"),
        *("127.0.0.1", "ß", "。", "xn--", "\t", "%2F", "\ud800", "\u202e"),
    )
)


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=30))
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    try:
        address = parse_address(text)
    except ValueError:
        return
    assert address.scheme in SCHEMES
    assert address.host
    assert address.port
    assert (address.user, address.password) == (None, None)
    assert (address.query_string, address.fragment) == ("", "")
    assert (address / "api").path.endswith("/api")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://menu.local", "https://menu.local:443", True),
        ("https://menu.local/a", "https://menu.local/b", True),
        ("https://menu.local:8443", "http://menu.local:8443", True),
        ("https://MENU.local", "https://menu.local", True),
        ("https://menu.local", "http://menu.local", False),
        ("https://menu.local:8443", "https://menu.local:8444", False),
        ("https://menu.local", "https://bar.local", False),
    ],
)
def test_the_same_server_is_the_same_host_and_port(
    one: str, other: str, same: bool
) -> None:
    assert same_server(URL(one), URL(other)) is same
    assert same_server(URL(other), URL(one)) is same
