"""Pure checks of funds and donations."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hub.base.errors import Invalid
from hub.base.inputs import one_of, required
from hub.base.limits import MAX_NAME_CHARS, MAX_PURPOSES
from hub.base.seal import mask_name
from hub.catalogue.tables import STRANDS
from hub.fund.tables import DONOR_KINDS


def known_purposes(purposes: Sequence[str], codes: Collection[str], path: tuple[str, ...]) -> list[str]:
    """What a fund may buy, without repetitions. Raises Invalid for none, too many, or what is no service or strand."""
    wanted = list(dict.fromkeys(purpose.strip() for purpose in purposes))
    if not wanted:
        raise Invalid("required", code="REQUIRED", path=path)
    if len(wanted) > MAX_PURPOSES:
        raise Invalid("too_many_purposes", code="OUT_OF_RANGE", path=path, limit=MAX_PURPOSES)
    for purpose in wanted:
        if purpose not in codes and purpose not in STRANDS:
            raise Invalid("purpose_unknown", path=path, purpose=purpose)
    return wanted


def donor(kind: str, name: str | None) -> dict[str, str | None]:
    """Who gave, as stored. A person's name has a masked form; an organization's is public and stays as it is.

    Raises Invalid when a named donor has no name, or an anonymous one has.
    """
    path = ("input", "donorName")
    one_of(kind, DONOR_KINDS, ("input", "donorKind"))
    if kind == "ANONYMOUS":
        if (name or "").strip():
            raise Invalid("donor_anonymous", path=path)
        return {"donor_kind": kind, "donor_name": None, "donor_name_masked": None}
    said = required(name, path, MAX_NAME_CHARS)
    shown = mask_name(said) if kind == "PERSON" else said
    return {"donor_kind": kind, "donor_name": said, "donor_name_masked": shown}
