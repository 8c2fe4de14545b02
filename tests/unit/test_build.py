"""The extension's zip: its contents, its target Blender versions, and reproducible builds."""

import ast
import hashlib
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import build
import find_blender
from find_blender import Blender

ROOT = Path(__file__).resolve().parents[2]


def no_blender() -> Blender:
    """A placeholder Blender for tests that do not validate the zip."""
    return Blender("blender", False, "4.2.0", "3.11", "linux-x64", "")


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """Fake wheels in place of the downloaded ones."""
    made = []
    for name in ("pydantic_core-2.50.4-cp311-cp311-win_amd64.whl", "idna-3.20-py3-none-any.whl"):
        made.append(tmp_path / name)
        made[-1].write_bytes(name.encode())
    monkeypatch.setattr(build, "download_wheels", lambda python, platform: made)
    return made


@pytest.fixture
def valid(monkeypatch):
    """Accept every archive as valid."""
    monkeypatch.setattr(build, "validate", lambda archive, blender: None)


def built(folder: Path, python: str = "3.11", platform: str = "windows-x64") -> Path:
    return build.build(python, platform, no_blender(), folder)


@pytest.mark.parametrize(
    ("python", "oldest", "first_too_new"),
    [("3.11", "4.2.0", "5.1.0"), ("3.13", "4.3.0", None), ("3.14", "5.0.0", None)],
)
def test_a_zip_is_offered_to_the_blenders_of_its_python_only(
    tmp_path, wheels, valid, python, oldest, first_too_new
):
    with zipfile.ZipFile(built(tmp_path / "dist", python, "linux-x64")) as archive:
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
    assert manifest["blender_version_min"] == oldest
    assert manifest.get("blender_version_max") == first_too_new
    assert manifest["platforms"] == ["linux-x64"]
    assert manifest["wheels"] == [f"./wheels/{wheel.name}" for wheel in wheels]


def test_the_rest_of_the_manifest_stays_as_it_is_in_the_checkout(tmp_path, wheels, valid):
    with zipfile.ZipFile(built(tmp_path)) as archive:
        inside = tomllib.loads(archive.read("blender_manifest.toml").decode())
    ours = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    changed = {"blender_version_min", "blender_version_max", "platforms", "wheels"}
    assert {k: v for k, v in inside.items() if k not in changed} == {
        k: v for k, v in ours.items() if k not in changed
    }


def test_only_what_the_extension_needs_is_inside(tmp_path, wheels, valid):
    with zipfile.ZipFile(built(tmp_path)) as archive:
        names = set(archive.namelist())
    tops = {name.split("/")[0] for name in names if not name.endswith(".py") or "/" in name}
    kept_out = {"benchmarks", "build", "dist", "docs", "requirements", "scripts", "tests"}
    assert {"LICENSE", "blender_manifest.toml", "wheels", "jobs", "panels", "scene"} <= tops
    assert not tops & kept_out
    assert all((ROOT / top / "__init__.py").is_file() for top in tops if (ROOT / top).is_dir())
    assert {"__init__.py", "headless.py", "bootstrap.py", "worker/main.py"} <= names
    assert "packing/trace.py" in names
    assert not [name for name in names if "__pycache__" in name or "/." in f"/{name}"]


def test_every_module_that_the_extension_imports_is_inside(tmp_path, wheels, valid):
    with zipfile.ZipFile(built(tmp_path)) as archive:
        names = set(archive.namelist())
        modules = {name: ast.parse(archive.read(name)) for name in names if name.endswith(".py")}
    for name, tree in modules.items():
        package = name.split("/")[:-1]
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not node.level:
                continue
            base = package[: len(package) - node.level + 1]
            own = modules.get("/".join([*base, "__init__.py"]), ast.Module([], []))
            defined = {one.name for one in own.body if isinstance(one, ast.FunctionDef)}
            imported = [node.module] if node.module else [alias.name for alias in node.names]
            for module in set(imported) - defined:
                target = "/".join([*base, *module.split(".")])
                assert names & {f"{target}.py", f"{target}/__init__.py"}, f"{name}: {target}"


def test_the_same_sources_give_the_same_bytes(tmp_path, wheels, valid, monkeypatch):
    """At any time, for any user, in any folder, and with any version of zlib."""
    first = built(tmp_path / "one")
    elsewhere = tmp_path / "elsewhere"
    for path in [*build.sources(), Path("blender_manifest.toml")]:
        (elsewhere / path).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / path).write_bytes((ROOT / path).read_bytes())  # with a new modification time
        (elsewhere / path).chmod(0o600)
    monkeypatch.setattr(build, "ROOT", elsewhere)
    monkeypatch.setattr(build, "MANIFEST", elsewhere / "blender_manifest.toml")
    second = built(tmp_path / "two")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_zip_that_blender_refuses_is_not_left_behind(tmp_path, wheels, monkeypatch):
    def refuse(archive: Path, blender: Blender) -> None:
        raise build.BuildError("refused")

    monkeypatch.setattr(build, "validate", refuse)
    with pytest.raises(build.BuildError):
        built(tmp_path / "dist")
    assert list((tmp_path / "dist").iterdir()) == []


@pytest.mark.parametrize("target", [("3.12", "linux-x64"), ("3.14", "windows-x64")])
def test_an_unknown_target_is_named(tmp_path, target):
    with pytest.raises(build.BuildError, match=" on ".join(target)):
        built(tmp_path, *target)


def test_blender_validates_the_zip(tmp_path, wheels):
    pytest.importorskip("bpy", reason="there is no bpy in this Python", exc_type=ImportError)
    module = find_blender.module()
    assert build.build("3.11", "windows-x64", module, tmp_path / "dist").exists()
    good = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    broken = tmp_path / "broken.zip"
    build.write(broken, good.replace('tags = ["Render"]', 'tags = ["Juice"]'), [])
    with pytest.raises(build.BuildError, match="Juice"):
        build.validate(broken, module)


def test_downloaded_wheels_count_only_with_their_pinned_hashes(tmp_path, monkeypatch):
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel = folder / "idna-3.20-py3-none-any.whl"
    wheel.write_bytes(b"as pinned")
    pins = tmp_path / "wheels.txt"
    digest = hashlib.sha256(b"as pinned").hexdigest()
    pins.write_text(f"idna==3.20 \\\n    --hash=sha256:{digest}\n", encoding="utf-8")
    monkeypatch.setattr(build, "REQUIREMENTS", pins)
    assert build.complete(folder)
    wheel.write_bytes(b"another")
    assert not build.complete(folder)
    wheel.unlink()
    assert not build.complete(folder)


def test_the_wheels_are_the_versions_that_the_tests_run_with():
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return set(re.findall(r"^([a-z0-9-]+==[\w.]+)", text, flags=re.MULTILINE))

    assert pins("runtime.txt") <= pins("wheels.txt")
    assert len(pins("wheels.txt")) == 10


def test_a_missing_system_library_is_named_with_the_line_that_installs_it():
    said = "Traceback ...\nImportError: libXi.so.6: cannot open shared object file: No such file\n"
    words = find_blender.why_not_imported(said)
    assert "libXi.so.6" in words
    line = f"apt-get install {find_blender.LIBRARIES}"
    assert line in words
    assert line in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_blender_that_is_named_but_not_there_is_said(monkeypatch):
    monkeypatch.setenv("BLENDER", "/nowhere/blender")
    with pytest.raises(find_blender.NotFound, match="/nowhere/blender"):
        find_blender.find()


def test_a_program_that_is_no_blender_is_said(monkeypatch):
    monkeypatch.setenv("BLENDER", sys.executable)
    with pytest.raises(find_blender.NotFound, match="does not run Python as Blender does"):
        find_blender.find()


@pytest.mark.parametrize(("version", "fits"), [("4.1.1", False), ("4.2.0", True), ("10.0.0", True)])
def test_blender_on_path_is_taken_from_4_2_on(monkeypatch, version, fits):
    facts = f'{{"version": "{version}", "python": "3.11", "platform": "linux-x64", "scripts": ""}}'
    monkeypatch.setattr(find_blender, "_run", lambda command: (0, find_blender.MARK + facts))
    if fits:
        assert find_blender.whole("blender").version == version
    else:
        with pytest.raises(find_blender.NotFound, match=r"4\.2 or newer"):
            find_blender.whole("blender")
