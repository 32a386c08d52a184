"""A list as a tree that can be changed and written again: what a person with ill will and a checksum at hand does."""

from dataclasses import dataclass, field
from typing import Self

from tests.meters import axdr

ARRAY, STRUCTURE = 1, 2
SIZES = {0: 0, 5: 4, 6: 4, 15: 1, 16: 2, 17: 1, 18: 2, 21: 8, 22: 1}
"""Octets of the types of fixed length that meters send."""


@dataclass
class Node:
    """A value: its tag, and its octets or the values in it."""

    tag: int
    octets: bytes = b""
    inner: list[Self] = field(default_factory=list)
    lie: int = 0
    """By how much its length, or its count, is told wrong."""

    def write(self) -> bytes:
        """Return it as A-XDR."""
        tag = bytes((self.tag,))
        if self.tag in (ARRAY, STRUCTURE):
            return tag + self._length(len(self.inner)) + b"".join(node.write() for node in self.inner)
        return tag + (b"" if self.tag in SIZES else self._length(len(self.octets))) + self.octets

    def _length(self, truth: int) -> bytes:
        return axdr._length(min(max(0, truth + self.lie), 0xFFFF_FFFF))

    def all(self) -> list[Self]:
        """Return this and all that is in it."""
        return [self, *(found for node in self.inner for found in node.all())]


def read(octets: bytes) -> Node:
    """Read the list of a simulated meter."""
    node, end = _read(octets, 0)
    assert end == len(octets)
    return node


def _read(octets: bytes, at: int) -> tuple[Node, int]:
    tag = octets[at]
    at += 1
    if tag in SIZES:
        return Node(tag, octets[at : at + SIZES[tag]]), at + SIZES[tag]
    count = octets[at]
    at += 1
    if tag not in (ARRAY, STRUCTURE):
        return Node(tag, octets[at : at + count]), at + count
    node = Node(tag)
    for _ in range(count):
        inner, at = _read(octets, at)
        node.inner.append(inner)
    return node, at
