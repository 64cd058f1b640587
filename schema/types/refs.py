"""References between types of different modules, resolved lazily so that modules may name each other."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.types.acceptance import Submission
    from schema.types.agreements import Agreement, AgreementLine, Criterion, Milestone
    from schema.types.cases import Case
    from schema.types.catalogue import ServiceType
    from schema.types.deliveries import Delivery
    from schema.types.documents import Document
    from schema.types.fund import Donation, Fund
    from schema.types.groups import ActivitySeries, GroupSession
    from schema.types.organizations import Community, Membership, Organization, Partner, Street
    from schema.types.payments import PaymentRequest
    from schema.types.people import Household, Need, Person
    from schema.types.progress import LineUsage, MilestoneProgress
    from schema.types.referrals import Offer, Referral
    from schema.types.suggestions import PartnerSuggestion
    from schema.types.visits import Visit

OrganizationRef = Annotated["Organization", strawberry.lazy("schema.types.organizations")]
StreetRef = Annotated["Street", strawberry.lazy("schema.types.organizations")]
CommunityRef = Annotated["Community", strawberry.lazy("schema.types.organizations")]
PartnerRef = Annotated["Partner", strawberry.lazy("schema.types.organizations")]
MembershipRef = Annotated["Membership", strawberry.lazy("schema.types.organizations")]
PersonRef = Annotated["Person", strawberry.lazy("schema.types.people")]
HouseholdRef = Annotated["Household", strawberry.lazy("schema.types.people")]
NeedRef = Annotated["Need", strawberry.lazy("schema.types.people")]
ServiceTypeRef = Annotated["ServiceType", strawberry.lazy("schema.types.catalogue")]
DonationRef = Annotated["Donation", strawberry.lazy("schema.types.fund")]
FundRef = Annotated["Fund", strawberry.lazy("schema.types.fund")]
ReferralRef = Annotated["Referral", strawberry.lazy("schema.types.referrals")]
OfferRef = Annotated["Offer", strawberry.lazy("schema.types.referrals")]
CaseRef = Annotated["Case", strawberry.lazy("schema.types.cases")]
VisitRef = Annotated["Visit", strawberry.lazy("schema.types.visits")]
AgreementRef = Annotated["Agreement", strawberry.lazy("schema.types.agreements")]
AgreementLineRef = Annotated["AgreementLine", strawberry.lazy("schema.types.agreements")]
DocumentRef = Annotated["Document", strawberry.lazy("schema.types.documents")]
CriterionRef = Annotated["Criterion", strawberry.lazy("schema.types.agreements")]
MilestoneRef = Annotated["Milestone", strawberry.lazy("schema.types.agreements")]
SubmissionRef = Annotated["Submission", strawberry.lazy("schema.types.acceptance")]
PaymentRequestRef = Annotated["PaymentRequest", strawberry.lazy("schema.types.payments")]
DeliveryRef = Annotated["Delivery", strawberry.lazy("schema.types.deliveries")]
ActivitySeriesRef = Annotated["ActivitySeries", strawberry.lazy("schema.types.groups")]
GroupSessionRef = Annotated["GroupSession", strawberry.lazy("schema.types.groups")]
PartnerSuggestionRef = Annotated["PartnerSuggestion", strawberry.lazy("schema.types.suggestions")]
LineUsageRef = Annotated["LineUsage", strawberry.lazy("schema.types.progress")]
MilestoneProgressRef = Annotated["MilestoneProgress", strawberry.lazy("schema.types.progress")]
