"""Documents, and what of their transfer is shown: links, never bytes."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime

import strawberry

from schema.planner.describe import describe
from schema.types import enums
from schema.types.base import Node, edge, instant, number, prose, word
from schema.types.refs import MembershipRef


@describe("documents")
@strawberry.type(description="A file that proves something: a sheet, a photo, an invoice. 佐证文件")
class Document(Node):
    """What is known of a file; its bytes are fetched by the link that `documentOpen` answers with."""

    reference: str | None = word("reference", "Reference. 编号")
    kind: enums.DocumentKind | None = word("kind", "What it is. 文件类别")
    name: str | None = prose("name", "Its name, as whoever announced it had it. 文件名")
    media_type: str | None = word("media_type", "Its format, as in MIME. 文件格式")
    size_bytes: int | None = number("size_bytes", "Its size in bytes. 文件大小（字节）")
    sha256: str | None = prose("sha256", "SHA-256 of its bytes, in hexadecimal digits. 内容摘要")
    status: enums.DocumentStatus | None = word("status", "State. 状态")
    captured_at: datetime | None = instant("captured_at", "When it was made. 拍摄或形成时间")
    uploaded_by: MembershipRef | None = edge("Membership", "Who brought it. 上传人", via="uploaded_by_id")
    stored_at: datetime | None = instant("stored_at", "When it had come, whole. 存档时间")


@strawberry.type(description="A header to send with the bytes. 请求头")
class UploadHeader:
    """A name and its value."""

    name: str | None = strawberry.field(description="Name. 名称")
    value: str | None = strawberry.field(description="Value. 值")


@strawberry.type(description="How the bytes of an announced file are brought. 上传方式")
class DocumentUpload:
    """The link is the right to it: no token is sent along."""

    url: str | None = strawberry.field(description="A path under the hub. 上传地址")
    method: str | None = strawberry.field(description="HTTP method. 请求方法")
    headers: list[UploadHeader] | None = strawberry.field(description="Headers to send. 请求头")
    expires_at: datetime | None = strawberry.field(description="Until when it holds. 有效期至")


@strawberry.type(description="Where the bytes of an opened file are fetched, once or more. 下载链接")
class DocumentLink:
    """The link is the right to it: whoever holds it gets the file, so it holds for minutes."""

    url: str | None = strawberry.field(description="A path under the hub. 下载地址")
    expires_at: datetime | None = strawberry.field(description="Until when it holds. 有效期至")
