"""One SQLite file: the journal (steps and checkpoints) and the outbox (sealed envelopes waiting for a verdict)."""
