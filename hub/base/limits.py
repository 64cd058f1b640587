"""Every bound of the product, in one place: what is refused beyond it, and why it is this number.

A bound has its unit in its name. Code takes bounds from here and never repeats one as a number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

# ---- HTTP requests ----

MAX_BODY_BYTES = 512 * 1024
"""Body of a GraphQL request: a batch of about 200 referrals fits; beyond it 413, before the rest is read."""

MAX_FORM_BYTES = 8 * 1024
"""Body of a form at the token endpoint: two names, a secret and a scope list."""

MAX_FORM_FIELDS = 20
"""Fields of such a form, or of a GET query string. GraphQL over HTTP knows four, OAuth about ten."""

MAX_QUERY_STRING_BYTES = 16 * 1024
"""Query string of a GET request: beyond it 414. Longer documents belong into a POST."""

MAX_BODY_SECONDS = 10.0
"""How long a client may take to send its body, so that slow senders do not pile up: beyond it 408."""

MAX_JSON_DEPTH = 32
"""Nesting of a JSON body, bounded before parsing: inputs nest 5 levels deep, 100,000 brackets blow the
parser.
"""

MAX_JSON_NUMBER_CHARS = 40
"""Characters of a number in a JSON body. No value of the API needs more; 5,000 digits cost quadratic time."""

# ---- GraphQL documents ----

MAX_DOCUMENT_CHARS = 64 * 1024
"""Length of a GraphQL document's text; the tokens are bounded too, but one string token may be long."""

MAX_DOCUMENT_TOKENS = 2_000
"""Lexical tokens of a document; parsing costs about 7 µs each."""

MAX_DOCUMENT_COMMENTS = 500
"""Comments of a document, which the token bound does not count."""

MAX_VALIDATION_ERRORS = 10
"""Validation stops after so many errors; more help nobody."""

MAX_CACHED_DOCUMENTS = 200
"""Parsed documents kept. One of 2,000 tokens takes about 0.8 MB, so the worst case is 160 MB."""


@dataclasses.dataclass(frozen=True)
class DocumentLimits:
    """Bounds of one operation with its fragments expanded; `fragments` and `repeats` keep validation cheap.

    Validation compares every two fields with the same response key and every two fragments, so without the
    last two a document of 2,000 tokens takes half a second to validate; no generated document comes near
    them.
    """

    depth: int = 15  # fields inside each other; the standard introspection query has exactly 15
    aliases: int = 30
    directives: int = 50
    root_fields: int = 20
    fragments: int = 60  # definitions in the document
    repeats: int = 40  # fields that repeat a response key of their own selection set, in the whole document


DOCUMENT_LIMITS = DocumentLimits()
"""What every role may send."""

DOCUMENT_LIMITS_BY_ROLE: Mapping[str, DocumentLimits] = {}
"""Roles with bounds of their own (role code → bounds). Empty: no role has needed one so far."""

MAX_PLAN_NODES = 10_000
"""Rows a query may ask for: the product of the `first`s along each path, summed; read off the plan."""

DEFAULT_PAGE_SIZE = 20
"""Rows of a page when the client names no number."""

MAX_PAGE_SIZE = 100
"""Rows of a page at most: `first` and `last`."""

MAX_NODE_IDS = 100
"""Ids in one `nodes(ids:)`."""

MAX_PLAN_FIELDS = 1_000
"""Fields of a query with its fragments expanded into the tree of the answer. Fragments are shared, the tree is not, so
a short document can ask for a tree that takes seconds to compile and more stack than PostgreSQL has."""

MAX_CACHED_PLANS = 1_000
"""Compiled statements kept: one for each document, role and shape of variables in use."""

MAX_BATCH = 100
"""Inputs of one batch mutation, each a command of its own."""

# ---- Sessions and sign-in ----

MAX_TOKEN_CHARS = 4 * 1024
"""Length of a bearer token that is looked at; the hub's own have about 600."""

MAX_CACHED_TOKENS = 10_000
"""Verified tokens whose claims are kept until they expire."""

MAX_CACHED_VIEWERS = 10_000
"""Resolved viewers kept, one per token and chosen membership."""

VIEWER_SECONDS = 10.0
"""How long a resolved viewer is kept. Whether it is still live is asked again inside each statement."""

CLIENT_TOKEN_SECONDS = 15 * 60
"""Lifetime of a machine client's access token (the library's default would be ten days)."""

DEMO_TOKEN_SECONDS = 8 * 60 * 60
"""Lifetime of a demo user's access token: a day of trying things out. Demo mode only."""

MAX_PARALLEL_SIGN_INS = 2
"""Secrets hashed at once; each hash takes 64 MB and tens of milliseconds of a core."""

SIGN_IN_WINDOW_SECONDS = 60.0
"""The window in which failing sign-ins are counted."""

MAX_SIGN_IN_FAILURES = 10
"""Failures per name and address within the window; then 429."""

MAX_SIGN_IN_FAILURES_OF_ADDRESS = 100
"""Failures per address within the window, whatever the names; an office shares one address."""

MAX_COUNTED_SIGN_INS = 10_000
"""Names and addresses counted at once; the least recently failing are forgotten first."""

# ---- Casework
# ------------------------------------------------------------------------------------------------------

OFFER_HOURS = 72
"""How long an offer stands when the station names no other end: three days, a weekend does not eat it up."""

MAX_OFFER_DAYS = 30
"""The longest an offer may stand: a person waits behind it."""

AUTO_CLOSE_DAYS = 14
"""A completed referral that the community has not acknowledged by then is closed by SYSTEM."""

HANDOVER_DAYS = 7
"""How long somebody who leaves a case may still read it, to hand it over: capped, and logged with the
leaving.
"""

MAX_PROMISE_HOURS = 12
"""The longest window of a promised visit: "some time this week" is no promise."""

MAX_GOAL_DAYS = 3 * 366
"""How far ahead a goal of a plan may be due: a plan is looked at anew long before. Beyond it a year was mistyped."""

MAX_PROMISE_DAYS = 366
"""How far ahead a visit may be promised."""

KEPT_BEFORE_MADE_HOURS = 24
"""A visit may be entered up to a day after it was made at the door; earlier than that is a slip of the date.
"""

MAX_SUBSTITUTION_DAYS = 90
"""The longest that somebody stands in for a worker: beyond it her cases are given to another one for good."""

MAX_REFERRAL_NEEDS = 20
"""Needs that one referral answers."""

MAX_CASE_GOALS = 20
"""Goals of one case plan."""

MAX_OWN_WORDS_CHARS = 500
"""What the person said, in her own words; the words of an acknowledgement; a goal's title, baseline, target.
"""

MAX_SERIES_PERSONS = 300
"""People enrolled in one series: more is an event with a head-count."""

MAX_SERIES_SESSIONS = 200
"""Sessions of one series: four years, week by week."""

MAX_SESSION_HOURS = 12
"""The longest session: a day's outing."""

MAX_HEAD_COUNT = 100_000
"""Heads counted in one session: beyond it is a typing error; the community has fewer inhabitants."""

# ---- Money and agreements ----

MAX_FEN = 10**13
"""The largest amount, in fen: 100 billion yuan. Sums of many such amounts stay far inside 64 bits."""

MAX_AGREEMENT_LINES = 50
"""Lines of one agreement; the county contract has six."""

MAX_AGREEMENT_MILESTONES = 24
"""Milestones of one agreement: two years, month by month."""

MAX_CRITERIA = 10
"""Criteria of one line or milestone."""

MAX_QUANTITY = 1_000_000
"""Units that one line can buy, and the highest target of a criterion: beyond it is a typing error."""

MAX_PAYMENT_DAYS = 365
"""Days after acceptance within which the street has to pay, at most."""

MAX_TERM_DAYS = 5 * 366
"""Days from an agreement's first to its last: five years. Beyond it a year was mistyped."""

MAX_DUE_AFTER_TERM_DAYS = 366
"""Days after an agreement's last one on which a stage may still fall due: work is assessed and settled by then."""

MAX_DONATION_AGE_DAYS = 10 * 366
"""How long ago a donation may have come in, so that books of earlier years can be entered and year 1 cannot: a ledger
row is never corrected."""

MAX_PURPOSES = 50
"""Purposes of one fund; the catalogue has fewer entries."""

DUE_SOON_DAYS = 30
"""A milestone is due soon this many days before its date: time to gather the evidence."""

# ---- Deliveries and call-backs ----

DELIVERY_AUTO_VERIFY_DAYS = 7
"""Evidence that nobody disputed for so long after it was complete verifies a delivery (DOMAIN §4)."""

USUAL_MINUTES = 30
"""How long a delivery is taken to last when nobody said, to tell whether its worker was at two places at once."""

MAX_LASTED_MINUTES = 24 * 60
"""The longest a delivery may last: beyond a day it is a typing error, and `delivery_flags` looks no further back."""

SAME_MINUTE_BATCH = 10
"""As many deliveries recorded by one hand within one minute were not recorded one by one."""

MAX_DELIVERY_DOCUMENTS = 20
"""Files attached to a delivery in one call: sheets of a large event, a photo or two of each visit."""

CALLBACK_SAMPLE_BP = 500
"""Share of deliveries, in basis points, that the hub draws for a call-back: 5 % (DOMAIN §4)."""

CALLBACK_DAYS = 5
"""By when the station has called: before evidence alone would verify the delivery."""

CALLBACK_RETRY_DAYS = 2
"""How long after a call in vain the next one is due: another day, another time of day."""

MAX_CALLBACK_ATTEMPTS = 3
"""After so many calls in vain a call-back holds nothing up any more; the database knows it too."""

# ---- Texts and personal values
# -------------------------------------------------------------------------------------

MAX_NAME_CHARS = 60
"""A name of a person, user or organization; the longest registered organization names have about 50
characters.
"""

MAX_LINE_CHARS = 200
"""One line: an address, an estate, a relation, a number of a certificate."""

MAX_TEXT_CHARS = 2_000
"""A text of several lines: a statement, a reason, notes at the door."""

MAX_EMERGENCY_CONTACTS = 5
"""Who is called when nobody opens, in this order; a longer list is not called through in time."""

MAX_AGE_YEARS = 130
"""A birth date further back is a typing error: nobody has grown as old."""

MAX_REVEALS_A_DAY = 50
"""Persons whose plain values one membership may ask for outside the day sheet: more is copying, not calling.
"""

VITAL_INTEREST_PAPER_DAYS = 7
"""Days after which a vital interest without a written consent gives no access any more (DOMAIN §5)."""

# ---- Documents ----

MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
"""One file: a scanned contract of some thirty pages, or any photo a phone takes."""

MAX_FILE_NAME_CHARS = 255
"""A file's name, as long as file systems let it be."""

UPLOAD_LINK_SECONDS = 15 * 60
"""How long an announced file may be brought: a weak line gets a second and a third try."""

DOWNLOAD_LINK_SECONDS = 5 * 60
"""How long an opened file may be fetched; opening it again is one more line in the audit trail."""

MAX_TRANSFER_SECONDS = 5 * 60
"""How long one file may be on its way, in or out: the largest over half a megabit a second."""

MAX_LINK_CHARS = 1_000
"""Query string of a signed link; ours have at most about 200."""

# ---- Papers that the hub makes ----

MAX_PARALLEL_PRESSES = 2
"""Papers drawn at once; each takes a core for about a second and 60 MB or more."""

PRESS_SECONDS = 60
"""How long one paper may take to be drawn: the longest, of MAX_PAPER_ROWS rows, takes about ten."""

MAX_PAPER_ROWS = 5_000
"""Rows of the largest table of a paper, records of a pack or payments of a list: some two hundred pages."""

MAX_PACK_BYTES = 256 * 1024 * 1024
"""Evidence that goes into one ZIP: a few seconds of reading and writing, inside the request that asks for it."""

MAX_LIST_DAYS = 366
"""Days that a list of payments covers: a year of accounts."""

MAX_PAPERS_A_DAY = 200
"""Papers that one membership may have made in a day: the requests of a month's end, each twice."""

PAPER_HOURS = 24
"""How long the hub keeps the file of a paper: its link holds for minutes, and it can be made again."""

ALIVE_SECONDS = 3.0
"""How often a transaction that waits for a paper says that it is alive: the database ends one idle for 10 seconds."""

# ---- The worker and its ledgers ------------------------------------------------------------------------------------

MAX_IDEMPOTENCY_KEY_CHARS = 100
"""Length of a client's idempotency key; a UUID has 36."""

KEEP_IDEMPOTENCY_DAYS = 90
"""How long a key is known: longer than a telephone lies in a drawer with something unsent on it."""

IDEMPOTENCY_BATCH = 5_000
"""Keys thrown away in one statement."""

OUTBOX_BATCH = 50
"""Outbox rows handled in one transaction: few enough that a lost connection repeats little."""

OUTBOX_RETRY_SECONDS = 5
"""Wait before the second attempt at an outbox row; it doubles with each further one."""

MAX_OUTBOX_RETRY_SECONDS = 60 * 60
"""The longest wait between two attempts. Attempts never end: an event is not lost because a handler was wrong."""

AUDIT_BATCH = 1_000
"""Audit events linked, or verified, at a time."""

MAX_AUDIT_LINKS = 20_000
"""Audit events verified in one request: about a second of a core, for some months of a street."""

TIMED_BATCH = 200
"""Objects that the worker finds at a time to be moved by time; it goes on until none is left."""

WORKER_IDLE_SECONDS = 15.0
"""How long the worker waits for a wake-up before it looks for itself: what is due by time needs no notification."""

MAX_WORKER_BACKOFF_SECONDS = 30.0
"""The longest the worker waits before it tries a database again that does not answer."""

# ---- Claims and payments ----

SECOND_REVIEW_ABOVE_FEN = 20_000_000
"""An acceptance of more than this (200,000 yuan) needs a second reviewer from a community that is served. The database
knows the same figure (`second_review_above_fen`).
"""

MAX_SUBMISSION_DOCUMENTS = 100
"""Documents of one claim, beside those of its deliveries."""

APPEAL_DAYS = 30
"""Days after a decision within which the partner may appeal against it."""

ACCOUNT_COOLING_DAYS = 3
"""Days that a newly verified bank account is slept on before anything is paid to it."""

MAX_ACCOUNT_REVEALS_A_DAY = 50
"""Account numbers that one membership may ask for in a day."""

# ---- Reports ----

MAX_REPORT_DAYS = 400
"""Days that one report covers: a year, and a month more to compare it with."""
