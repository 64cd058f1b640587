"""Breaks a statement of the planner into lines that can be reviewed: at clauses, at `AND`, at `||`, always alike."""

from __future__ import annotations

import re

WORDS = "SELECT|FROM|WHERE|ORDER BY|LIMIT|LEFT JOIN LATERAL|LEFT JOIN|JOIN|HAVING|WITH|WHEN|ELSE|AND"
TOKEN = re.compile(rf"'(?:[^']|'')*'|\b(?:{WORDS})\b|\|\||[()]|(?:(?!\b(?:{WORDS})\b)[^'()|])+|.", re.DOTALL)
CLAUSES = {"FROM", "WHERE", "ORDER BY", "LIMIT", "LEFT JOIN LATERAL", "LEFT JOIN", "JOIN", "HAVING"}


def in_lines(sql: str) -> str:
    """The statement, one clause, condition or piece of text a line; without the breaks it is what was sent."""
    lines, line = [], ""
    deep: list[bool] = []  # for each open parenthesis: whether a sub-select stands in it
    tokens = [token for token in TOKEN.findall(sql) if token]
    for number, token in enumerate(tokens):
        query = not deep or deep[-1]
        opens = token == "(" and tokens[number + 1] in ("SELECT", "WITH")
        closes = token == ")" and deep[-1]
        if token == ")":
            deep.pop()
        if (
            closes
            or (query and token in CLAUSES)
            or token in ("||", "WHEN", "ELSE")
            or (query and token == "AND")
        ):
            lines.append(line)
            inside = token in ("||", "WHEN", "ELSE", "AND")
            line = "  " * (sum(deep) + inside)
        line += token
        if token == "(":
            deep.append(opens)
        if opens:
            lines.append(line)
            line = "  " * sum(deep)
    return "\n".join(each.rstrip() for each in [*lines, line] if each.strip()) + "\n"
