"""One product with 11 members: how long its result takes, alone and as the command explain_result.

The baseline is the whole process, Python's and Django's start included; ours is the function that
the portal calls, with the regulation in memory as in a running web process.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from regulations.cases import explain_case
from regulations.parsing import DATA_DIR, load_regulation
from regulations.rating import Member, Scoring, rate

ROOT = Path(__file__).resolve().parent.parent
REGULATION, SHEET, MEMBERS = "qd26-2026", "do-an-nhanh", 11


def some_members(choose: random.Random) -> list[dict[str, Any]]:
    """Members who choose any option of each criterion, or none."""
    criteria = load_regulation(DATA_DIR / REGULATION).sheets[SHEET].by_code
    return [
        {
            "id": f"m{number}",
            "choices": {
                code: choose.choice([None, *range(len(criterion.options))])
                for code, criterion in criteria.items()
            },
        }
        for number in range(MEMBERS)
    ]


def function_ms(members: list[dict[str, Any]], runs: int) -> list[float]:
    """Milliseconds of each rating."""
    regulation = load_regulation(DATA_DIR / REGULATION)
    sheet = regulation.sheets[SHEET]
    scoring = Scoring("city", [Member(row["id"], row["choices"]) for row in members])
    rate(regulation, sheet, scoring)
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        rate(regulation, sheet, scoring)
        times.append((time.perf_counter() - began) * 1000)
    return times


def command_ms(case: dict[str, Any], runs: int) -> list[float]:
    """Milliseconds of each call of the command, from the shell to its answer."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(case, file)
        file.flush()
        command = [sys.executable, "manage.py", "explain_result", "--input", file.name]
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
            times.append((time.perf_counter() - began) * 1000)
        assert json.loads(done.stdout) == json.loads(json.dumps(explain_case(case)))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    members = some_members(random.Random(146))
    case = {"regulation": REGULATION, "sheet": SHEET, "tier": "city", "members": members}
    ours = function_ms(members, 1000 if quick else 10_000)
    baseline = command_ms(case, 5 if quick else 20)
    print(
        json.dumps(
            {
                "name": "explain",
                "ratio": round(statistics.median(baseline) / statistics.median(ours), 1),
                "p95_ms": round(statistics.quantiles(ours, n=20)[-1], 3),
                "unit": "ms for one product with 11 members",
                "n": len(ours),
                "baseline": round(statistics.median(baseline), 1),
                "baseline_longest": round(max(baseline), 1),
                "ours": round(statistics.median(ours), 3),
            }
        )
    )


if __name__ == "__main__":
    main()
