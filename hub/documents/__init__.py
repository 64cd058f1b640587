"""Evidence: files that prove what was done, bought or paid, sealed at rest outside the database.

Owns: `documents`; the signed links by which bytes come in and go out (`links`), the folder they lie in (`archive`), and
the two requests that move them (`transfer`). And `papers`: files that the hub makes itself, and how they are kept.

Invariants:
* What is stored is what was announced: size, SHA-256 and media type are checked while the bytes come in, and a file is
  whole under its name or not there.
* STORED is final: the row is history, the file is never written anew, and nothing is deleted (I8).
* A link is a right to one act on one document, for minutes, and dies with the membership it was made for (I15).
* An equal file of somebody else changes nothing and is told to nobody.
* A file's name is personal: it stands in no error, no log, no audit event and no address.
* A paper is fetched by whoever had it made and by nobody else; what stands in it never stands in a document.

Not here: what a document proves (`hub.deliveries` and what follows it hold that); what stands in a paper
(`hub.acceptance.pack`, `hub.payments.file`, `hub.payments.list_book`) and how it is drawn (`hub.base.paper`).
"""
