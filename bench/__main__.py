"""`python -m bench [chain|ingest|serving|elastic|checks|scale]`: print the table of figures. Reads the shared real data; says so where it is absent."""

import argparse
import sys
from pathlib import Path

from bench import chain, checks, elastic, ingest, scale, serving
from bench.table import HEAD

SHARED = Path(__file__).parent.parent.parent / "shared"
PARTS = {
    "chain": chain.lines,
    "ingest": ingest.lines,
    "serving": serving.lines,
    "elastic": elastic.lines,
    "checks": checks.lines,
}
ON_REQUEST = {"scale": scale.lines}  # half an hour


def main() -> None:
    """Run the parts that were asked for, all by default; each line is printed as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS, *ON_REQUEST], help="default: all but scale")
    asked = parser.parse_args().parts or list(PARTS)
    if not SHARED.is_dir():
        sys.exit("../shared is absent: the real data that benchmarks read")
    print(HEAD, flush=True)
    for part in asked:
        for line in (PARTS | ON_REQUEST)[part](SHARED):
            print(line, flush=True)


if __name__ == "__main__":
    main()
