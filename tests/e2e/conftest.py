"""What the end-to-end test needs of pytest: real sockets, and time."""

from collections.abc import Generator

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def real_sockets() -> Generator[None]:
    """Let this process talk to the Home Assistant, the browser and the meters that it started."""
    pytest_socket.enable_socket()
    yield
    pytest_socket.disable_socket(allow_unix_socket=True)


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Stand in for the check of a Home Assistant inside the test process: here it is a process of its own."""
