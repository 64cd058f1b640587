"""`hub bench`: the everyday reads and writes, measured against what one would build or take instead.

Owns: the questions (`queries`, `writes`), who answers them (`contestants`), how it is measured (`slots`, `load`,
`machine`, `statistics`) and what comes out (`report`). Each contestant is a process of its own on loopback, on one
database; before anything is timed, all must give the same answer. Runs are interleaved A B C … C B A, each after a
warm-up, medians count.

What it is not: a test of the network, of TLS, or of more than one machine. Client, servers and database share the
processors, so rates are those of this machine under this load; ratios and processor seconds are what lasts.
"""
