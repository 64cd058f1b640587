"""The planner: a GraphQL selection becomes one SQL statement whose text output is the JSON reply.

Four stages, the first three pure (no I/O, no viewer's values):

* `selection`  document + variables → a merged tree of selected fields
* `compile`    tree + descriptions + policy → a `plan`: tables, columns, rows, masks, order, page
               (`connections`: pages; `arguments`: their filters and orders; `actions`: availableActions; `queue`: the
               lines of work)
* `sql`        plan → one statement with bind parameters (`pages`: connections; `text`: the letters)
* `fetch`      statement + `values` → bytes

`describe` holds what a field can be: a column, an edge, a page, a named SQL expression, an object inside the row or
computed from it by a function, or a literal known at plan time; nothing else. What cannot be expressed becomes a
database view. There is no optimiser here: PostgreSQL has one. `registry` reads the descriptions off the schema once,
and `faults` says which of them contradict each other, the tables or the policy: then nothing starts.

Invariants: a plan of a table cannot be constructed without `rows`; client text never enters SQL (response keys are
GraphQL names, every value is a parameter); a denied field is a literal null and one error, decided before any SQL.
"""
