"""The demo world: a street with its people and four months of work, made by the commands themselves.

Owns: the cast and the partners (`cast`), made-up residents (`residents`), the stage with its clock (`stage`), the
stories of 60 referrals (`stories`, `stories_casework`, told by `programme`), the rounds of visits (`rounds`), the world
of the bench (`bench`), and the clock that only the demo has (`clock`).

Invariants: no second writer, every row comes from a command run as who does it in life · one seed and one day make one
world, ids included (ciphertexts apart) · its history is in time order and ends as `today` begins · nobody in it exists:
surnames, serials of id numbers and telephone numbers are not given out · stories together reach every state that the
present commands lead to (tested).

A new story: one coroutine in `stories`, one line in `programme.ENTRIES`; ids of later rows move, statuses do not.
"""
