"""Central Command: takes signed envelopes, checks them door by door, stores them whole before it replies.

Owns: the server side of the wire contract.
Never: imports anything of the sidecar beyond `sidecar.wire` and floor 0; trusts a byte of a request.
Invariant: a sequence number is consumed only by what is stored.
"""
