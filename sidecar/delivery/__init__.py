"""Sealed envelopes out, verdicts in."""
