"""Checks of codes, roles and duties: pure, and the only place that knows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auth.roles import Duty, Role
from hub.base.errors import Conflict, Invalid

CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: digits and capitals without I, O, S, V, Z, which are too easily mistaken."""

CREDIT_CODE_CHARS = 18
CREDIT_CODE_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

PARTNER_TYPE_CODES: Mapping[str, str] = {
    "SOCIAL_GROUP": "51",
    "SERVICE_INSTITUTION": "52",
    "FOUNDATION": "53",
}
"""The first two characters of the credit code name the registration authority (5, civil affairs) and the type."""

DIVISION_CODE_DIGITS: Mapping[str, int] = {"DISTRICT": 6, "STREET": 9, "COMMUNITY": 12}
"""Lengths of the statistical division codes (NBS); a division's code begins with its parent's."""

PARENT_KINDS: Mapping[str, str] = {"STREET": "DISTRICT", "COMMUNITY": "STREET"}

ORGANIZATION_KIND_OF_ROLE: Mapping[Role, str] = {
    Role.COMMUNITY_WORKER: "COMMUNITY",
    Role.STATION_WORKER: "STREET",
    Role.STREET_DIRECTOR: "STREET",
    Role.FINANCE_OFFICER: "STREET",
    Role.ADMIN: "STREET",
    Role.PARTNER_MANAGER: "PARTNER",
    Role.PARTNER_WORKER: "PARTNER",
    Role.AUDITOR: "DISTRICT",
}
"""Where a role sits (DOMAIN §3)."""

PARTNER_ROLES = (Role.PARTNER_MANAGER, Role.PARTNER_WORKER)


def credit_check_character(body: str) -> str:
    """The 18th character of a unified social credit code with these 17 characters (GB 32100-2015, mod 31)."""
    total = sum(
        CREDIT_CODE_ALPHABET.index(char) * weight
        for char, weight in zip(body, CREDIT_CODE_WEIGHTS, strict=True)
    )
    return CREDIT_CODE_ALPHABET[-total % 31]


def check_credit_code(code: str, partner_type: str | None, path: tuple[str, ...] = ("input", "code")) -> str:
    """The code in capitals. Raises Invalid naming what is wrong: length, a character, the check character, the type."""
    code = "".join(code.split()).upper()
    if len(code) != CREDIT_CODE_CHARS:
        raise Invalid("credit_code_length", path=path, length=len(code))
    for place, char in enumerate(code, 1):
        if char not in CREDIT_CODE_ALPHABET:
            raise Invalid("credit_code_character", path=path, place=place)
    if code[-1] != credit_check_character(code[:-1]):
        raise Invalid("credit_code_check", path=path)
    wanted = PARTNER_TYPE_CODES.get(partner_type or "")
    if wanted is not None and not code.startswith(wanted):
        raise Invalid("credit_code_type", path=path, type=f"PartnerType.{partner_type}", start=wanted)
    return code


def check_division_code(
    kind: str, code: str, parent_code: str | None, path: tuple[str, ...] = ("input", "code")
) -> str:
    """The code of a division. Raises Invalid when its length or its beginning does not fit."""
    digits = DIVISION_CODE_DIGITS[kind]
    if len(code) != digits or not (code.isascii() and code.isdigit()):
        raise Invalid("division_code_digits", path=path, kind=f"OrganizationKind.{kind}", digits=digits)
    if parent_code is not None and not code.startswith(parent_code):
        raise Invalid("division_code_parent", path=path, parent=parent_code)
    return code


def check_role_at(role: Role, kind: str, path: tuple[str, ...] = ("input", "role")) -> None:
    """Raise Invalid when a role does not sit at this kind of organization."""
    expected = ORGANIZATION_KIND_OF_ROLE.get(role)
    if expected != kind:
        raise Invalid(
            "role_elsewhere", path=path, role=f"Role.{role}", kind=f"OrganizationKind.{expected or 'STREET'}"
        )


def check_duty(role: Role, duty: Duty | None, path: tuple[str, ...] = ("input", "duty")) -> None:
    """Raise Invalid unless a finance officer has exactly one duty and every other role none."""
    if role is Role.FINANCE_OFFICER and duty is None:
        raise Invalid("duty_required", code="REQUIRED", path=path)
    if role is not Role.FINANCE_OFFICER and duty is not None:
        raise Invalid("duty_not_for_role", path=path, role=f"Role.{role}")


def check_duties_apart(
    duty: Duty | None, held: Iterable[str], path: tuple[str, ...] = ("input", "duty")
) -> None:
    """Raise Conflict when `duty` joins the other one in one hand at one street.

    `held` are the user's duties at that street. A cashier keeps no ledger and checks no request (accounting law).
    """
    if duty is not None and any(other != duty for other in held):
        raise Conflict("duties_apart", code="FOUR_EYES", path=path)
