"""The way to Central Command: client, pacing, courier (one envelope), transmitter (all of them).

How an envelope posted at number N is settled (`sidecar.wire.http` reads the reply, `courier` bounds the tries).
"sent before" = an earlier attempt at N has an unknown outcome; the outbox knows it, across a crash too.

    reply                                   sent before          not sent before
    200 accepted:true (JSON only)           delivered            delivered
    "expected N+1, got N", 200              delivered            go on at N+1
      and a 507 was seen around it          parked: unknown      go on at N+1
    "expected E", 409 or any other E        go on at E (at most 5 times, then parked)
    "already closed", for a close           delivered            parked
      and a 507 was seen around it          parked: unknown      parked
    507 of the reference server, chunk      the number is spent: try at N+1
    507 of the reference server, close      parked: the session is closed and the close was not stored
    507 that names the expected number      try again at that number
    schema refusal, other refusal with 200  parked, the number counts as spent
    refusal with 4xx of our own dialect     parked, the number is free
    HMAC refused                            try again; once in a new wire session (never if sent before); parked
    unknown session, or 404 in JSON         the rest goes on in a new wire session
    "envelope limit exceeded", 429          ask whether the session is known: unknown as above; full: a new wire session
    429, 503 with a time, open limit        wait so long; the first two hold every session
    no reply, half a reply, HTML, 5xx       try again at N; the outcome is unknown
    no connection                           try again at N; nothing was sent

An envelope that is parked while its outcome is unknown leaves its number behind, because "expected N+1" for the next
one would speak of this one. Feedback has no number of its own at the reference server and is stored again on each
repeat: an unknown outcome is repeated with the same bytes, so a reader sees equal signatures.

What cannot be told at the reference server, and is therefore not promised: a number spent by a 507 or a crash of the
server whose only sign was a reply that never came looks like a delivery.
"""
