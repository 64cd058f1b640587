"""Who is measured: one module a contestant, each started as a process of its own by `hub.bench.process`.

A contestant process finds in its environment where the database is and who may ask (`hub.bench.contestants.place`),
listens on a free port of 127.0.0.1, prints `READY <port>`, answers `POST /graphql` and ends with SIGTERM.
"""
