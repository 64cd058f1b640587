"""Row scopes of people that the common ones of `auth/gate.py` do not say."""

from __future__ import annotations

from auth.gate import bind

bind(
    "persons",
    # Revealing needs a case that is open now; what a closed case still shows for a while is masked.
    on_my_open_case=(
        "({membership} = any({t}.worker_ids) and {t}.access_until >= {today}"
        " and exists (select from cases c where c.person_id = {t}.id and c.status <> 'CLOSED'"
        " and {membership} = any(c.worker_ids)))"
    ),
)
