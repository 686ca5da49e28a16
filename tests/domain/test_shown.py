"""Others' words as dialogs show them: to be read, and nothing else."""

import re
import unicodedata

from hypothesis import example, given, strategies as st
from markdown_it import MarkdownIt
import pytest

from custom_components.carbis_alerts.domain.shown import (
    MAX_SHOWN,
    OurWords,
    address,
    changes,
    names,
    placeholders,
    shown,
)

# As Home Assistant's own page reads it, but for addresses that become links by
# themselves, which the renderer leaves to another library.
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
BY_ITSELF = re.compile(
    r"(?<![\w:]):[\w+-]+:|:[\w+-]*[g-z_+-][\w+-]*:|://|www\.|mailto:\S+@|[\w.+-]+@[\w-]+\.[\w-]+|&(#\d+|#x[0-9a-f]+|\w+);",
    re.IGNORECASE,
)
SENTENCE = "Before {words} after.\n\n**Names:** {words}\n\n`{words}`\n\n{words} ends"
INSIDE = {"paragraph", "inline", "text", "softbreak"}
SIGNS = "`*_~[]()<>{}#+-=.!|\\&;:/@%\n\r\t \u200b\u202e\u2066\u200e\u061c\ufeff0aЯ"
HOSTILE = (
    "**bold** __bold__ *it* _it_ ~~gone~~",
    "[Checked](https://evil.example) ![x](https://evil.example/p.png)",
    "[x]: https://evil.example",
    "<img src=x onerror=alert(1)> <a href='//e'>e</a> <!-- -->",
    "{{ 6 * 7 }} {% for s in states %} {# x #}",
    "` code ` break",
    "https://evil.example HTTP://evil www.evil.example WWW.evil a@evil.example",
    "# heading",
    "1. one",
    "1) one",
    "- [x] checked",
    "+ one",
    "---",
    "***",
    "===",
    "> said",
    "    code",
    "```",
    "~~~",
    "a\n\n# b\n\n- c",
    "a\u2028# b\u2029- c\x85+ d\x0b> e",
    "| a | b |\n|---|---|\n| c | d |",
    "&lt;b&gt; &#x202e; &nbsp;",
    "\\",
    "\\*",
    "\u202eelpmaxe\u2066\u200e\u200f\u061c\u200b\ufeff",
    "\x1b[2J\x07\x00\x9b31m",
    "\ud800",
    "$(x) $x$",
    ":warning: a:smile:b :+1: :bee: (:a:)",
    "a" + "\u0301" * 100,
    "<ha-icon icon='mdi:check'></ha-icon> <ha-alert alert-type='success'>ok</ha-alert>",
    "> [!NOTE]",
    "mailto:a@evil.example xmpp:a@evil.example ftp://evil",
)


def kinds(text: str) -> set[str]:
    """Return what a text is made of, as a page of Markdown."""
    found = set()
    for token in MARKDOWN.parse(text):
        for part in (token, *(token.children or ())):
            found.add(part.type.removesuffix("_open").removesuffix("_close"))
    return found


def assert_does_nothing(text: str) -> None:
    """Take that a text is one short line that means nothing, wherever it stands."""
    assert 0 < len(text) <= MAX_SHOWN
    assert text == " ".join(text.split())
    assert not {unicodedata.category(sign) for sign in text} & {
        *("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    }
    assert kinds(text) <= INSIDE
    assert BY_ITSELF.search(text) is None
    assert "{" not in text
    assert "<" not in MARKDOWN.render(text).removeprefix("<p>").removesuffix("</p>\n")
    parts = MARKDOWN.parse(SENTENCE.replace("{words}", text))
    assert [token.content for token in parts if token.type == "inline"] == [
        f"Before {text} after.",
        f"**Names:** {text}",
        f"`{text}`",
        f"{text} ends",
    ]
    code = [part for token in parts for part in token.children or ()]
    assert [part.content for part in code if part.type == "code_inline"] == [text]
    assert sum(part.type == "strong_open" for part in code) == 1
    assert not {part.type for part in code} & {"link_open", "image", "em_open"}


@pytest.mark.parametrize("words", HOSTILE)
def test_what_would_do_something_is_read_as_text(words: str) -> None:
    assert_does_nothing(shown(words))
    assert_does_nothing(shown(f"a {words} b"))


@given(
    st.one_of(
        st.text(),
        st.text(alphabet=SIGNS),
        st.lists(st.sampled_from(HOSTILE)).map("".join),
    )
)
@example("_a_ a_b __a__ a__b _")
@example("x" * 199 + "_b")
def test_any_text_does_nothing_and_is_shown_the_same_again(words: str) -> None:
    text = shown(words)
    assert_does_nothing(text)
    assert shown(text) == text


@pytest.mark.parametrize(
    "words",
    [
        *("127.0.0.1", "fe80::1", "menu.local", "WhatsApp …4567", "notAuthorized"),
        *("Кафе «На углу» (зал №2)", "Fish & Chips", "waiter_call", "+7 982 123-45-67"),
        *("A1:B2:C3", "2026-11-28", "-5", "#5".join("ab"), "It's 50 % off!", "a=b"),
        *("山田", "קפה", "Café", "Phở", "ที่นี่"),
        *("2001:db8:85a3::8a2e:370:7334", "12:30:45", "::ffff:1.2.3.4", "Hall: 6"),
    ],
)
def test_what_is_harmless_stays_as_it_is(words: str) -> None:
    assert shown(words) == words


def test_marks_do_not_reach_into_other_lines() -> None:
    assert shown("e" + "\u0301" * 100 + "x") == "e" + "\u0301" * 3 + "x"


def test_what_is_replaced_can_still_be_read() -> None:
    assert shown(":warning: a:ok:b") == "：warning: a：ok:b"
    assert shown("https://crm.example/hook") == "https:／／crm.example/hook"
    assert shown("{{ x }} <b> `c` *d*") == "｛｛ x ｝｝ ‹b› ˋcˋ ＊d＊"
    assert shown("1. Hall") == "1． Hall"
    assert shown("\u202e \x00") == "—"
    assert shown(None) == "—"


def test_a_long_text_says_that_it_is_cut() -> None:
    assert shown("x" * 100_000) == "x" * 199 + "…"
    assert shown("x" * 200) == "x" * 200
    assert shown("\u200b" * 100_000 + "x") == "—"


def test_placeholders_are_shown_but_for_what_is_ours() -> None:
    assert placeholders(title="*a*", lines=OurWords("- a\n- b")) == {
        "title": "＊a＊",
        "lines": "- a\n- b",
    }


def test_changes_are_a_list_whose_values_cannot_leave_it() -> None:
    published = changes(
        [
            ("webhookUrl", "https://e.example/`\n\n![p](https://e.example/p)", ""),
            ("incomingWebhook", "no", "yes"),
            ("delay", None, "x" * 100_000),
        ]
    )
    assert published.splitlines()[1] == "- `incomingWebhook`: `no` → `yes`"
    assert published.splitlines()[2].startswith("- `delay`: `∅` → `xxx")
    assert len(published) < 700
    assert kinds(published) == {*INSIDE - {"softbreak"}} | {
        *("bullet_list", "list_item", "code_inline")
    }
    page = MARKDOWN.render(published)
    assert page.count("<li>") == 3
    assert page.count("<code>") == 9


def test_names_of_a_certificate_are_hosts_and_what_is_not_is_marked() -> None:
    assert names(["menu.local", "*.menu.local", "127.0.0.1", "::1"]) == (
        "menu.local, ＊.menu.local, 127.0.0.1, ::1"
    )
    assert names(["QR menu"]) == "QR␣menu"
    assert names(["Проверено\n\n- [x] ok"]) == "�" * 11 + "-␣�x�␣ok"
    assert names([]) == "—"


def test_only_some_names_are_shown_and_how_many_more_there_are() -> None:
    assert names(f"h{n}.local" for n in range(1000)).endswith("h5.local, … +994")
    long = names(["a" * 5_000, "b" * 64, "c" * 64])
    assert long == f"{'a' * 63}…, {'b' * 64}, … +1"


@given(st.lists(st.text(alphabet=SIGNS)))
def test_any_names_of_a_certificate_do_nothing(hosts: list[str]) -> None:
    assert_does_nothing(names(hosts))


@pytest.mark.parametrize(
    "text",
    [
        "https://console.green-api.com",
        "/api/carbis_alerts/link/x_-1?n=1&authSig=a.b-c_d",
    ],
)
def test_an_address_of_ours_stays_as_it_is(text: str) -> None:
    assert placeholders(link=address(text)) == {"link": text}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "javascript:alert(1)",
        "http://console.green-api.com",
        "https://console.green-api.com/)[x](y",
        "//evil.example",
        "/api/x) ![y](z",
        "/api/x\n# y",
        "/api/<b>",
    ],
)
def test_what_could_be_more_than_an_address_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        address(text)
