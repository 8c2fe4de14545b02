"""`make demo` does not use or change the artist's own Blender settings."""

import demo


def test_no_folder_key_or_address_of_the_artist_is_used(monkeypatch):
    own = {
        "BLENDER_USER_CONFIG": "/home/artist/config",
        "BLENDER_USER_EXTENSIONS": "/home/artist/extensions",
        "BLENDER_USER_RESOURCES": "/home/artist/blender",
        "RENDERJUICE_API_KEY": "RJ-THE-ARTISTS",
        "RENDERJUICE_API_URL": "https://example.com",
        "RENDERJUICE_STATE_DIR": "/home/artist/state",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    environment = demo.of_the_demo()
    assert not set(own.values()) & set(environment.values())
    assert environment["BLENDER_USER_RESOURCES"] == str(demo.USER)
    assert environment["PATH"]
