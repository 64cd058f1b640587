"""The statement as pgbench gets it."""

from __future__ import annotations

from hub.bench.contestants.by_hand_sql import STATEMENTS
from hub.bench.pgbench import literal


def test_parameters_are_written_out_on_one_line() -> None:
    found = literal("SELECT *\n FROM a\nWHERE b = $1 AND c > $2::date", "x-1", "2026-05-08")
    assert found == "SELECT * FROM a WHERE b = 'x-1' AND c > '2026-05-08'::date;\n"


def test_no_parameter_is_left_in_the_page() -> None:
    assert "$" not in literal(STATEMENTS["CasesPage"], "018f0000-0000-7000-8000-000000000001", "2026-05-08")
