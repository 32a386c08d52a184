"""Whose meter it is, by the letters that it begins its names with."""

import pytest

from custom_components.han_port.wire.makers import maker, maker_of_title


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("LGF5E360", "Landis+Gyr"),
        ("XMX5LGBBFFB231314239", "Landis+Gyr"),
        ("ISk5\\2MT382-1000", "Iskra"),
        ("ISK1030783821282", "Iskra"),
        ("1KFM0200234804", "Kaifa"),  # DIN 43863-5: the medium stands before the letters
        ("FLU5\\253769484_A", "Sagemcom"),
        ("KAM5", "Kamstrup"),
        ("QQQ5", None),
        ("1", None),
        ("", None),
    ],
)
def test_maker_of_a_name(name: str, known: str | None) -> None:
    assert maker(name) == known


@pytest.mark.parametrize(
    ("title", "known"),
    [("4B414D4501349083", "Kamstrup"), ("4c475a677370b177", "Landis+Gyr"), ("FFFFFF0000000000", None), ("", None)],
)
def test_maker_of_a_system_title(title: str, known: str | None) -> None:
    assert maker_of_title(title) == known
