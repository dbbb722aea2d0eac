"""What a provider's line means: the only package a plug-in author needs.

Owns: the step vocabulary, the parser protocol and the dialects of Claude Code, Codex and Gemini CLI.
Never: reads files (but its own table of fields, once), clocks, the environment, or anything of `sidecar` and `central`.
Invariant: a parser is a deterministic state machine; the same lines give the same steps, however they are fed.
"""
