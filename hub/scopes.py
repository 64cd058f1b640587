"""Imported for its effect: binds the row scopes of every capability (`hub/<capability>/scopes.py`)."""

from __future__ import annotations

import hub.acceptance.scopes
import hub.agreements.scopes
import hub.cases.scopes
import hub.deliveries.scopes
import hub.documents.scopes
import hub.notices.scopes
import hub.organizations.scopes
import hub.people.scopes
import hub.visits.scopes  # noqa: F401
