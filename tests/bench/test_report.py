"""What comes out: verdicts, Markdown, JSON; and the options that go in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.bench import report
from hub.bench.contestant import read_of
from hub.bench.district import District
from hub.bench.options import Options, chosen
from hub.bench.reach import verdicts
from hub.bench.slots import Result
from hub.bench.statistics import Slot
from hub.bench.writes import Write
from hub.data_folder import OperatorError


def slots(*rates: float, cpu: float = 0.4, p99: float = 3.0, busy: float = 0.0) -> list[Slot]:
    return [Slot(rate, 1.0, p99, cpu, cpu / 2, busy) for rate in rates]


def page(**of: list[Slot]) -> Result:
    return Result(read_of("cases_page"), 16, of)


def filled() -> report.Report:
    done = report.Report("hub bench --quick", "2026-11-29 23:00", "2 × something", "scale bench: 500 cases")
    done.results = [page(ours=slots(900, 1000, 800, busy=0.3), by_hand=slots(1000, 1000, 1000))]
    done.writes = [Write("deliveryRecord", {"ours": slots(300), "strawberry_orm": slots(200)})]
    done.memory = {"ours": 99.4}
    done.left_out = {"mercurius": "there is no npm"}
    done.district = District(28, 2100.0)
    done.verdicts = verdicts(done.results, done.writes, done.memory, 2.5, done.district)
    return done


def test_verdicts_say_what_was_asked_for_and_measured() -> None:
    found = {each.what: (each.asked, each.measured, each.reached) for each in filled().verdicts}
    assert found == {
        "cases_page × 16: ours / by_hand": ("≥ 0.85", "0.90 (0.80–1.00)", True),
        "deliveryRecord: ours / strawberry_orm": ("≥ 2.0", "1.50 (1.50–1.50)", False),
        "cases_page × 16: CPU of server and database": ("≤ 0.9 ms", "0.60 ms", True),
        "the report of a district of 28 streets": ("≤ 2,000 ms", "2,100 ms", False),
        "memory of the server after all reads": ("< 120 MB", "99 MB", True),
        "second start to first answer": ("< 3 s", "2.50 s", True),
    }


@pytest.mark.parametrize(("p99", "reached"), [(5.0, True), (5.1, False)])
def test_the_one_row_read_is_judged_by_its_slowest(p99: float, reached: bool) -> None:
    one = Result(read_of("case_one"), 16, {"ours": slots(1000, p99=p99)})
    (verdict,) = verdicts([one], [], {}, None)
    assert (verdict.what, verdict.reached) == ("case_one × 16: p99", reached)


def test_markdown_has_date_machine_command_and_every_table() -> None:
    lines = report.markdown(filled()).splitlines()
    assert "2026-11-29 23:00, `hub bench --quick`" in lines
    assert "- machine: 2 × something" in lines
    assert "- left out: mercurius: there is no npm" in lines
    assert "| ours | 900 (800–1,000) | 1.00 | 3.00 | 0.40 | 0.20 | 0.60 | 1.00 |" in lines
    assert "| by_hand | 1,000 (1,000–1,000) | 1.00 | 3.00 | 0.40 | 0.20 | 0.60 | 1.11 |" in lines
    assert "| missed | deliveryRecord: ours / strawberry_orm | ≥ 2.0 | 1.50 (1.50–1.50) |" in lines
    (heading,) = [line for line in lines if line.startswith("## partner's page")]
    assert heading.endswith("up to 30% of the machine was busy with something else")


def test_json_keeps_every_slot(tmp_path: Path) -> None:
    _, path = report.written(filled(), tmp_path / "new")
    found = json.loads(path.read_text())
    assert [each["per_second"] for each in found["results"][0]["slots"]["ours"]] == [900, 1000, 800]
    assert found["writes"][0]["title"] == "deliveryRecord"
    assert found["memory"] == {"ours": 99.4}


@pytest.mark.parametrize("text", ["", "0", "16,x", "257", "-1"])
def test_a_concurrency_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(OperatorError, match="--concurrency"):
        _ = Options(concurrency=text).clients


def test_a_list_names_what_is_there() -> None:
    assert Options(concurrency="1, 16").clients == [1, 16]
    assert chosen("", ["a", "b"], "read") == ["a", "b"]
    assert chosen("b,a", ["a", "b"], "read") == ["a", "b"]
    with pytest.raises(OperatorError, match="no read c"):
        chosen("a,c", ["a", "b"], "read")
