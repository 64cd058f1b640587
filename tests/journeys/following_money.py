"""The end of the third journey: from the money back to the need, who was told what, and whether the books are right."""

from __future__ import annotations

from hub.base.db import Server
from hub.verify import disagreements
from tests import harness
from tests.journeys.payees import Story
from tests.journeys.running import text_of


async def the_money_leads_to_the_ladys_haircut(story: Story) -> None:
    """Which need of whom it bought, who accepted it, who had a hand in it: and nobody's name but theirs."""
    for name in ("qian", "zhao", "shen"):
        trace = (await story.hub.ask(name, "Trace", payment=story.ids["payment3"]))["paymentTrace"]
        assert (trace["amount"], trace["milestone"]) == ({"amount": "475.00"}, {"code": "M2"})
        steps = [
            (one["step"], one["round"], one["madeBy"]["displayName"])
            for one in trace["paymentRequest"]["approvals"]
        ]
        assert steps == [
            ("CONFIRM", 1, "梅晓"),
            ("CHECK", 1, "钱莉"),
            ("APPROVE", 1, "赵刚"),
            ("SEND", 1, "孙浩"),
            ("FAIL", 1, "钱莉"),
            ("CHECK", 2, "钱莉"),
            ("APPROVE", 2, "赵刚"),
            ("SEND", 2, "孙浩"),
            ("SETTLE", 2, "钱莉"),
        ]
        (review,) = trace["paymentRequest"]["submission"]["reviews"]
        assert (review["decision"], review["accepted"], review["reviewedBy"]) == (
            "ACCEPT_IN_PART",
            {"amount": "495.00"},
            {"displayName": "梅晓"},
        )
        work = {one["reference"]: one for one in trace["deliveries"]}
        haircut = work[story.references["haircut"]]
        assert (haircut["serviceType"], haircut["verification"]) == ({"code": "HOME_HAIRCUT"}, "COMMUNITY")
        assert haircut["person"]["ageGroup"] == "AGE_80_PLUS"
        assert haircut["person"] == work[story.references["company"]]["person"]
        (need,) = haircut["needs"]
        assert (need["bradshawType"], need["domain"], need["status"]) == ("EXPRESSED", "DAILY_LIVING", "MET")
        (taught,) = work[story.references["lesson"]]["needs"]
        assert (taught["domain"], taught["goalStatus"], need["goalStatus"]) == (
            "INTEGRATION",
            "ACHIEVED",
            None,
        )
        assert story.name not in text_of(trace)
    paid = {"payment": story.ids["payment3"]}
    assert await story.hub.ask("kai", "TraceOfTheWork", **paid) == {"paymentTrace": None}
    own = (await story.hub.ask("bo", "TraceOfTheWork", **paid))["paymentTrace"]
    assert {one["reference"] for one in own["deliveries"]} == set(work)
    assert await story.money.denied("wang", "TraceOfTheWork", **paid)


async def finance_asks_for_a_name_in_vain(story: Story) -> None:
    hub, person = story.hub, story.ids["person"]
    for name in ("qian", "sun"):
        assert await hub.ask(name, "PersonSeen", id=person) == {"node": None}
        assert await story.money.denied(name, "{ people(first: 1) { nodes { name } } }")
        by_delivery = "query($id: ID!) { node(id: $id) { ... on Delivery { person { name } } } }"
        assert await story.money.denied(name, by_delivery, id=story.ids["haircut"])


async def every_step_was_told(story: Story) -> None:
    """To whoever it waited for and to the partner, by references: no notice about money names the lady."""
    expected = {
        "bo": {
            "account_verified",
            "claim_accepted",
            "invoice_refused",
            "payment_failed",
            "payment_settled",
            "appeal_decided",
        },
        "mei": {"claim_to_review"},
        "tao": {"payment_to_confirm"},  # Mei knows it: she has accepted it
        "qian": {
            "account_to_verify",
            "invoice_to_check",
            "payment_to_check",
            "payment_to_settle",
        },
        "zhao": {"payment_to_approve"},
        "sun": {"payment_to_send", "payment_failed"},
        "guo": {"appeal_to_decide"},
    }
    for name, kinds in expected.items():
        inbox = (await story.hub.ask(name, "Inbox"))["notices"]["nodes"]
        told = {one["kind"] for one in inbox}
        assert kinds <= told, (name, kinds - told)
        assert not any(story.name in one["text"] for one in inbox if one["kind"] in kinds)


async def the_books_are_right(story: Story, database: Server) -> None:
    """Every transfer sums to zero, and so does the ledger; what is left of the stage carries to the last one."""
    assert await disagreements(database) == []
    rows = await harness.run_sql(
        database, "select sum(amount_fen) as total, count(*) as entries from entries"
    )
    assert (rows[0]["total"], rows[0]["entries"] > 0) == (0, True)
    now = await story.money.figures()
    assert now["paid"] == "9520.00", "9,000 + 475 + 45"
    assert now["payable"] == "0.00"
    assert sum(int(one.replace(".", "")) for one in now.values()) == 20_000_000, "fen: the whole gift"
    agreement = (await story.money.books())["agreement"]
    assert agreement["paid"] == {"amount": "9520.00"}
    assert {one["code"]: one["status"] for one in agreement["milestones"]["nodes"]} == {
        "M1": "SETTLED",
        "M2": "SETTLED",
        "M3": "SCHEDULED",
    }
