"""Energy out of power, where lists come in odd ways."""

from itertools import pairwise

from custom_components.han_port.ledger.integral import FULL_CADENCE, HOUR, Integral
from custom_components.han_port.ledger.stored import points_from_stored

BEGIN = 490_000.5 * HOUR


def test_two_lists_of_one_instant_that_differ() -> None:
    """A reader may send two at once. The energy up to an instant never falls, and the book can be kept."""
    integral = Integral()
    last = BEGIN
    for number in range(200):
        last = BEGIN + number * FULL_CADENCE
        integral.add(last, 900_000.0)
        integral.add(last, 0.0)
    energies = [integral.upto(BEGIN + second).energy for second in range(int(last - BEGIN) + 1)]
    assert all(before <= after for before, after in pairwise(energies))
    assert energies[-1] == integral.energy
    assert points_from_stored(integral.to_stored())[-1].energy == round(integral.energy)
