"""The city: every street of Xuzhou with its communities, at the size at which the hub has to be quick.

One street is told by commands like the demo; the others are copies of its rows, each with ids, references, people and
sealed values of its own (`crowd` the everyday work, `template` what is copied how often, `binary` and `stencils` the
rows, `copies` and `fresh` what differs, `loading` the writing, `taken_down` what is made anew over the rows). The
copies have no audit trail, no notices and no files behind their documents, since no command made them.
"""
