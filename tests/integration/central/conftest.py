"""One Central Command for all tests that do not need their own."""

from __future__ import annotations

import pytest
from central_client import Client, serving


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    """A server that outlives the tests."""
    with serving(tmp_path_factory.mktemp("central") / "data") as server:
        yield server


@pytest.fixture
def server(shared_server):
    """The shared server; it has to be alive before and after each test."""
    assert shared_server.process.poll() is None
    yield shared_server
    assert shared_server.process.poll() is None


@pytest.fixture
def client(server):
    """A fresh open session."""
    return Client(server).open()
