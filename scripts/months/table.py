"""Both months side by side, for people, and what is claimed of them."""

from typing import NamedTuple

from .outcome import Outcome, Peak


class Claim(NamedTuple):
    """Something that ought to be so."""

    what: str
    found: str
    good: bool


def claims(without: Outcome, with_it: Outcome, days: int) -> list[Claim]:
    """Return what is claimed of both months."""
    both = (without, with_it)
    hours = 24 * days
    late = with_it.car["given_up"]
    return [
        Claim("the step is lower with the blueprint", f"{without.step} → {with_it.step}", _lower(without, with_it)),
        Claim(
            "every hour was measured",
            ", ".join(f"{one.measured} of {hours}" for one in both),
            all(one.measured == hours for one in both),
        ),
        Claim(
            "the hours are what the house has drawn",
            ", ".join(f"{one.error} Wh off" for one in both),
            all(abs(one.error) <= 3 for one in both),  # a register counts whole Wh; it is read 10 s past the hour
        ),
        Claim("no hour with the blueprint is above the target", f"{with_it.over}", with_it.over == 0),
        Claim("the car had all it wanted in the morning", f"{late} Wh missing", late == 0),
        Claim("nobody complained in the log", f"{len(with_it.complaints)} lines", not with_it.complaints),
    ]


def _lower(without: Outcome, with_it: Outcome) -> bool:
    return with_it.step_number < without.step_number


def show(without: Outcome, with_it: Outcome, target: float) -> None:
    """Print both."""
    both = (without, with_it)
    print(f"{'':8}{'highest hour without':>28}{'with the blueprint':>28}")
    for one, other in zip(without.days, with_it.days, strict=True):
        print(f"{one.day[5:]:8}{_peak(one):>28}{_peak(other):>28}")
    rows = {
        "mean of the three, kW": [f"{one.mean / 1000:.3f}" for one in both],
        "step": [one.step for one in both],
        "a month, NOK": [f"{one.cost:.0f}" if one.cost is not None else "?" for one in both],
        f"hours above {target:g} kWh": [str(one.over) for one in both],
        "energy, kWh": [f"{one.energy / 1000:.1f}" for one in both],
        "car: energy, kWh": [f"{one.car['delivered'] / 1000:.1f}" for one in both],
        "car: not there in the morning, kWh": [f"{one.car['given_up'] / 1000:.1f}" for one in both],
        "car: hours until full, mean (most)": [_hours(one.car) for one in both],
        "water heater: energy, kWh": [f"{one.water_heater['delivered'] / 1000:.1f}" for one in both],
        "water heater: coldest, Wh missing": [str(one.water_heater["worst_missing"]) for one in both],
        "turned off, times": [
            ", ".join(f"{name.partition('.')[2]} {times}" for name, times in sorted(one.turned_off.items())) or "–"
            for one in both
        ],
        "lists": [str(one.lists) for one in both],
        "seconds on the wall (of a core)": [f"{one.wall:.0f} ({one.cpu:.0f})" for one in both],
    }
    print()
    for what, (first, second) in rows.items():
        print(f"{what:42}{first:>14}   {second}")
    print("\n* one of the three that count\n")
    for claim in claims(without, with_it, len(without.days)):
        print(f"{claim.what:48}{claim.found:>28}  {'good' if claim.good else 'NOT TRUE'}")
    for line in dict.fromkeys(with_it.complaints):
        print(f"also: {line}")


def _peak(peak: Peak) -> str:
    return f"{peak.hour}  {peak.energy / 1000:7.3f} {'*' if peak.counts else ' '}"


def _hours(load: dict[str, float]) -> str:
    return f"{load['mean_hours']:.2f} ({load['most_hours']:.2f})"
