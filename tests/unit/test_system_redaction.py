"""Keys and signed URLs are removed from a text, in any encoding and even if the text was cut."""

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from renderjuice.system import redaction
from renderjuice.system.redaction import add_secret, redact, secrets_of

from tests.scaling import LINEAR, growth

KEY = "RJ-Qx7Zp2Lm9Tk4Vb8N"
URL = "https://s3.example/bucket/0001.png?X-Amz-Expires=3600&X-Amz-Signature=9f8e7d6c5b4a3f2e"
SPELLINGS = {
    "plain": str,
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "every letter percent-encoded": lambda text: "".join(f"%{ord(c):02X}" for c in text),
    "JSON": json.dumps,
    "JSON with escaped slashes": lambda text: json.dumps(text).replace("/", "\\/"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "every letter as \\u": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "HTML": lambda text: html.escape(text).replace("/", "&#x2F;"),
    "HTML in JSON": lambda text: json.dumps(html.escape(text)),
    "every letter as &#": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "JSON of HTML of a URL": lambda text: json.dumps(html.escape(quote(text))),
}


@pytest.fixture(autouse=True)
def hidden_key(monkeypatch):
    monkeypatch.setattr(redaction, "_known", redaction._Secrets())
    add_secret(KEY)


def letters(text):
    return "".join(filter(str.isalnum, text)).lower()


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_a_key_is_cut_out_in_any_spelling(spell):
    shown = redact(f"The key {spell(KEY)} is not known.")
    assert shown.startswith("The key ") and shown.endswith(" is not known.")
    assert len(shown) < 40, shown


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_of_a_signed_url_only_the_host_stays(spell):
    shown = redact(f"Gone: {spell(URL)} .")
    assert not any(part in shown for part in ("bucket", "Signature", "9f8e", "3f2e"))
    assert shown.startswith("Gone: ") and shown.endswith(" .")
    assert shown.count("…") == 1 and len(shown) < 120


def test_the_host_of_a_signed_url_stays():
    assert redact(f"Gone: {URL}.") == "Gone: https://s3.example…"


@pytest.mark.parametrize("length", range(6, len(KEY)))
def test_a_key_that_was_cut_is_cut_out(length):
    assert letters(KEY[:length]) not in letters(redact(f"bad key {KEY[:length]}"))
    if length >= 8:
        assert KEY[-length:].lower() not in redact(f"bad key …{KEY[-length:]}").lower()


@pytest.mark.parametrize("length", range(len("https://s3.example/bu"), len(URL)))
def test_a_signed_url_that_was_cut_is_cut_out(length):
    assert "9f8e" not in redact(f"Gone: {URL[:length]}…")


@pytest.mark.parametrize("before", ["", "u", "us", "user:", "user@farm.example:"])
def test_a_key_in_base64(before):
    whole = base64.b64encode(f"{before}{KEY}".encode()).decode()
    shown = redact(f"bad {whole} here")
    rest = base64.b64decode(shown.split()[1].partition("…")[0] + "==" * 2)
    assert b"RJ-Qx" not in rest and len(shown) < 40, shown


@pytest.mark.parametrize(
    "text",
    [
        f"bad {KEY.lower()}",
        f"bad {KEY.upper()}",
        "bad " + "\n".join(KEY),
        "bad " + "\0".join(KEY),
        f"Authorization: Bearer {KEY}",
        f"?key={KEY}&a=b",
        f"{KEY}{KEY}",
    ],
)
def test_a_key_that_was_changed_on_the_way(text):
    shown = letters(redact(text))
    assert not any(letters(KEY)[at : at + 6] in shown for at in range(len(KEY) - 7)), shown


@pytest.mark.parametrize(
    "text, secret",
    [
        ("Max retries exceeded with url: /b/0001.png?sig=abcd (Caused by", "abcd"),
        ("sv=2020-10-02&st=2024&sig=abcd", "abcd"),
        ("X-Amz-Credential=AKIAABCD/20240101", "AKIA"),
        ("The id AKIAIOSFODNN7EXAMPLE is not known", "AKIA"),
        ("Authorization: Bearer abcdefgh1234", "abcdefgh"),
        ('{"token": "abcdefgh1234"}', "abcdefgh"),
        ("Cookie: session=abcdefgh1234", "abcdefgh"),
        ("Bearer abcdefgh1234 is refused", "abcdefgh"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9.abc_d is refused", "eyJ"),
        ("https://user:pass@host.example/x", "pass"),
        ("https://conduit.example/d/Zx81Kq0Pw72Mn45Rt63Vy9/0001.png", "Zx81"),
        ("//s3.example/x?X-Goog-Signature=abcd", "abcd"),
        ("ws://h/x#access_token=abcd", "abcd"),
    ],
)
def test_other_secrets(text, secret):
    assert secret not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "Set it to one such as https://api.renderjuice.com/api/external/v1.",
        "See https://www.renderjuice.com/docs/gpu-minutes for more.",
        "Could not read the job. Renderjuice refused the API key (HTTP 401).",
        "Invalid token: it has expired",
        "C:\\new\\table\\x.blend cannot be used: 100 % full.",
        "/home/anna/project/shot_0010_comp_v012_final_render_beauty_pass_left.exr",
        "Job 123e4567-e89b-12d3-a456-426614174000 is gone.",
        "sampleCount=128 and outputSettings.colorMode=RGB, passes=4, keyframes=2",
        "R&D, 5 < 7, a=b, \\, %, &, &#;, &nosuch;",
        "",
    ],
)
def test_what_is_no_secret_stays(text):
    assert redact(text) == text


def test_what_is_secret_in_a_url_is_cut_out_by_itself():
    said = "SignatureDoesNotMatch 9f8e7d6c5b4a3f2e, 3600 s"
    assert redact(said, *secrets_of(URL)) == "SignatureDoesNotMatch …, 3600 s"


def test_a_short_key_does_not_eat_the_texts():
    add_secret("a")
    add_secret("wrong")
    assert redact("a wrong one") == "a wrong one"


@given(st.text(), st.text())
def test_any_text_is_cut_and_nothing_else_is_changed(before, after):
    shown = redact(f"{before} {KEY} {after}")
    assert KEY not in shown
    assert redact(shown) == shown or "…" in shown


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "%41", "\\", "\\u0041", "&amp;", "&", "&#65;", "https://", "a=", "=", "?", " "),
        *("token", "token:", "token: ", "Bearer ", "eyJ", "RJ-Qx", KEY, "://", "[", "\n", "\"'"),
        *("https://a/b?c=d ", "https://a@", "&&amp;amp;", "x.", "%25"),
    ],
)
def test_twice_the_text_takes_about_twice_the_time(piece):
    assert growth(redact, lambda size: (piece * size)[:size], 10_000) < LINEAR
