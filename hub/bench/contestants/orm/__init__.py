"""What one gets by following the manuals: Strawberry's types, SQLAlchemy's async ORM, a DataLoader for every edge.

As a good engineer writes it: parsed and validated documents are cached, each batch borrows a session, no transaction
around a single SELECT, a window function for "the latest five of each", the columns of the viewer's rows in every where
clause, the same connection shape as ours. Its models map what the pages need and no column more; signing in is one
look-up; row-level security does not bind its login. Each of these favours it.
"""
