"""The ZIP of an acceptance pack: the PDF, every piece of evidence under a neutral name, and their hashes.

Evidence goes from its sealed file into the sealed ZIP a piece at a time; each file is compared with the hash under
which it was stored, and the index names the hash of what really lies beside it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from uuid import UUID

import structlog

from hub.acceptance.pack_content import Evidence, Pack
from hub.base.errors import Conflict
from hub.base.paper_text import said
from hub.documents.archive import Archive
from hub.documents.media import MEDIA_TYPES
from hub.documents.papers import Writing

INDEX = "索引.csv"
SUMS = "SHA256SUMS"
"""For `sha256sum -c`: the same hashes, for whoever checks them by machine."""

OF_CLAIM = "00-申请材料"
HEAD = ("序号", "文件", "编号", "类别", "服务记录", "大小（字节）", "SHA-256")
_log = structlog.get_logger(__name__)


def zip_writer(
    archive: Archive, pack: Pack, evidence: Sequence[Evidence], name: str, drawn: bytes
) -> Callable[[Writing], None]:
    """What writes the ZIP, in a thread. Raises Conflict when a piece of evidence cannot be read as it was stored."""
    paths = {each.id: path_of(pack, each) for each in evidence}

    def write(out: Writing) -> None:
        with zipfile.ZipFile(out, "w") as made:  # type: ignore[call-overload] - it only writes
            _put(made, f"{name}.pdf", drawn)
            for each in evidence:
                _add(made, archive, each, paths[each.id])
            _put(made, INDEX, _index(evidence, paths))
            sums = [(each.sha256, paths[each.id]) for each in evidence]
            sums.append((hashlib.sha256(drawn).hexdigest(), f"{name}.pdf"))
            _put(made, SUMS, "".join(f"{sha256}  {path}\n" for sha256, path in sums).encode())

    return write


def path_of(pack: Pack, each: Evidence) -> str:
    """`01-大型活动/签到表/E-2026-00012.jpg`: by line and kind; what its uploader called it may name a person."""
    file = f"{each.reference}.{MEDIA_TYPES[each.media_type]}"
    line = next((line for line in pack.lines if line.id == each.line_id), None)
    if line is None:
        return f"{OF_CLAIM}/{file}"
    return f"{line.number:02d}-{_folder(line.title)}/{said('DocumentKind', each.kind)}/{file}"


def _folder(title: str) -> str:
    """A title as a folder's name that every system takes."""
    return re.sub(r"[^\w（）()·、-]+", "_", title)[:40].strip("._") or "条目"


def _put(made: zipfile.ZipFile, path: str, data: bytes) -> None:
    info = zipfile.ZipInfo(path)
    info.compress_type = zipfile.ZIP_DEFLATED
    made.writestr(info, data)


def _add(made: zipfile.ZipFile, archive: Archive, each: Evidence, path: str) -> None:
    """Pictures and PDFs are packed already, so they are only stored."""
    info, seen = zipfile.ZipInfo(path), hashlib.sha256()
    info.file_size = each.size_bytes
    pieces = archive.read(archive.place(each.street_id, each.sha256, each.id), each.id)
    with made.open(info, "w") as entry:
        while piece := _next(pieces, each):
            seen.update(piece)
            entry.write(piece)
    if seen.hexdigest() != each.sha256:
        raise _unreadable(each, "Mismatch")


def _next(pieces: Iterator[bytes], each: Evidence) -> bytes:
    try:
        return next(pieces, b"")
    except (OSError, ValueError) as error:
        raise _unreadable(each, type(error).__name__) from None


def _unreadable(each: Evidence, why: str) -> Conflict:
    _log.error("evidence_unreadable", document=str(each.id), error=why)
    return Conflict("evidence_unreadable", path=("id",), reference=each.reference)


def _index(evidence: Sequence[Evidence], paths: Mapping[UUID, str]) -> bytes:
    """With a byte order mark, without which spreadsheets misread the Chinese."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(HEAD)
    for each in evidence:
        kind, proves = said("DocumentKind", each.kind), " ".join(each.proves)
        rows.writerow(
            (each.number, paths[each.id], each.reference, kind, proves, each.size_bytes, each.sha256)
        )
    return text.getvalue().encode("utf-8-sig")
