"""Files of the demo world: small pictures and pages that really lie in the archive, each different from every other."""

from __future__ import annotations

import hashlib
import struct
import zlib
from datetime import datetime
from uuid import UUID

from anyio.to_thread import run_sync

from hub.demo.stage import Stage
from hub.documents.commands import document_prepare, document_store

WIDTH, HEIGHT = 48, 36


async def stored(
    stage: Stage,
    who: str,
    kind: str,
    name: str,
    *,
    community: str | None = None,
    captured_at: datetime | None = None,
) -> UUID:
    """Announce a file about a community (by default the street as a whole), bring its bytes, and return its id."""
    place_id = stage.organizations[community or "street"]
    media_type, extension, data = _content(kind, len(stage.named.get("documents", {})) + 1)
    row = await stage.do(
        who,
        document_prepare,
        place_id if community else None,
        None if community else place_id,
        kind=kind,
        name=f"{name}.{extension}",
        media_type=media_type,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        captured_at=captured_at,
    )
    await run_sync(_keep, stage, row.id, row.street_id, row.sha256, data)
    await stage.do(who, document_store, row.id)
    stage.name("documents", row.reference, row.id)
    return row.id


def _keep(stage: Stage, document_id: UUID, street_id: UUID, sha256: str, data: bytes) -> None:
    stage.archive.prepare()
    draft = stage.archive.draft(document_id)
    try:
        draft.add(data)
        draft.finish()
        stage.archive.keep(draft, stage.archive.place(street_id, sha256, document_id))
    finally:
        draft.discard()


def _content(kind: str, number: int) -> tuple[str, str, bytes]:
    """Media type, extension and bytes of the `number`th file."""
    if kind in ("PHOTO", "SIGN_IN_SHEET", "SIGNATURE"):
        return "image/png", "png", picture(number)
    return "application/pdf", "pdf", page(f"{kind} {number:05d}")


def picture(number: int) -> bytes:
    """A PNG of a few hundred bytes: a gradient that no other number has."""
    red, green, blue = number * 37 % 200, number * 91 % 200, number % 256
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)  # each line unfiltered
        for x in range(WIDTH):
            rows += bytes((red + x, green + y, blue))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def page(text: str) -> bytes:
    """A PDF of one page that says `text` (ASCII)."""
    said = f"BT /F1 18 Tf 72 720 Td ({text}) Tj ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(said), said),
    )
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    begin = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, begin)
    return bytes(written)
