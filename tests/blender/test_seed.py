"""A scene with every override set requests exactly the keys of the documented sample."""

import json
from pathlib import Path

import httpx
import pytest
from renderjuice.api import fields
from renderjuice.scene import config, overrides, properties, settings

bpy = pytest.importorskip("bpy", reason="bpy is not installed for this Python")
SAMPLE = Path(__file__).parents[1] / "data" / "start-render-body.json"


@pytest.fixture
def scene():
    bpy.ops.wm.read_factory_settings()
    properties.register()
    group = bpy.context.scene.renderjuice
    for prop in overrides.PROPERTIES.values():
        setattr(group, f"use_{prop}", True)
    group.frames = "1-3, 7"
    group.notes = "with love"
    yield bpy.context.scene
    properties.unregister()


def keys(body: dict) -> set[str]:
    return set(fields.flatten(body))


def test_every_override_gives_the_keys_of_the_sample_and_the_farm_takes_them(scene, farm, tmp_path):
    wanted = config.requested(settings.read(scene), overrides.read(scene)).config
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))["requestedRenderConfig"]
    assert keys(wanted) == keys(sample)

    http = httpx.Client(headers={"Authorization": f"Bearer {farm.key}"}, trust_env=False)
    target = http.post(
        f"{farm.api_url}/uploads", json={"fileName": "a.blend", "fileType": "blend"}
    ).json()
    httpx.put(target["uploadUrl"], content=b"BLENDER", trust_env=False).raise_for_status()
    job = http.post(f"{farm.api_url}/jobs", json={"slug": target["slug"]}).json()["id"]
    http.post(f"{farm.api_url}/jobs/{job}/validate").raise_for_status()
    while http.get(f"{farm.api_url}/jobs/{job}").json()["data"]["status"] != "validated":
        pass
    answer = http.post(f"{farm.api_url}/jobs/{job}/render", json={"requestedRenderConfig": wanted})
    assert answer.status_code == 200, answer.text
    assert answer.json()["requestedConfig"] == wanted
