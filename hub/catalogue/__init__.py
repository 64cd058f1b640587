"""The catalogue of services: what can be asked for, offered and, later, bought.

Owns: `service_types`, loaded from `data/services.toml`: the official service list and what the station added.

Invariants: a code keeps its meaning; only names change, and entries retire · every street shares one catalogue ·
each entry names the qualification a partner needs to be offered it, registration at least (I17).

Not here: a partner's qualifications (`hub.organizations`), capacity, prices and caps (agreements).
"""
