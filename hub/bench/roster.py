"""Everybody who is measured."""

from __future__ import annotations

from hub.bench.contestant import Contestant, of_module, our_texts
from hub.bench.contestants import mercurius, postgraphile
from hub.bench.normal import with_our_instants
from hub.bench.queries import CASE


def _strawberry_texts() -> dict[str, str]:
    """Our own, without the arguments that have only one value there, and for the reads that it knows."""
    ours = our_texts(frozenset({"cases_page", "milestones_page", "case_one", "cases_wide"}))
    plain = (", orderBy: HAPPENED_AT_DESC", ", orderBy: DUE_ON_DESC")
    texts = {key: text.replace(plain[0], "").replace(plain[1], "") for key, text in ours.items()}
    return texts | {"case_one": f"query CaseOne($id: ID!) {{ node(id: $id) {{ {CASE} }} }}"}


CONTESTANTS = (
    Contestant("ours", "the hub, row-level security on", of_module("ours"), our_texts()),
    Contestant(
        "ours_no_rls",
        "the hub by logins that row-level security does not bind",
        of_module("ours", "--without-rls"),
        our_texts(),
    ),
    Contestant(
        "by_hand", "fixed SQL behind the hub's own front: the floor", of_module("by_hand"), our_texts()
    ),
    Contestant(
        "bare",
        "uvicorn and asyncpg, one statement, no API",
        of_module("bare"),
        our_texts(frozenset({"case_one"})),
    ),
    Contestant(
        "strawberry_orm",
        "Strawberry, SQLAlchemy's ORM and DataLoaders, as the manuals say",
        of_module("orm.server"),
        _strawberry_texts(),
        shown=lambda key, data: with_our_instants(data),
    ),
    postgraphile.CONTESTANT,
    mercurius.CONTESTANT,
)
