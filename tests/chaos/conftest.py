import pytest

from tests.chaos.site import site


@pytest.fixture(scope="session")
def where(tmp_path_factory):
    """A stand-in farm with proxies, shared by all runs of this process."""
    with site(tmp_path_factory.mktemp("chaos") / "farm") as running:
        yield running
