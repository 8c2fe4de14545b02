"""Untrusted file names: on every system, they give a file inside its folder."""

# ruff: noqa: RUF001  names are spelled as people and attackers spell them

import contextlib
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from renderjuice.system import names

NAMES = st.text(max_size=40) | st.lists(
    st.sampled_from(
        [*".:~ /\\_1", "con", "COM", "aux", "nul", "¹", "$", "git", "png", "\u200d", "ß", "\u0301"]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("..", "_"),
        ("../../etc/passwd", "__.._etc_passwd"),
        (".git", "_git"),
        (".htaccess", "_htaccess"),
        (" .git", "_git"),
        ("\u200c.git", "_git"),
        ("\ufeff.git", "_.git"),
        ("GIT~1", "GIT_1"),
        ("con.png", "_con.png"),
        ("COM¹.png", "_COM¹.png"),
        ("com³", "_com³"),
        ("ＣＯＭ１.png", "_ＣＯＭ１.png"),
        ("LPT0", "_LPT0"),
        ("CONIN$", "_CONIN$"),
        ("conout$.exr", "_conout$.exr"),
        ("nul .txt", "_nul .txt"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("PRN  ", "_PRN"),
        ("aux:", "aux_"),
        ("aux::$DATA", "aux__$DATA"),
        ("desktop.ini", "_desktop.ini"),
        ("a\x00b\n.png", "a_b_.png"),
        ("frame. . ", "frame"),
        ("C:\\x.png", "C__x.png"),
        ("a\u202egnp.exe", "a_gnp.exe"),
        ("\ud800.png", "_.png"),
        ("e\u0301.png", "\xe9.png"),
        ("می\u200cخواهم.png", "می\u200cخواهم.png"),
        ("common.png", "common.png"),
        ("shot_0001.v2.png", "shot_0001.v2.png"),
    ],
)
def test_hostile_names_become_harmless_and_others_stay(name, safe):
    assert names.safe_name(name) == safe


DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"}
DEVICES |= {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789"}


@given(NAMES, st.integers(1, 300))
@example("a." + "b" * 10, 5)
def test_a_safe_name_stays_safe_however_short_it_is_made(name, most):
    safe = names.safe_name(name, most)
    assert names.safe_name(safe) == safe
    assert safe
    assert not safe.startswith((".", " "))
    assert not safe.endswith((".", " "))
    assert not any(letter in '<>:"|?*\\/' or ord(letter) < 32 for letter in safe)
    plain = unicodedata.normalize("NFKC", safe).casefold()
    assert plain.partition(".")[0].rstrip(" ") not in DEVICES
    assert len(safe.encode()) <= max(most, 1)


def test_a_long_name_keeps_the_frame_s_number_and_its_suffix():
    name = names.safe_name("\N{PILE OF POO}" * 100 + "_0012.png")
    assert name.endswith("_0012.png")
    assert len(name.encode()) + names.ADDED_BYTES <= 255


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE.png", "straße.png"),
        ("A.PNG", "a.png"),
        ("\xe9.png", "e\u0301.png"),
        ("ﬁlm.png", "film.png"),
        ("İ.png", "i̇.png"),
        ("ſhot.png", "Shot.png"),
        ("ΌΣΟΣ.png", "όσος.png"),
        ("Å.png", "\u212b.png"),
        ("a\u200db.png", "ab.png"),
    ],
)
def test_names_that_a_system_may_take_for_one_are_alike(one, other):
    assert names.collision_key(one) == names.collision_key(other)


@given(st.text(max_size=20))
def test_what_is_alike_is_alike_in_every_case_and_form(name):
    for other in (name.upper(), name.lower(), name.casefold()):
        assert names.collision_key(other) == names.collision_key(name)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert names.collision_key(unicodedata.normalize(form, name)) == names.collision_key(name)


def test_windows_takes_259_letters_and_others_bytes():
    assert (
        names.max_path_below("C:\\" + "x" * 97, platform="win32")
        == 259 - 100 - 1 - names.ADDED_BYTES
    )
    assert (
        names.max_path_below("/" + "ü" * 50, platform="linux") == 4095 - 101 - 1 - names.ADDED_BYTES
    )
    assert names.path_length("映画", windows=True) == 2
    assert names.path_length("映画", windows=False) == 6
    with pytest.raises(OSError, match="too long"):
        names.max_path_below("C:\\" + "x" * 230, platform="win32")
    names.max_path_below("/home/\udcff", platform="linux")  # a non-UTF-8 byte, as Python decodes it


WINDOWS, LINUX, MAC = "win32", "linux", "darwin"


@pytest.mark.parametrize(
    ("platform", "path", "added", "found"),
    [
        (WINDOWS, "C:\\aa\\" + "x" * 253, 0, None),
        (WINDOWS, "C:\\aa\\" + "x" * 253, 1, (260, 259, False)),
        (WINDOWS, "C:\\a\\" + "x" * 240, 23, (268, 259, False)),
        (WINDOWS, "C:\\" + "x" * 256, 0, (256, 255, False)),
        (WINDOWS, "C:\\aa\\" + "映" * 253, 0, None),
        (WINDOWS, "C:\\aa\\" + "\U0001f3ac" * 126, 0, None),
        (WINDOWS, "C:\\aa\\" + "\U0001f3ac" * 127, 0, (260, 259, False)),
        (WINDOWS, r"\\server\share" + "\\" + "x" * 244, 0, None),
        (WINDOWS, r"\\server\share" + "\\" + "x" * 244, 1, (260, 259, False)),
        (WINDOWS, "C:/a/" + "x/" * 130, 0, (265, 259, False)),
        (LINUX, "/" + "x" * 255, 0, None),
        (LINUX, "/" + "x" * 255, 1, (256, 255, True)),
        (LINUX, "/" + "x" * 256 + "/a", 0, (256, 255, True)),
        (LINUX, "/" + "映" * 86, 0, (258, 255, True)),
        (LINUX, "/" + "x/" * 2047, 0, None),
        (LINUX, "/" + "x/" * 2048, 0, (4097, 4095, True)),
        (MAC, "/" + "x/" * 511, 0, None),
        (MAC, "/" + "x/" * 512, 0, (1025, 1023, True)),
        (MAC, "/" + "e\u0301" * 85, 0, None),
        (MAC, "/" + "e\u0301" * 86, 0, (258, 255, True)),
    ],
)
def test_each_system_has_its_limits(platform, path, added, found):
    refused = names.too_long(path, added, platform=platform)
    assert refused == (found and names.TooLong(refused.path, *found))
    assert refused is None or refused.path in path, "what is too long is named"


@pytest.mark.posix("Wine has no limits")
def test_the_limit_of_a_name_is_the_system_s(tmp_path):
    for length in (254, 255, 256):
        path = tmp_path / ("x" * length)
        refused = length > 255
        assert bool(names.too_long(str(path))) is refused
        said = pytest.raises(OSError, match="too long") if refused else contextlib.nullcontext()
        with said:
            path.touch()
        with said:
            names.check_length(str(path))


def test_a_download_fits_wherever_there_is_room_for_its_folder():
    """The check before Submit and the names of downloads use the same rule."""
    for depth in range(150, 259):
        folder = "C:\\" + "x" * (depth - 3)
        try:
            room = names.max_path_below(folder, platform=WINDOWS)
        except OSError:
            assert names.too_long(folder + "\\" + "y" * 32, names.ADDED_BYTES, platform=WINDOWS)
        else:
            name = folder + "\\" + "y" * room
            assert not names.too_long(name, names.ADDED_BYTES, platform=WINDOWS)
            assert names.too_long(name + "y", names.ADDED_BYTES, platform=WINDOWS)
