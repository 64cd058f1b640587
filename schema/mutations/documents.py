"""Mutations on documents. Bytes never pass here: they come and go by signed links (`hub/documents/transfer.py`)."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from hub.base.transaction import Transaction
from hub.documents import commands
from schema.mutation import Target, mutation, name_of, uuid_of
from schema.types import enums
from schema.types.documents import Document, DocumentLink, DocumentUpload
from schema.uploads import link_shown, upload_again, upload_shown


@strawberry.input(
    description="A file that is going to be brought: of one community, or of the street. 文件登记"
)
class DocumentPrepareInput:
    """What is announced is checked when the bytes come."""

    community: strawberry.ID | None = strawberry.field(
        default=None, description="Which community it is about (id of a Community). 所属社区"
    )
    street: strawberry.ID | None = strawberry.field(
        default=None, description="Which street, when it is about no one community (id of a Street). 所属街道"
    )
    kind: enums.DocumentKind = strawberry.field(description="What it is. 文件类别")
    name: str = strawberry.field(description="The file's name, without folders. 文件名")
    media_type: str = strawberry.field(
        description="image/jpeg, image/png, image/webp or application/pdf. 文件格式"
    )
    size_bytes: int = strawberry.field(description="Its size in bytes, at most 20 MiB. 文件大小（字节）")
    sha256: str = strawberry.field(description="SHA-256 of its bytes, 64 hexadecimal digits. 内容摘要")
    captured_at: datetime | None = strawberry.field(
        default=None, description="When it was made. 拍摄或形成时间"
    )


@mutation(
    "Announce a file; its bytes are then brought to the link in the answer. 登记文件",
    again=upload_again,
    document=(Document, "The document, PENDING until its bytes have come. 佐证文件"),
    upload=(DocumentUpload, "Where to bring the bytes; null once they are there. 上传方式"),
)
async def document_prepare(tx: Transaction, input: DocumentPrepareInput) -> Any:
    document = await commands.document_prepare(
        tx,
        uuid_of("community", input.community),
        uuid_of("street", input.street),
        kind=name_of(input.kind),
        name=input.name,
        media_type=input.media_type,
        size_bytes=input.size_bytes,
        sha256=input.sha256,
        captured_at=input.captured_at,
    )
    return {"document": document, "upload": upload_shown(tx, document)}


@mutation(
    "Open a file: a link to fetch it, for minutes; audited. 打开文件",
    idempotent=False,
    link=(DocumentLink, "Where to fetch it. 下载链接"),
)
async def document_open(tx: Transaction, id: Target) -> Any:
    document = await commands.document_open(tx, uuid_of("document", id))
    return {"link": link_shown(tx, document)}
