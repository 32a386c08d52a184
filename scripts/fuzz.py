"""Throws made-up input at every parser of what comes from outside, guided by which code it reaches (atheris).

What a target does and which laws it holds the code to is in tests/fuzz/targets.py. Each runs in a process of its own;
what broke a law is printed in hexadecimal, to be kept as a seed in tests/fuzz/seeds.py.
"""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict, dataclass
import json
import os
from pathlib import Path
import re
import subprocess
import sys
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time

from scripts.bare import without_home_assistant

MOST_OCTETS = 4096
"""Of one input."""
SLOWED = 40.0
"""How many times as slow the code may be with a fuzzer's probes in it, before its time counts as a finding."""
FRUITLESS = 120
"""Seconds that one input may take before it counts as endless."""

ROUNDS = 20
"""The best of which counts, where time is measured."""

_DONE = re.compile(r"Done (\d+) runs in (\d+) second")
_STATUS = re.compile(r"#(\d+)\s+\S+\s+cov: (\d+) ft: (\d+) corp: (\d+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one target."""

    target: str
    executions: int
    seconds: float
    coverage: int
    """Edges of the code that were reached."""
    features: int
    """Edges with how often they were gone over."""
    inputs: int
    """Inputs kept because they reach something that no other does."""
    slowest_ms: float
    """Of these inputs, without a fuzzer's probes; the laws' own work included."""
    finding: str | None
    """The input that broke a law, in hexadecimal."""
    complaint: str | None


def main() -> int:
    """Run targets one after another and tell what became of them; 1 where a law was broken."""
    parser = ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("target", nargs="*", help="targets; all of them if none is given")
    parser.add_argument("--seconds", type=int, default=30, help="for each target (30)")
    parser.add_argument("--seed", type=int, default=0, help="of the fuzzer's random numbers; 0: always another")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--list", action="store_true", help="only name the targets")
    parser.add_argument("--worst", action="store_true", help="only measure 4 KiB of what is made to take long")
    parser.add_argument(
        "--inside", metavar="CORPUS", help="run one target in this process (what the others are run by)"
    )
    options = parser.parse_args()
    if options.inside:
        return inside(options.target[0], Path(options.inside), options.seconds, options.seed)
    if options.worst:
        return worst(as_json=options.json)
    with without_home_assistant():
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415
    if unknown := set(options.target) - TARGETS.keys():
        parser.error(f"no such target: {', '.join(sorted(unknown))} (there are {', '.join(TARGETS)})")
    if options.list:
        print(*TARGETS, sep="\n")
        return 0
    outcomes = []
    if not options.json:
        print(f"{'target':14}{'executions':>12}{'seconds':>9}{'edges':>7}{'inputs':>8}{'slowest':>11}")
    for target in options.target or TARGETS:
        outcome = run(target, options.seconds, options.seed)
        outcomes.append(outcome)
        if not options.json:
            show(outcome)
    if options.json:
        print(json.dumps([asdict(outcome) for outcome in outcomes], indent=2))
    return 1 if any(outcome.finding is not None for outcome in outcomes) else 0


def show(outcome: Outcome) -> None:
    """Print a row."""
    print(
        f"{outcome.target:14}{outcome.executions:12}{outcome.seconds:9.0f}{outcome.coverage:7}{outcome.inputs:8}"
        f"{outcome.slowest_ms:8.2f} ms",
        flush=True,
    )
    if outcome.finding is not None:
        print(f"  a law was broken: {outcome.complaint}\n  by {outcome.finding}")


def run(target: str, seconds: int, seed: int) -> Outcome:
    """Fuzz one target in another process."""
    with TemporaryDirectory() as folder:
        kept = Path(folder, "corpus")
        kept.mkdir()
        write_corpus(target, kept)
        command = [sys.executable, "-m", "scripts.fuzz", target, "--inside", str(kept), "--seconds", str(seconds)]
        began = perf_counter()
        done = subprocess.run(
            [*command, "--seed", str(seed)], check=False, capture_output=True, text=True, errors="replace", env=_plain()
        )
        took = perf_counter() - began
        said = done.stdout + done.stderr
        status = _STATUS.findall(said)
        runs = _DONE.findall(said)
        inputs = sorted(kept.iterdir())
        found = next(Path(folder).glob("crash-*"), None) or next(Path(folder).glob("timeout-*"), None)
        if found is None and (done.returncode or not status):
            raise SystemExit(f"{target}: the fuzzer ended with {done.returncode}\n{said[-3000:]}")
        executions, coverage, features, _ = status[-1] if status else ("0",) * 4
        return Outcome(
            target,
            int(runs[-1][0] if runs else executions),
            round(took, 1),
            int(coverage),
            int(features),
            len(inputs),
            0.0 if found else round(slowest(target, inputs), 2),
            found.read_bytes().hex() if found else None,
            _complaint(said) if found else None,
        )


def _plain() -> dict[str, str]:
    """Return the environment, with hashes that are the same in every run."""
    return {**os.environ, "PYTHONHASHSEED": "0"}


def _complaint(said: str) -> str:
    """Return the line that tells what was raised and where."""
    lines = [line.strip() for line in said.splitlines()]
    raised = [line for line in lines if re.match(r"\w*(Error|Exception)\b", line)]
    places = [line for line in lines if line.startswith("File ")]
    return " ".join((*raised[-1:], *places[-1:])) or "it takes too long"


def write_corpus(target: str, folder: Path) -> None:
    """Write what the target begins with, the seeds of what was found before among it."""
    with without_home_assistant():
        from tests.fuzz.corpus import corpus  # noqa: PLC0415
        from tests.fuzz.seeds import SEEDS  # noqa: PLC0415
    seeds = [bytes.fromhex(seed.octets) for seed in SEEDS if seed.target == target]
    for number, octets in enumerate((*corpus(target), *seeds)):
        Path(folder, f"begin-{number:03}").write_bytes(octets)


def slowest(target: str, inputs: Sequence[Path]) -> float:
    """Return how long, in ms, the slowest input takes: the shortest of three times, without a fuzzer's probes."""
    with without_home_assistant():
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415
    function = TARGETS[target]
    longest = 0.0
    for path in inputs:
        octets = path.read_bytes()
        times = []
        for _ in range(3):
            began = thread_time()
            function(octets)
            times.append(thread_time() - began)
        longest = max(longest, min(times))
    return longest * 1000


def worst(*, as_json: bool) -> int:
    """Measure 4 KiB of each case that is made to take long, in ms; 1 where one takes too long."""
    with without_home_assistant():
        from tests.fuzz.patience import MOST_SECONDS  # noqa: PLC0415
        from tests.fuzz.worst import CASES, backlog, milliseconds  # noqa: PLC0415
    rows = {
        case: {
            "at_once": round(milliseconds(octets, rounds=ROUNDS), 2),
            "on_top_of_a_full_buffer": round(milliseconds(octets, before=backlog(octets), rounds=ROUNDS), 2),
            "octet_by_octet": round(milliseconds(octets, before=backlog(octets), step=1, rounds=ROUNDS), 2),
        }
        for case, octets in CASES.items()
    }
    if as_json:
        print(json.dumps(rows, indent=2))
    else:
        print(f"{'ms for 4 KiB, the best of several rounds':42}{'at once':>10}{'on top':>10}{'by octet':>10}")
        for case, row in sorted(rows.items(), key=lambda item: -max(item[1].values())):
            print(f"{case:42}" + "".join(f"{taken:10.2f}" for taken in row.values()))
    return 1 if max(max(row.values()) for row in rows.values()) > MOST_SECONDS * 1000 else 0


def inside(target: str, kept: Path, seconds: int, seed: int) -> int:
    """Fuzz in this process: libFuzzer ends it."""
    import atheris  # noqa: PLC0415 - only the fuzzer's environment has it

    with atheris.instrument_imports(include=["custom_components.han_port"]), without_home_assistant():
        from tests.fuzz.patience import Patience  # noqa: PLC0415
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415
    Patience.times = SLOWED
    arguments = (
        f"-max_total_time={seconds}",
        f"-max_len={MOST_OCTETS}",
        f"-timeout={FRUITLESS}",
        f"-artifact_prefix={kept.parent}/",
        *([f"-seed={seed}"] if seed else []),
    )
    atheris.Setup([sys.argv[0], *arguments, str(kept)], TARGETS[target])
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
