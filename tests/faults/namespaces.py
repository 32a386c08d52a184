"""Two network namespaces with a cable between them, which can be pulled. Linux, and root alone.

What belongs here: what `ip` and `setns` do for the tests. The addresses are of those for documentation (RFC 5737) and
exist in these namespaces only.
"""

from collections.abc import Generator
from contextlib import contextmanager
import os
from pathlib import Path
import shutil
import subprocess
from typing import Self

READER, METER = "192.0.2.1", "192.0.2.2"


class NotPermittedError(Exception):
    """This machine lets us make no namespaces; `str()` says why."""


class Cable:
    """A namespace `here`, another one `there`, and a cable that joins them."""

    def __init__(self) -> None:
        self.here, self.there = f"han-port-{os.getpid()}-here", f"han-port-{os.getpid()}-there"

    def __enter__(self) -> Self:
        try:
            self._make()
            with inside(self.here):
                pass
        except (OSError, NotPermittedError) as error:
            self._remove()
            raise NotPermittedError(str(error)) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()

    def pull(self) -> None:
        """Cut the link: whatever is sent is lost, and nobody is told."""
        _ip("-n", self.there, "link", "set", "cable", "down")

    def plug(self) -> None:
        """Mend the link."""
        _ip("-n", self.there, "link", "set", "cable", "up")

    def _make(self) -> None:
        for name in (self.here, self.there):
            _ip("netns", "add", name)
        ends = ("link", "add", "cable", "netns", self.here, "type", "veth", "peer", "name", "cable", "netns")
        _ip(*ends, self.there)
        for name, address in ((self.here, READER), (self.there, METER)):
            _ip("-n", name, "address", "add", f"{address}/30", "dev", "cable")
            _ip("-n", name, "link", "set", "cable", "up")

    def _remove(self) -> None:
        for name in (self.here, self.there):
            if Path("/run/netns", name).exists():
                _ip("netns", "delete", name)


@contextmanager
def inside(name: str) -> Generator[None]:
    """Have this thread make its sockets in a namespace; a socket stays where it was made."""
    with Path("/proc/thread-self/ns/net").open("rb") as before, Path("/run/netns", name).open("rb") as there:
        os.setns(there.fileno(), os.CLONE_NEWNET)
        try:
            yield
        finally:
            os.setns(before.fileno(), os.CLONE_NEWNET)


def _ip(*arguments: str) -> None:
    program = shutil.which("ip")
    if program is None:
        raise NotPermittedError("there is no program `ip`")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotPermittedError(done.stderr.strip() or f"ip {' '.join(arguments)}: {done.returncode}")
