"""The planner's specification: for a document and somebody of the cast, the one statement sent and the reply.

`NAME.graphql` begins with comments `# as WHO {variables}`, one a run; beside it lie `NAME.WHO.sql` and `NAME.WHO.json`
(with a number when somebody asks more than once). In variables `<case today>` stands for the id of that row of the
world, `<cursor ORDER "value" case today>` for a cursor. After a change that is meant: `pytest --update-golden`, and
read the diff.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hub.base.db import Server
from hub.settings import Settings
from schema.planner.values import Param
from tests.golden.lines import in_lines
from tests.golden.paying import Planted, plant_money
from tests.golden.planting import plant
from tests.schema.asking import Hub, gid, running
from tests.world import World

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent
RUN = re.compile(r"^# as (\S+) ?(.*)$", re.MULTILINE)
PLACE = re.compile(r"<(cursor (\w+) (null|\\?\".*?\\?\") )?(\w+) (\S+?)>")
KINDS = {
    "agreement": "agreements",
    "case": "cases",
    "offer": "offers",
    "person": "persons",
    "referral": "referrals",
    "street": "organizations",
    "visit": "visits",
}


@dataclasses.dataclass(frozen=True)
class Golden:
    """One document asked by somebody."""

    name: str
    query: str
    who: str
    variables: str

    def path(self, kind: str) -> Path:
        """The file beside the document."""
        return HERE / f"{self.name}.{kind}"


def goldens() -> list[Golden]:
    """Every run of every document."""
    found: list[Golden] = []
    for path in sorted(HERE.glob("*.graphql")):
        query = path.read_text()
        runs = RUN.findall(query)
        for number, (who, variables) in enumerate(runs, start=1):
            again = f".{number}" if [each for each, _ in runs].count(who) > 1 else ""
            found.append(Golden(f"{path.stem}.{who}{again}", query, who, variables or "{}"))
    return found


def filled(text: str, world: World, planted: Planted) -> dict[str, Any]:
    """The variables with ids and cursors in place."""

    def place(match: re.Match[str]) -> str:
        cursor, order, value, kind, name = match.groups()
        row_id: UUID = planted[kind][name] if kind in planted else getattr(world, KINDS[kind])[name]
        if not cursor:
            return gid(kind, row_id)
        raw = json.dumps([order, json.loads(value.replace('\\"', '"')), str(row_id)], separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    return json.loads(PLACE.sub(place, text))


def described(params: tuple[Param, ...]) -> str:
    """The parameters as comments: what is read, and from where."""
    lines: list[str] = []
    for number, param in enumerate(params, start=1):
        about = [param.source, param.name, param.tag, "" if param.binding is None else repr(param.binding)]
        index = "" if param.index is None else f"[{param.index}]"
        lines.append(f"-- ${number} {' '.join(each for each in about if each)}{index}")
    return "\n".join(lines) + "\n"


MEANT = "if it is meant: hub test tests/golden --update-golden, and read the diff"


def kept(path: Path) -> str:
    """What was written at the last update; nothing for a document that is new."""
    return path.read_text() if path.exists() else ""


@pytest.fixture(scope="module")
async def planted(module_world: Server, world: World) -> Planted:
    """What `planting` and `paying` add to the world."""
    await plant(module_world, world)
    return await plant_money(module_world, world)


@pytest.fixture(scope="module")
async def hub(module_world: Server, world: World, settings: Settings, planted: Planted) -> Any:
    """A hub on the world with all that."""
    async with running(module_world, settings, world.now) as hub:
        yield hub


@pytest.mark.parametrize("golden", goldens(), ids=lambda golden: golden.name)
async def test_golden(
    hub: Hub, world: World, planted: Planted, golden: Golden, request: pytest.FixtureRequest
) -> None:
    variables = filled(golden.variables, world, planted)
    hub.statements.sent.clear()
    answer = await hub.ask(world.viewers[golden.who], golden.query, variables, language="en")
    ((role, sent, values),) = hub.statements.sent
    assert role is world.viewers[golden.who].role
    prepared = hub.app.endpoint._documents.prepare(golden.query, None)
    viewer = dataclasses.replace(world.viewers[golden.who], language="en")
    statement = hub.app.engine.compiled(prepared, variables, viewer)
    assert (statement.sql, len(statement.params)) == (sent, len(values))
    sql = described(statement.params) + in_lines(sent)
    body = json.dumps(answer.body, ensure_ascii=False, indent=2) + "\n"
    if request.config.getoption("--update-golden"):
        golden.path("sql").write_text(sql)
        golden.path("json").write_text(body)
    assert kept(golden.path("sql")) == sql, MEANT
    assert kept(golden.path("json")) == body, MEANT


def test_no_golden_is_left_over() -> None:
    """A result whose document or run is gone."""
    wanted = {golden.path(kind).name for golden in goldens() for kind in ("sql", "json")}
    found = {path.name for kind in ("sql", "json") for path in HERE.glob(f"*.{kind}")}
    assert (sorted(wanted - found), sorted(found - wanted)) == ([], []), "files that are missing, left over"


def test_lines_are_only_broken() -> None:
    """What is reviewed is what was sent."""
    sql = "SELECT 'a || b AND (SELECT' || (SELECT x FROM t WHERE (a AND b) AND c ORDER BY d LIMIT 1) || 'e'"
    lines = in_lines(sql)
    assert re.sub(r"\s+", "", lines) == re.sub(r"\s+", "", sql)
    assert lines.count("\n") == 10
