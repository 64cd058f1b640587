"""People and what is known of them: registration, households, eligibility, guardians, consents, needs.

Owns: `persons`, `person_keys`, `households`, `eligibility_spells`, `guardians`, `consents`, `needs`.

Invariants: id number, phone, address, door notes and emergency contacts are stored sealed under the person's own
key; reads see masked text (`sealing.py` seals, `opening.py` opens, nothing else does) · an id number occurs once in a
street, and the refusal reveals nothing of the other person (T15) · birth date and sex agree with the id number · a
minor's consent is given by a guardian in force (I16) · a felt or expressed need names who stated it, a comparative one
its comparator · plain values leave through `person_reveal` and the day sheet only, each time audited (I13).

Not here: who may see which person (`auth/policy.py`), which partners a consent opens (a trigger keeps the access
columns), the assessment of needs, referrals and cases.
"""
