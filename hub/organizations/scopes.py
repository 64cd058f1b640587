"""Row scopes of organizations, memberships, clients and conflict declarations.

A predicate with `or` stands in parentheses: it is joined to others by `and` wherever it is rendered.
"""

from __future__ import annotations

from auth.gate import bind

bind(
    "organizations",
    own_partner="{t}.id = {partner}",
    own_community="{t}.id = {community}",
    own_street="({t}.id = {street} or {t}.street_id = {street})",
    streets_of_district="({t}.kind = 'STREET' and {t}.district_id = {district})",
    # An administrator appoints a partner's first manager, or the next one when there is none left; as long as there is
    # one, that manager alone admits people there, or any street's administrator could act as any partner.
    without_manager_or_own_street=(
        "({t}.street_id = {street} or ({t}.kind = 'PARTNER' and not exists (select from memberships m"
        " where m.partner_id = {t}.id and m.role = 'PARTNER_MANAGER' and m.ended_at is null"
        " and (m.valid_to_on is null or m.valid_to_on >= {today}))))"
    ),
)

bind(
    "memberships",
    # Street-side people know each other and the partners' people; partners know their own and, of streets and
    # communities, those who work at people's homes.
    known_staff=(
        "(({street} is not null and ({t}.street_id = {street} or {t}.partner_id is not null))"
        " or ({partner} is not null and ({t}.partner_id = {partner}"
        " or ({t}.street_id is not null and {t}.role in ('COMMUNITY_WORKER', 'STATION_WORKER')))))"
    ),
    # Those of the same organization: a partner's people, the station's own.
    colleagues="({t}.partner_id = {partner} or {t}.organization_id = {street})",
    administered="({t}.street_id = {street} or ({street} is not null and {t}.partner_id is not null))",
)

bind("conflict_declarations", own="{t}.user_id = {user}")


def has_left(column: str) -> str:
    """SQL: the membership that a column names may not act today (`hub_live`), asked of all memberships at once."""
    return f"{column} = any((select memberships_over({{today}}))::uuid[])"
