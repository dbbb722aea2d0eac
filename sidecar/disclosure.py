"""What a person agrees to.

Owns: the text of the disclosure and its hash.
Never: decides anything.
Invariant: a grant names the hash of the text it was given for; a changed text needs a new grant.
"""

from __future__ import annotations

import hashlib

CONSENT_VERSION = "1.0"

DISCLOSURE = """\
groove-sidecar: what you switch on

What is collected
  While capture is on, the output of the coding agents you start through
  `groove-sidecar wrap` or `tee` (and of the files you name in sidecar.toml):
  what the agent thought, did and saw, errors and how they were mended, and
  what you told it. Each element is typed, then scrubbed on this machine.

Transcripts, only if you also ask for them (enable --transcripts)
  Claude Code, Codex and Gemini CLI keep records of every conversation in your
  home folder, of agents you start without `wrap` too, in a terminal or an
  editor: your prompts, their reasoning, the files they read. With
  `transcripts = true` what is written there from then on is collected as well,
  in place of the output of the same run. Older ones are read only when you run
  `groove-sidecar import`, and only those you name.

What is replaced before anything is stored, shown or sent
  e-mail addresses, phone numbers, IP addresses, social security and card
  numbers, keys, tokens, passwords, private keys, credentials in addresses,
  and the user name in paths.

What is never collected
  Credential files, environment variables, command-line arguments, your
  keystrokes, and anything of agents that are not started this way (but for
  their transcripts, if you ask for them).
  No hardware id and no host name: a random number stands for this install.

What still travels
  The scrubbed text itself: code, file names and messages your agents handle.
  No scrubber finds everything. Do not switch this on for work you may not
  share. `groove-sidecar preview` shows the exact bytes before they go; with
  `review_before_send` nothing goes until you have looked.

Where it goes, and why
  To the Central Command you name, over TLS (plain http only to this machine),
  to train and study coding agents.

How to stop
  `groove-sidecar disable`, or delete the flag file ~/.groove/sidecar.enabled.
  Within a second capture stops, nothing more is sent, and what was not yet
  sent is destroyed. DO_NOT_TRACK=1 keeps it off whatever else says on.
  What was delivered before is deleted by asking the operator of that Central
  Command; your contributor id is in ~/.groove/user_id.
"""

TERMS_HASH = hashlib.sha256(f"{CONSENT_VERSION}\n{DISCLOSURE}".encode()).hexdigest()
