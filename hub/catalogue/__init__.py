"""The catalogue of services: what can be asked for, offered and bought; and how much of it partners say they can do.

Owns: `service_types`, loaded from `data/services.toml`: the official service list and what the station added;
`capacities`, said by the partners (`capacity`).

Invariants: a code keeps its meaning; only names change, and entries retire · every street shares one catalogue ·
each entry names the qualification a partner needs to be offered it, registration at least (I17).

A capacity is a statement, not a rule: no command counts it, suggestions go by it.

Not here: a partner's qualifications (`hub.organizations`), prices and caps (agreements).
"""
