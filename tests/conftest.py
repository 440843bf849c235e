"""What all tests share."""

import gc
import os
import signal

import pytest
from hypothesis import settings

# Every run tries the same examples: a failure is a change, and nobody's pull request fails by chance.
settings.register_profile("default", deadline=None, max_examples=15, derandomize=True, database=None)
settings.register_profile("thorough", deadline=None, max_examples=1500)
settings.load_profile("default")

# Threads of linear algebra that wait for each other cost more than small matrices do. Set before numpy is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A job that a shell starts in the background ignores SIGINT; the tests of interrupts need it heard.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish():
    """Spare each later garbage collection the look through all that the collection of tests has made."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def searches(tmp_path_factory):
    """Return searches of all kinds by name, see `estimators.SEARCHES`; to look at, not to change."""
    from estimators import Searches

    return Searches(tmp_path_factory.mktemp("searches"))
