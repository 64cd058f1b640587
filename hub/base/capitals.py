"""人民币大写: an amount in the characters that cannot be altered with a stroke, as papers of payment write it.

The rules are those of the central bank's payment and settlement measures (支付结算办法, annex 1, 1997): 元 and 角 end
in 整, 分 does not; one 零 stands for any run of noughts between figures; none stands before 万 or 亿.
"""

from __future__ import annotations

from hub.base.limits import MAX_FEN

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")
"""Every four digits have a name; `MAX_FEN` (a thousand 亿) ends within the last."""


def in_capitals(fen: int) -> str:
    """`人民币壹佰零伍万元整` for 105000000 fen. Raises ValueError for less than nothing or more than `MAX_FEN`.

    A correction or a deduction is written as an amount of its own with its own word, never as a negative one.
    """
    if not 0 <= fen <= MAX_FEN:
        raise ValueError("an amount from nothing to MAX_FEN")
    yuan, rest = divmod(fen, 100)
    if fen == 0:
        return "人民币零元整"
    return "人民币" + _whole(yuan) + _rest(rest, after_yuan=yuan > 0)


def _whole(yuan: int) -> str:
    """`壹佰零伍万元`; nothing for nothing."""
    if yuan == 0:
        return ""
    groups: list[int] = []
    while yuan:
        yuan, group = divmod(yuan, 10_000)
        groups.append(group)
    written, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            gap = True
            continue
        if written and (gap or group < 1_000):
            written += "零"
        written += _group(group) + GROUPS[place]
        gap = False
    return written + "元"


def _group(number: int) -> str:
    """Four digits: 1050 → 壹仟零伍拾."""
    written, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit == 0:
            gap = bool(written)
            continue
        written += ("零" if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return written


def _rest(fen: int, *, after_yuan: bool) -> str:
    """角 and 分; between 元 and 分 a 零 says that no 角 is missing."""
    jiao, single = divmod(fen, 10)
    if fen == 0:
        return "整"
    written = DIGITS[jiao] + "角" if jiao else ("零" if after_yuan else "")
    return written + (DIGITS[single] + "分" if single else "整")
