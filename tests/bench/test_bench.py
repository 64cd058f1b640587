"""`hub bench --quick` from end to end: a world, two contestants that answer the same, a report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.full
def test_a_quick_bench_measures_and_reports(tmp_path: Path) -> None:
    asked = ["--quick", "--reads-only", "--only", "ours,by_hand", "--reads", "cases_page,case_one"]
    command = [sys.executable, "-m", "hub", "bench", *asked, "--concurrency", "2", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "bench.json").read_text())
    measured = {(each["read"], each["clients"], *each["slots"]) for each in found["results"]}
    assert measured == {("cases_page", 2, "ours", "by_hand"), ("case_one", 2, "ours", "by_hand")}
    for result in found["results"]:
        for runs in result["slots"].values():
            assert len(runs) == 2
            assert all(each["per_second"] > 0 and each["server_cpu_ms"] > 0 for each in runs)
    assert "cases_page × 2: ours / by_hand" in {each["what"] for each in found["verdicts"]}
    assert "`hub bench --quick" in (tmp_path / "bench.md").read_text()
