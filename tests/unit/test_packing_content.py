"""Files are recognized by their content: all formats that Blender reads pass, secrets never do."""

import struct
import zlib
from pathlib import Path

import pytest
from renderjuice.packing import content

from tests.file_formats import WHOLE, pillow

FILMS = (
    ".avi",
    ".mp4",
    ".mov",
    ".mkv",
    ".webm",
    ".ogv",
    ".ogg",
    ".mpg",
    ".mpeg",
    ".vob",
    ".flv",
    ".dv",
)
SECRETS = {
    "key": "3f9c1d7be80a4c55a0ee7d0c9b1f2a64\n",
    ".ssh/id_ed25519": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n-----END OPENSSH\n",
    ".ssh/id_rsa.pub": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 me@home\n",
    ".ssh/id_ed25519.pub": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK me@home\n",
    ".aws/credentials": "[default]\naws_access_key_id = AKIA\naws_secret_access_key = wJalr\n",
    ".netrc": "machine example.com login me password hunter2\n",
    ".git-credentials": "https://me:hunter2@example.com\n",
    ".npmrc": "//registry.example.com/:_authToken=abcdef\n",
    ".bash_history": "ls\ncd /\nmysql -u root -phunter2\n",
    "passwords.json": '{"items": "hunter2"}',
    "notes": "PNG is what I drew\nv 1 is done; { } # TILT\n",
}
OSL = "#include <stdosl.h>\nshader stripes(float a = 1 [[ int b = 2 ]],\n output color C = 0) { }\n"
FITTING = {
    "font": {"a.ttf": b"\0\1\0\0\0\x10", "a.otf": b"OTTO\0\1", "a.woff2": b"wOF2\0\1"},
    "volume": {"a.vdb": b" BDV\0\0\0\0\xe0"},
    "geometry": {
        **{"a.abc": b"Ogawa\xff", "b.abc": b"\x89HDF\r\n\x1a\n", "a.usda": b"#usda 1.0\n"},
        **{"a.usdc": b"PXR-USDC\0", "a.usdz": b"PK\x03\x04"},
    },
    "blend": {
        **{"a.blend": b"BLENDER-v402REND", "b.blend": b"BLENDER17-01v0502"},
        **{"c.blend": b"\x28\xb5\x2f\xfd", "d.blend": b"\x1f\x8b\x08"},
    },
    "photometric": {
        "a.ies": b"IESNA:LM-63-2002\n[TEST] 1\nTILT=NONE\n1 1000 1\n",
        "1986.ies": b"A LAMP\nTILT=NONE\n1 1000 1\n",
    },
    "shader": {
        **{"a.osl": OSL.encode(), "a.oso": b"OpenShadingLanguage 1.12\n"},
        **{"a.h": b"#define VALUE 0.25\n"},
    },
    "mesh-cache": {
        "a.pc2": struct.pack("<12siiffi", b"POINTCACHE2", 1, 4, 1, 1, 1),
        "a.mdd": struct.pack(">2if", 1, 1, 0.0) + bytes(12),
    },
    "import": {
        **{
            "a.obj": b"# cube\nv 0 0 0\nv 1 0 0\n",
            "a.ply": b"ply\nformat",
            "a.vdb": b" BDV\0\0\0\0",
        },
        **{"a.stl": b"solid part\n", "b.stl": bytes(80) + struct.pack("<I", 1) + bytes(50)},
        **{"a.csv": b"x,y\n1,2\n", "a.txt": "Es war einmal in Köln".encode()},
    },
    "points": {"a_000001_00.bphys": b"BPHYSICS\2\0"},
    "multires": {"a.btx": b"BCDF\1\0"},
    "sound": {
        **{"a.wav": b"RIFF\x2c\0\0\0WAVEfmt ", "a.mp3": b"ID3\4", "b.mp3": b"\xff\xfb\x90\x64"},
        **{
            "a.flac": b"fLaC\0",
            "a.ogg": b"OggS\0",
            "a.m4a": b"\0\0\0\x20ftypM4A ",
            "a.aif": b"FORM",
        },
    },
}


def put(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize("name", [name for name in WHOLE if not name.endswith(".zip")])
def test_what_a_farm_sends_may_be_used_as_a_picture_or_a_film(name: str, tmp_path: Path) -> None:
    path = put(tmp_path, name.replace("/", "_"), WHOLE[name])
    assert content.matches(path, "film")
    assert content.matches(path, "image") or name.endswith(FILMS)


@pytest.mark.parametrize("kind", ["BMP", "DDS", "GIF", "SGI", "TGA", "WEBP", "JPEG2000"])
def test_other_pictures(kind: str, tmp_path: Path) -> None:
    assert content.matches(put(tmp_path, "picture", pillow(kind)), "image")


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k, files in FITTING.items() for n in files])
def test_files_of_a_kind(kind: str, name: str, tmp_path: Path) -> None:
    assert content.matches(put(tmp_path, name, FITTING[kind][name]), kind)


@pytest.mark.parametrize("kind", sorted(content.CONTENTS))
@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_of_no_kind(kind: str, name: str, tmp_path: Path) -> None:
    path = put(tmp_path, name, SECRETS[name].encode())
    assert not content.belongs_to_cache(path, str(tmp_path), kind)


@pytest.mark.parametrize("kind", ["photometric", "shader", "import"])
@pytest.mark.parametrize(
    "name",
    [name for name in SECRETS if "hist" not in name and name not in ("notes", "passwords.json")],
)
def test_a_secret_under_the_name_of_a_text_is_told_by_its_words(
    kind: str, name: str, tmp_path: Path
) -> None:
    for ending in (".ies", ".osl", ".h", ".txt", ".csv", ".obj"):
        path = put(tmp_path, f"a{ending}", SECRETS[name].encode())
        assert not content.matches(path, kind), ending


def test_an_empty_file_and_a_pointer_to_large_storage_are_of_no_kind(tmp_path: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    for kind in content.CONTENTS.keys() - {"bake", "import", "shader"}:
        assert not content.matches(put(tmp_path, "a", b""), kind), kind
        assert not content.matches(put(tmp_path, "a", pointer), kind), kind


def test_of_a_folder_only_the_files_of_a_cache_belong(tmp_path: Path) -> None:
    vdb, packed = b" BDV\0\0\0\0", b"\x1f\x8b\x08" + zlib.compress(b"")
    theirs = [
        put(tmp_path, "data/fluid_data_0001.vdb", vdb),
        put(tmp_path, "config/config_0001.uni", packed),
        put(tmp_path, "mesh/fluid_mesh_0001.bobj.gz", packed),
    ]
    others = [
        put(tmp_path, "data/fluid_data_0002.vdb", b"secret"),
        put(tmp_path, "smoke.vdb", vdb),
        put(tmp_path, "data/deep/fluid_data_0001.vdb", vdb),
        put(tmp_path, "data/photo.png", pillow("PNG")),
    ]
    assert all(content.belongs_to_cache(path, str(tmp_path), "fluid") for path in theirs)
    assert not any(content.belongs_to_cache(path, str(tmp_path), "fluid") for path in others)
    bakes = [
        put(tmp_path, "1526810388/meta/00001_00000.json", b'{"version": 3, "items": {}}'),
        put(tmp_path, "1526810388/blobs/00001_00000.blob", b"\0\1"),
        put(tmp_path, "meta/00001.json", b'{"version": 3, "items": {}}'),
    ]
    assert all(content.belongs_to_cache(path, str(tmp_path), "bake") for path in bakes)
    for name, data in (("meta/00002.json", b'{"key": 1}'), ("blobs/key", b"1"), ("key", b"1")):
        assert not content.belongs_to_cache(put(tmp_path, name, data), str(tmp_path), "bake")
