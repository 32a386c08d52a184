"""The fuzzer's targets hold with what it begins with, and with all that was ever found."""

from hypothesis import given, settings, strategies as st
import pytest

from .corpus import corpus
from .seeds import SEEDS, Seed
from .targets import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_beginnings(target: str) -> None:
    for octets in corpus(target):
        TARGETS[target](octets)


@pytest.mark.parametrize("seed", SEEDS, ids=[seed.was for seed in SEEDS])
def test_what_was_found(seed: Seed) -> None:
    TARGETS[seed.target](bytes.fromhex(seed.octets))


@settings(max_examples=40, deadline=None)
@given(target=st.sampled_from(sorted(TARGETS)), octets=st.binary(max_size=2000))
def test_anything(target: str, octets: bytes) -> None:
    TARGETS[target](octets)
