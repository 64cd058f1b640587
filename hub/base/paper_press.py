"""The press: `python -m hub.base.paper_press` reads one paper on standard input and writes its file to standard output.

A process of its own, started for each paper by `paper_order`: the libraries and the font are read here and nowhere
else, and drawing keeps no request waiting. It is told nothing of the hub, neither secret nor database, and says nothing
of what it drew: an error is the name of its type and a place in the code.
"""

from __future__ import annotations

import sys
from types import TracebackType

from hub.base.paper import Paper, decoded
from hub.base.paper_book import xlsx
from hub.base.paper_pdf import pdf


def print_paper() -> None:
    """One paper in, one file out."""
    paper = decoded(sys.stdin.buffer.read())
    sys.stdout.buffer.write(pdf(paper) if isinstance(paper, Paper) else xlsx(paper))


def tell(kind: type[BaseException], _: BaseException, where: TracebackType | None) -> None:
    """What went wrong, without a word of the paper: an exception's text may quote it."""
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    at = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else "?"
    sys.stderr.write(f"{kind.__name__} at {at}\n")


if __name__ == "__main__":
    sys.excepthook = tell
    print_paper()
