"""The demo world: a street with its people and a year of work, made by the commands themselves.

Owns: the cast and the partners (`cast`), made-up residents (`residents`), the stage with its clock (`stage`), the
stories of 60 referrals (`stories`, `stories_casework`, told by `programme`), the rounds of visits (`rounds`), the
contracts of the year (`contracts`) and what was done under them (`year_county`, `year_home`, with `groups`), who
checked it (`checking`), how it was paid (`claims`, `year_money`), the files that prove it (`papers`), the world of the
bench (`bench`), and the clock that only the demo has (`clock`).

Invariants: no second writer, every row comes from a command run as who does it in life · one seed and one day make one
world, ids included (ciphertexts apart) · its history is in time order and ends as `today` begins · nobody in it exists:
surnames, serials of id numbers, telephone, invoice and account numbers are not given out · stories together reach every
state that the present commands lead to (tested) · the books agree (`hub verify`, tested).

The small world of the tests has the stories marked so and minimal agreements (`agreements`), but nothing of the year.

A new story: one coroutine in `stories`, one line in `programme.ENTRIES`; ids of later rows move, statuses do not. A new
service of the year: one entry in `year_home.COURSES` or one `Group`. A new claim: one coroutine in `year_money`.
"""
