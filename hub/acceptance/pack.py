"""The acceptance pack of a claim in one call: a PDF, and a ZIP of it with all evidence and an index of hashes.

Whoever may read the claim has one made, and finds in it what she may read: people under pseudonyms only, workers and
verifiers where deliveries show them to her, evidence where she may open documents. Finance and the director get the
PDF alone; it tells which evidence there is, with the hash of each.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from auth.gate import claim
from hub.acceptance.pack_content import gather
from hub.acceptance.pack_paper import pack_paper
from hub.acceptance.pack_zip import zip_writer
from hub.acceptance.tables import submissions
from hub.base.errors import LimitExceeded
from hub.base.limits import MAX_PACK_BYTES
from hub.base.transaction import Transaction
from hub.documents.papers import Writing, keep_paper, papers_of, print_paper, require_papers_left

COMMAND = "acceptance_pack_make"


async def acceptance_pack_make(
    tx: Transaction, submission_id: UUID, *, evidence: bool = True
) -> dict[str, Row[Any] | None]:
    """Make the pack of a claim. `evidence` False leaves the ZIP out.

    Returns the papers `pdf` and `zip`, the latter None where there is no evidence that the viewer may open. Raises
    LimitExceeded when there is more of it than MAX_PACK_BYTES, Conflict when a file of it cannot be read.
    """
    # Not locked: a claim handed in changes nothing but its state, and whoever reviews it shall not wait for a file.
    submission = await claim(tx, submissions, submission_id, COMMAND, locked=False)
    await require_papers_left(tx)
    pack = await gather(tx, submission)
    openable = [each for each in pack.evidence if each.openable] if evidence else []
    whole = sum(each.size_bytes for each in openable)
    if whole > MAX_PACK_BYTES:
        size, most = -(-whole // 1024**2), MAX_PACK_BYTES // 1024**2
        raise LimitExceeded("pack_too_large", path=("id",), size=size, most=most)
    name = f"验收包-{submission.reference}"
    drawn = await print_paper(tx, pack_paper(tx, pack))
    made: dict[str, Row[Any] | None] = {
        "pdf": await _keep(tx, submission, name, "application/pdf", lambda out: _write(out, drawn)),
        "zip": None,
    }
    if openable:
        write = zip_writer(papers_of(tx).evidence, pack, openable, name, drawn)
        made["zip"] = await _keep(tx, submission, name, "application/zip", write)
    facts = {"evidence": len(openable), **{key: one and one.sha256 for key, one in made.items()}}
    await tx.emit(COMMAND, submission, "Submission", tell=False, facts=facts)
    return made


async def _keep(tx: Transaction, submission: Row[Any], name: str, media_type: str, write: Any) -> Row[Any]:
    return await keep_paper(tx, submission, "ACCEPTANCE_PACK", name, media_type, write)


def _write(out: Writing, data: bytes) -> None:
    out.write(data)
