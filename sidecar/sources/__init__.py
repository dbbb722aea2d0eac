"""Where lines come from: files followed from a checkpoint."""
