"""Finds and replaces secrets and personal data. Pure, linear, and the sole maker of `Scrubbed`."""
