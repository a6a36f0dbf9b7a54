"""`zhixin draw verify`: anybody runs a draw again from its file alone."""

import json
import subprocess
import sys
from pathlib import Path

from indexer.supervision.drawing import Candidate, Lot
from indexer.supervision.population import population_hash
from tests.servers import CHECKOUT


def verify(path: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "portal", "draw", "verify", str(path)]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def test_a_file_is_run_again_and_a_changed_one_is_told(tmp_path: Path) -> None:
    population = [Candidate(f"91329900EXAMPLE{n:03d}", f"示例{n}有限公司", 1 + n % 3) for n in range(1, 30)]
    drawn = Lot("2026-0007", "a seed").enterprises(population, 4)
    document = {
        "algorithm": "zhixin-draw-1",
        "number": "2026-0007",
        "count": 4,
        "each": 2,
        "population": {"count": 29, "hash": population_hash(population, "salt"), "public": True},
        "inspectors": {"hash": "0" * 64},
        "seed": "a seed",
        "salt": "salt",
        "drawn": [[each.code, each.name] for each in drawn],
        "enterprises": [[each.code, each.name, each.weight] for each in population],
    }
    path = tmp_path / "draw.json"
    path.write_text(json.dumps(document), "utf-8")
    told = verify(path)
    assert told.returncode == 0 and told.stdout.count("一致 agrees") == 2, told
    heavy = [[code, name, 10**15] for code, name, _weight in document["enterprises"]]  # type: ignore[attr-defined]
    for change in ({"seed": "another"}, {"enterprises": heavy}, {"enterprises": document["enterprises"] * 2}):  # type: ignore[operator]
        path.write_text(json.dumps(document | change), "utf-8")
        assert verify(path).returncode == 1, change
    missing = verify(tmp_path / "none.json")
    assert missing.returncode == 1 and "Traceback" not in missing.stderr
