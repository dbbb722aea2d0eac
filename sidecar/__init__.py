"""The capture agent: attaches, classifies, scrubs, journals, signs, delivers.

Owns: everything between an agent's output and a receipt of Central Command.
Never: stores, shows, logs or sends a string that was not scrubbed; delays or changes the agent it watches.
Invariant: imports point down the floors of ARCHITECTURE.md only.
"""

__version__ = "0.1.0"
