"""One file per command. A command prints; what it does lives below."""
