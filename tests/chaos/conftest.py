import pytest

from tests.chaos.site import site


@pytest.fixture(scope="session")
def where(tmp_path_factory):
    """A farm behind two proxies, for every run of this process."""
    with site(tmp_path_factory.mktemp("chaos") / "farm") as running:
        yield running
