"""A Central Command that speaks the reference dialect over real sockets, and breaks on demand."""
