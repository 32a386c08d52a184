"""Inputs that once broke a law, found by `scripts/fuzz` and by other searches."""

from typing import NamedTuple


class Seed(NamedTuple):
    """One input."""

    target: str
    octets: str
    """In hexadecimal."""
    was: str
    """What it did."""


SEEDS: tuple[Seed, ...] = (
    Seed(
        "decoder",
        "00000e2f4c474635453336c90d0a0d0a31",
        "a damaged telegram that was counted or not by how the stream was cut",
    ),
    Seed("aidon", "ffffffffffffffffffff01160301", "a number of 22 digits"),
    Seed("embriq", "fb01fffffffffdff1400030902ff1b", "a number too great for what is kept of an hour"),
    Seed(
        "kaifa",
        "0e10363937303633313430393939393939390e084d413330344833450300ff000102030000020003",
        "a text in hexadecimal",
    ),
    Seed("kaifa-pairs", "270300be0402", "a register below nought"),
    Seed("kamstrup", "000302210100", "a voltage, once in volts and once in hundredths of them"),
    Seed("kamstrup", "0a01000000", "a scale that was learned from a phase without voltage"),
    Seed("clock", "07ea0b0c0000000000050000", "a deviation of days"),
    Seed("clock", "0001010101000000000000 00", "a clock at the beginning of time"),
    Seed("text", "5b782d5d28687474703a2f2f61292077772e61", "a link"),
    Seed("text", "7777772e6576696c2e6578616d706c65", "an address without a scheme"),
    Seed("book-stored", "7d2d0e217e2ff9", "energies so great that an hour's did not fit where it is kept"),
    Seed(
        "book-lists",
        "055203010d01055203010d01050105520301010d055203010d0103010d010552030105",
        "a leap that a clock made plausible",
    ),
    Seed(
        "book-lists",
        "055203010d01055203010d0105010d01055203010d010552f90d01055205",
        "a clock set back to before a new count",
    ),
    Seed(
        "book-lists",
        "030100001105010000000000000003110501000003110501000003110501000003110501031100000501000005030111"
        "000003110501000003110501000003110501000003110501000003110501000003110501000003110526000003110501"
        "000003110501000003110501000003110501000003110501000003110501000003110501000003110501000003110501"
        "000003110501000003110501000003110501000003110501000003110501000003110501000003110501000003110501"
        "000003110501000003110501000003110501000003110501000003110501000003110501000003110501000003110501"
        "000003110501000003110501000003110501000003110501000003110501000003110501000003110501000003110501"
        "0000030000001105010000031105010000031105010000031105010200031105010000031105010b0000031105010000"
        "031105010000031105010000031105010000031105010000055203011d01055203011d01055203011d01055203011d01"
        "055203011d01055203011d01055203011d01055203011d01",
        "lists of one instant that differ, so that the energy between lists fell",
    ),
    Seed(
        "elhub",
        "4672613b54696c3b4b574820363020466f726272756b0a32352e31302e323032362030323a30303b32352e31302e3230"
        "32362030333a30303b310a323032362d31302d32355430323a30305a3b323032362d31302d32355430333a30305a3b31",
        "a time with an offset among times without one",
    ),
)
