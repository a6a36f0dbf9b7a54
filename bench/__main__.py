"""`python -m bench [PART…]`: print the table of figures. Reads the shared real data; says so where it is absent."""

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench import chain, checks, data, elastic, fuzz, ingest, limits, scale, serving
from bench.table import HEAD, Line

SHARED = Path(__file__).parent.parent.parent / "shared"
PARTS = {
    "chain": chain.lines,
    "ingest": ingest.lines,
    "serving": serving.lines,
    "elastic": elastic.lines,
}
ON_REQUEST: dict[str, Callable[[Path], Iterator[Line]]] = {
    "scale": scale.lines,
    "checks": checks.lines,
    "data": data.lines,
    "limits": limits.lines,
    "fuzz": fuzz.lines,
}  # half an hour, a quarter of one, some minutes, three, half an hour


def main() -> None:
    """Run the parts that were asked for, all by default; each line is printed as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts",
        nargs="*",
        choices=[[], *PARTS, *ON_REQUEST],
        help=f"default: {', '.join(PARTS)}",
    )
    parser.add_argument(
        "--register", type=Path, help="checks: a data folder with the register, made there if absent"
    )
    parser.add_argument("--small", action="store_true", help="checks: a twentieth of the register")
    given = parser.parse_args()
    asked = given.parts or list(PARTS)
    if not SHARED.is_dir() and asked != ["fuzz"]:
        sys.exit("../shared is absent: the real data that benchmarks read")
    parts = PARTS | ON_REQUEST | {"checks": partial(checks.lines, register=given.register, small=given.small)}
    print(HEAD, flush=True)
    for part in asked:
        for line in parts[part](SHARED):
            print(line, flush=True)


if __name__ == "__main__":
    main()
