"""The auditor verifies a street's audit chain: link by link, from the beginning or from a head that she has kept."""

from __future__ import annotations

import dataclasses
from uuid import UUID

import anyio.to_thread
from sqlalchemy import text as sql

from auth.gate import claim
from hub.base.audit import START, Head, Problem, check_links
from hub.base.errors import Invalid
from hub.base.limits import AUDIT_BATCH, MAX_AUDIT_LINKS
from hub.base.transaction import Transaction
from hub.organizations.tables import organizations

_LINKS = sql(
    "select l.place as position, l.link, (l.event).*"
    " from audit_links(:chain, cast(:after as bigint), :most) l order by l.place"
)
HEAD = ("head",)


@dataclasses.dataclass(frozen=True)
class Verified:
    """How far a chain was looked at, what was wrong, and whether more follows."""

    head: Head
    problems: list[Problem]
    more: bool


async def audit_chain_verify(
    tx: Transaction, street_id: UUID, *, after: int = 0, head: str | None = None
) -> Verified:
    """Recompute the hashes of a street's audit chain (DOMAIN §3: the auditor verifies it), MAX_AUDIT_LINKS at the most.

    With `after` and `head`, a position and its hash that she kept, what follows them: the chain has that very link,
    unless something up to it was changed or its end cut off. That she looked is an audit event too. An event outside
    any chain is for the operator's `hub verify` to find.

    Raises Invalid when the head is none, or of a position that the chain does not have.
    """
    street = await claim(tx, organizations, street_id, "audit_chain_verify", locked=False, path=("street",))
    at = await _kept(tx, street.id, after, head)
    problems: list[Problem] = []
    while at.position - after < MAX_AUDIT_LINKS:
        found = await tx.execute(_LINKS, {"chain": street.id, "after": at.position, "most": AUDIT_BATCH})
        rows = [{str(name): value for name, value in row.items()} for row in found.mappings()]
        wrong, last = await anyio.to_thread.run_sync(check_links, at, rows)
        problems += wrong
        if last == at:
            break
        at = last
    more = at.position - after >= MAX_AUDIT_LINKS
    facts: dict[str, object] = {"after": after, "position": at.position, "problems": len(problems)}
    await tx.emit("audit_chain_verify", street, "Organization", facts=facts, tell=False)
    return Verified(at, problems, more)


async def _kept(tx: Transaction, chain_id: UUID, after: int, head: str | None) -> Head:
    """The link to go on from: the one that was kept, which the chain must still have."""
    if after == 0 and head is None:
        return Head(chain_id, 0, START)
    if after <= 0 or head is None:
        raise Invalid("audit_head", path=HEAD)
    found = await tx.execute(_LINKS, {"chain": chain_id, "after": after - 1, "most": 1})
    link = found.mappings().one_or_none()
    if link is None or link["position"] != after or bytes(link["link"]).hex() != head.strip().lower():
        raise Invalid("audit_head_gone", code="CONFLICT", path=HEAD, position=after)
    return Head(chain_id, after, bytes(link["link"]))
