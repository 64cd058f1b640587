"""Stage 2, connections: the arguments of a page and the pieces of its skeleton; `pages` writes it."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from auth.grants import grant_for
from hub.base.errors import Invalid
from schema.planner.arguments import Refused, conditions_of, sort_of
from schema.planner.describe import Many, TypeInfo
from schema.planner.plan import Page, Part, RowPlan, Weight
from schema.planner.registry import named
from schema.planner.selection import Binding, Bound, Selected

if TYPE_CHECKING:
    from schema.planner.compile import Compiler, Path


@dataclasses.dataclass(frozen=True)
class PageCompiler:
    """Compiles one connection, which stands at `path`; `inside` gathers the weights of the pages within its rows."""

    compiler: Compiler
    many: Many
    selected: Selected
    path: Path
    inside: list[Weight] = dataclasses.field(default_factory=list[Weight])

    def page(self, info: TypeInfo, weights: list[Weight]) -> Page:
        """The page, its weight added to `weights`. Raises Refused when its type, a filter or the order is outside the
        viewer's grant."""
        compiler, selected, path = self.compiler, self.selected, self.path
        field = compiler.registry.object_type(info.name).fields[selected.name]
        grant = grant_for(self.many.target, compiler.viewer.role)
        if grant is None:
            raise Refused
        parts, row = self._parts(named(field.type))
        sort_name, sort = sort_of(compiler.registry, compiler.document, grant, field, selected)
        backward = self._backward()
        size = _binding(selected.args.get("last" if backward else "first"))
        cursor = "before" if backward else "after"
        weights.append(Weight(size, path, tuple(self.inside)))
        return Page(
            many=self.many,
            rows=row,
            link_rows=compiler.link_rows(self.many),
            conditions=conditions_of(
                compiler.registry, compiler.document, compiler.viewer, grant, field, selected
            ),
            sort=sort,
            sort_name=sort_name,
            size=size,
            cursor=_binding(selected.args.get(cursor)) if self._present(cursor) else None,
            backward=backward,
            parts=parts,
            path=path,
        )

    def _backward(self) -> bool:
        """The paging direction. Raises Invalid when both are asked for: what a page between two ends means nobody
        agrees on."""
        forward = self._present("first") or self._present("after")
        backward = self._present("last") or self._present("before")
        if forward and backward:
            raise Invalid("page_direction", path=self.path)
        return backward

    def _present(self, arg: str) -> bool:
        """Whether an argument is given and not null: part of the plan's shape."""
        bound = self.selected.args.get(arg)
        if bound is None or isinstance(bound, dict):
            return bound is not None
        return bound.read(self.compiler.document.variables) is not None

    def _parts(self, connection: str) -> tuple[tuple[Part, ...], RowPlan]:
        """The pieces of the connection's skeleton, and the plan whose rows they share."""
        compiler = self.compiler
        parts: list[Part] = []
        type_ = compiler.registry.object_type(connection)
        for piece in compiler.document.select(type_, self.selected.sets):
            here = (*self.path, piece.key)
            if piece.name == "edges":
                parts.append(Part(piece.key, "edges", inside=self._edges(piece, here)))
            elif piece.name == "nodes":
                row = compiler.row(self.many.target, piece.sets, here, self.inside)
                parts.append(Part(piece.key, "nodes", row))
            elif piece.name == "pageInfo":
                keys = compiler.keys("PageInfo", piece)
                parts.append(Part(piece.key, "pageInfo", inside=tuple(Part(key, name) for key, name in keys)))
            elif piece.name == "totalCount":
                parts.append(Part(piece.key, "totalCount"))
            else:
                parts.append(Part(piece.key, piece.name, text=json.dumps(connection)))
        base = compiler.row(self.many.target, [], self.path, [])
        if base is None:
            raise Refused
        return tuple(parts), base

    def _edges(self, piece: Selected, path: Path) -> tuple[Part, ...]:
        """`edges { cursor node { … } }`; every alias of `node` is a selection of its own."""
        compiler = self.compiler
        parts: list[Part] = []
        edge = compiler.registry.object_type(f"{self.many.target}Edge")
        for each in compiler.document.select(edge, piece.sets):
            if each.name == "node":
                row = compiler.row(self.many.target, each.sets, (*path, each.key), self.inside)
                parts.append(Part(each.key, "node", row))
            else:
                text = json.dumps(edge.name) if each.name == "__typename" else ""
                parts.append(Part(each.key, each.name, text=text))
        return tuple(parts)


def _binding(bound: Bound | None) -> Binding | None:
    return None if isinstance(bound, dict) else bound
