"""All tables of the hub, imported so that `metadata` is complete: for migrations, row-level security and tests."""

from __future__ import annotations

import auth.tables  # noqa: F401 - each import registers its tables
import hub.acceptance.tables
import hub.agreements.tables
import hub.base.ledgers
import hub.cases.tables
import hub.catalogue.tables
import hub.deliveries.tables
import hub.documents.tables
import hub.fund.tables
import hub.notices.tables
import hub.organizations.tables
import hub.payments.tables
import hub.people.tables
import hub.referrals.tables
import hub.visits.tables  # noqa: F401
from hub.base.tables import metadata

__all__ = ["metadata"]
