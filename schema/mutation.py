"""From a plain function round one command to a GraphQL mutation: `mutation` makes the field, its arguments and payload.

A mutation function takes the open transaction first, then the arguments of the field; it returns the row its payload
shows (or, for disclosing mutations, plain values). The payload always ends in `userErrors`.
"""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, get_type_hints
from uuid import UUID

import strawberry
from strawberry.tools import create_type

from schema.planner.actions import camel
from schema.planner.values import NOBODY, parse_global_id
from schema.types import enums

Command = Callable[..., Awaitable[Any]]
Again = Callable[[Any, Mapping[str, UUID]], Awaitable[Mapping[str, Any]]]
"""What a replay shows beside the objects made then: a function of the transaction and their ids."""


@strawberry.type(
    description="Why a command was refused: an expected outcome, in the viewer's language. 用户错误"
)
class UserError:
    """One reason; nothing has been changed."""

    code: enums.UserErrorCode = strawberry.field(description="Stable code. 代码")
    message: str = strawberry.field(description="What is the matter, and the way out. 说明")
    path: list[str] = strawberry.field(description="The argument it is about. 位置")


Target = Annotated[strawberry.ID, strawberry.argument(description="Id of the object. 对象标识")]
Version = Annotated[
    int | None,
    strawberry.argument(
        description="The version the caller has seen; refused with STALE when it has changed since. 预期版本"
    ),
]
Key = Annotated[
    str | None,
    strawberry.argument(
        description="Sent again with the same key, the command is done once and answers the same. 幂等键"
    ),
]


@dataclasses.dataclass(frozen=True)
class Done:
    """A mutation: its command, the payload's field types, and what `target` errors about "id" point at.

    A batch says which mutation it runs for `each` item, and which argument lists what: `inputs` each an `input`.
    `again` makes, for a replay, what cannot be read back by an id.
    """

    name: str
    command: Command
    shows: tuple[str, ...]
    target: tuple[str, ...]
    each: str | None = None
    items: str = "inputs"
    item: str = "input"
    again: Again | None = None


MUTATIONS: dict[str, Done] = {}
"""Every mutation by its GraphQL name."""


def mutation(
    description: str,
    *,
    target: tuple[str, ...] = ("id",),
    idempotent: bool = True,
    again: Again | None = None,
    **payload: tuple[Any, str],
) -> Callable[[Command], Any]:
    """Make a mutation of a function. `payload` says, by field, what it shows and what that is."""

    def make(command: Command) -> Any:
        name = camel(command.__name__)
        MUTATIONS[name] = Done(name, command, tuple(camel(key) for key in payload), target, again=again)
        return _field(command, description, payload_type(name, payload), idempotent)

    return make


def mutation_of_many(
    description: str, single: str, arguments: Mapping[str, Any], most: int, *, each: str = "input"
) -> Any:
    """Make a mutation that runs another once per item: n single commands, each its own transaction and result (I10).

    The one of `arguments` lists what the single mutation takes as `each`.
    """
    one = MUTATIONS[single]
    (items,) = arguments
    name = f"{single}Many"
    result = PAYLOADS[single]
    text = f"One result per input, in order; at most {most} inputs. 逐条结果"
    payload = create_type(
        f"{_upper(name)}Payload",
        [strawberry.field(name="results", description=text, graphql_type=list[result] | None)],  # type: ignore[valid-type]
        description=f"Answer of {name}: each input succeeds or fails by itself. 结果",
    )
    MUTATIONS[name] = Done(name, one.command, one.shows, one.target, single, items, each)

    async def command(tx: Any, **_: Any) -> Any:
        raise AssertionError("run once per item")

    parameters = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)
        for key, annotation in arguments.items()
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = dict(arguments)
    return _field(command, description, payload, idempotent=True)


PAYLOADS: dict[str, Any] = {}


def payload_type(name: str, fields: Mapping[str, tuple[Any, str]]) -> Any:
    """`ReferralSubmitPayload`: what the command shows, and `userErrors`."""
    shown = [
        strawberry.field(name=camel(key), description=text, graphql_type=type_ | None)
        for key, (type_, text) in fields.items()
    ]
    errors = strawberry.field(
        name="userErrors", description="Empty when it was done. 错误", graphql_type=list[UserError]
    )
    made = create_type(f"{_upper(name)}Payload", [*shown, errors], description=f"Answer of {name}. 结果")
    PAYLOADS[name] = made
    return made


def _field(command: Command, description: str, payload: Any, idempotent: bool) -> Any:
    hints = get_type_hints(command, include_extras=True)
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=parameter.default,
            annotation=_explained(name, hints.get(name, parameter.annotation)),
        )
        for name, parameter in inspect.signature(command).parameters.items()
        if name != "tx"
    ]
    if idempotent:
        parameters.append(
            inspect.Parameter("idempotency_key", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Key)
        )

    def resolver(**_: Any) -> Any:
        raise AssertionError("mutations are run by schema/commanding.py")

    result = payload | None
    resolver.__signature__ = inspect.Signature(parameters, return_annotation=result)  # type: ignore[attr-defined]
    resolver.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": result}
    return strawberry.field(resolver=resolver, description=description)


def _explained(name: str, annotation: Any) -> Any:
    """`input` needs no words of its own: its type has them."""
    if name != "input":
        return annotation
    return Annotated[annotation, strawberry.argument(description="What to do it with. 输入")]


def uuid_of(type_tag: str, value: str | None) -> Any:
    """The uuid inside a global id of that type; None for None. Any other id becomes one that no row has, so that the
    command answers it in the same order and the same words as an absent one (I14)."""
    if value is None:
        return None
    tag, found = parse_global_id(value)
    return found if tag == type_tag else NOBODY


def uuids_of(type_tag: str, values: list[strawberry.ID]) -> list[UUID]:
    """The uuids of a list of ids."""
    return [uuid_of(type_tag, value) for value in values]


def name_of(value: Any) -> Any:
    """An enum value as the tables store it; None for None."""
    return None if value is None else value.value


def _upper(name: str) -> str:
    return name[0].upper() + name[1:]
