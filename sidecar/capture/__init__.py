"""Lines in, steps and sealed chunks out. Pure: no I/O, no clock, no ids of its own."""
