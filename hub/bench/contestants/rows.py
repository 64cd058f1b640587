"""The answers of PostGraphile and Mercurius, which are plain rows, in the shape of ours. Pure, and never timed.

Both are asked under our names for fields; what differs is what ours does by convention: connections, ids that name
their type, amounts in yuan, instants with milliseconds and the hub's offset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.bench.normal import with_our_instants

Row = Mapping[str, Any]


def shown(key: str, data: Any) -> Any:
    """The `data` of ours for the `data` of theirs."""
    rows = with_our_instants(data)
    match key:
        case "cases_page" | "cases_wide":
            return {"cases": _page(rows["cases"], _case)}
        case "milestones_page":
            return {"milestones": _page(rows["milestones"], _milestone)}
        case _:
            return {"node": rows["node"] and _case(rows["node"])}


def global_id(kind: str, row: Row | None) -> Any:
    """The row with our id of this kind."""
    return row and {**row, "id": f"{kind}_{row['id']}"}


def amount(fen: int | str) -> dict[str, str]:
    """Fen as an amount in yuan."""
    yuan, rest = divmod(int(fen), 100)
    return {"amount": f"{yuan}.{rest:02d}"}


def _page(rows: list[Row], ours: Callable[[Row], Row]) -> Row:
    return {"nodes": [ours(row) for row in rows]}


def _case(row: Row) -> Row:
    case = global_id("case", row) | {"person": global_id("person", row["person"])}
    if "deliveries" in row:
        case["deliveries"] = _page(row["deliveries"], lambda each: global_id("delivery", each))
    return case


def _milestone(row: Row) -> Row:
    return global_id("milestone", row) | {
        "amount": amount(row["amount"]),
        "agreement": global_id("agreement", row["agreement"]),
        "partner": global_id("partner", row["partner"]),
        "paymentRequests": [_request(each) for each in row["paymentRequests"]],
    }


def _request(row: Row) -> Row:
    payments = [global_id("payment", each) | {"amount": amount(each["amount"])} for each in row["payments"]]
    return global_id("payment_request", row) | {"payable": amount(row["payable"]), "payments": payments}
