"""State table of documents: announced, then stored by whoever holds the link, or never brought."""

from __future__ import annotations

from hub.base.machine import Machine, Move

DOCUMENT = Machine(
    name="Document",
    table="documents",
    states=("PENDING", "STORED", "EXPIRED"),
    moves=(
        # Made by the bytes that arrive at the signed link, not by a mutation.
        Move("document_store", ("PENDING",), ("STORED",)),
        Move("document_expire", ("PENDING",), ("EXPIRED",), system=True),
    ),
)
