"""State tables of consents and needs."""

from __future__ import annotations

from hub.base.machine import Machine, Move

CONSENT = Machine(
    name="Consent",
    table="consents",
    states=("ACTIVE", "WITHDRAWN", "EXPIRED"),
    moves=(
        Move("consent_withdraw", ("ACTIVE",), ("WITHDRAWN",)),
        Move("consent_expire", ("ACTIVE",), ("EXPIRED",), system=True),
    ),
)

NEED_FINAL = ("MET", "PARTLY_MET", "NOT_MET", "WITHDRAWN")

NEED = Machine(
    name="Need",
    table="needs",
    states=("OPEN", *NEED_FINAL),
    moves=(
        Move("need_settle", ("OPEN",), NEED_FINAL),
        Move("visit_record", ("OPEN",), ("MET",), carried=True),
        Move("visit_cancel", ("OPEN",), ("MET",), carried=True),
        Move("delivery_record", ("OPEN",), ("MET",), carried=True),
        Move("series_close", ("OPEN",), ("MET",), carried=True),
    ),
)
