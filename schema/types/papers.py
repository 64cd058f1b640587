"""Papers that the hub makes: what is told of one is where it is fetched."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime

import strawberry

from schema.types import enums


@strawberry.type(
    description="A file that the hub has made for whoever asked, and nobody else. 系统生成的文件"
)
class Paper:
    """The link is the right to it, for minutes; afterwards it is made anew."""

    kind: enums.PaperKind | None = strawberry.field(description="What it is. 文件类别")
    name: str | None = strawberry.field(description="What it is saved as. 文件名")
    media_type: str | None = strawberry.field(description="Its format, as in MIME. 文件格式")
    size_bytes: int | None = strawberry.field(description="Its size in bytes. 文件大小（字节）")
    sha256: str | None = strawberry.field(description="SHA-256 of its bytes, in hexadecimal digits. 内容摘要")
    url: str | None = strawberry.field(description="A path under the hub. 下载地址")
    expires_at: datetime | None = strawberry.field(description="Until when the link holds. 有效期至")
