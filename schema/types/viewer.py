"""The parts of the front page."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from datetime import datetime

import strawberry

from schema.planner.describe import Kind, describe
from schema.types import enums
from schema.types.base import computed


@describe()
@strawberry.type(description="The signed-in user. 用户")
class User:
    """A person who signs in."""

    id: strawberry.ID = computed("'user_' || {user}", Kind.WORD, "Opaque id. 标识")
    name: str | None = computed("{name}", Kind.TEXT, "Name. 姓名")


@strawberry.type(description="A kind of work that waits for the viewer. 待办")
class QueueItem:
    """One line of the queue."""

    kind: enums.QueueKind | None = strawberry.field(description="What kind of work. 待办类型")
    display_name: str | None = strawberry.field(description="The same in the viewer's language. 名称")
    count: int | None = strawberry.field(description="How much of it. 数量")
    due_at: datetime | None = strawberry.field(description="When the first of it is due. 最早期限")


@strawberry.type(description="The label of one enum value. 枚举值标签")
class ValueLabel:
    """Code and words."""

    value: str | None = strawberry.field(description="The code. 代码")
    label: str | None = strawberry.field(description="What people call it. 名称")


@strawberry.type(description="The labels of one enum. 枚举标签")
class EnumLabels:
    """All values of an enum."""

    name: str | None = strawberry.field(description="Name of the enum. 枚举名")
    values: list[ValueLabel] | None = strawberry.field(description="Its values. 枚举值")
