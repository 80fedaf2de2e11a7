"""What tests of the runtime share: a cache folder of their own."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """Decoded images of tests do not go into the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETLOOM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
