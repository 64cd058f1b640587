"""Row scopes of documents, and of the places that one may be announced for."""

from __future__ import annotations

from auth.gate import bind

bind("documents", uploaded_by_me="{t}.uploaded_by_id = {membership}")

# Where a partner has an agreement, or a case that it accepted. Those lie to the right of here, so the database says it.
bind("organizations", served_by_partner="partner_serves({partner}, {t}.id)")
