"""One conversation, one session, though two roads tell it: the output of a wrapped run, and the CLI's transcript."""
