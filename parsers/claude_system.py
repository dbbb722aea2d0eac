"""The subtypes of Claude Code's `system` lines and their fates, as data.

Owns: `SUBTYPES` (stdout) and `STORED` (transcripts).
Never: logic.
Invariant: a subtype the contract names is here; what is not here is UNKNOWN, which is the drift canary.
"""

from __future__ import annotations

from parsers.base import Fate

_M, _N = Fate.META, Fate.NOISE

SUBTYPES: dict[str, Fate] = {
    # seen
    "init": _M,
    "api_retry": _M,
    "thinking_tokens": _N,
    "status": _M,
    "compact_boundary": _M,
    "task_started": _M,
    "task_progress": _N,
    "task_updated": _M,
    "task_notification": _M,
    "hook_started": _N,
    "hook_response": _M,
    "model_refusal_no_fallback": _M,
    # declared by the CLI's own types
    "microcompact_boundary": _M,
    "model_refusal_fallback": _M,
    "local_command_output": _N,
    "hook_progress": _N,
    "plugin_install": _M,
    "session_state_changed": _M,
    "worker_shutting_down": _M,
    "commands_changed": _M,
    "notification": _N,
    "files_persisted": _M,
    "memory_recall": _M,
    "elicitation_complete": _M,
    "permission_denied": _M,
    "mirror_error": _M,
    "informational": _M,
    "control_request_progress": _N,
    "background_tasks_changed": _M,
    "session_writes_lost": _M,
}

STORED: dict[str, Fate] = {
    # seen
    "compact_boundary": _M,
    "local_command": _N,
    "stop_hook_summary": _M,
    "turn_duration": _M,
    # declared
    "microcompact_boundary": _M,
    "informational": _M,
    "api_error": _M,
    "memory_saved": _M,
    "scheduled_task_fire": _M,
}

LINES: dict[str, Fate] = {
    # seen in transcripts
    "queue-operation": _N,
    "last-prompt": _N,
    "mode": _M,
    "summary": _M,
    "file-history-snapshot": _N,
    "progress": _N,
    # declared
    "custom-title": _M,
    "ai-title": _M,
    "tag": _M,
    "agent-name": _M,
    "agent-color": _N,
    "agent-setting": _M,
    "pr-link": _M,
    "worktree-state": _M,
    "content-replacement": _M,
    "speculation-accept": _M,
    "bridge-session": _M,
    "frame-link": _N,
    "permission-mode": _M,
}

ATTACHMENTS: dict[str, Fate] = {
    # seen
    "agent_listing_delta": _N,
    "skill_listing": _N,
    "file": _M,
    "hook_success": _M,
    "hook_blocking_error": _M,
    "max_turns_reached": _M,
    "plan_mode": _M,
    "structured_output": _N,
    "task_reminder": _N,
}
