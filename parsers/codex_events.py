"""The stored event and item types of Codex rollouts that need no code, and their fates, as data.

Owns: `EVENTS`, `ITEMS`, `RESPONSES`, `LINES`.
Never: logic.
Invariant: a type the contract names is here or has a handler; what is neither is UNKNOWN, the drift canary.
"""

from __future__ import annotations

from parsers.base import Fate

_M, _N = Fate.META, Fate.NOISE

LINES: dict[str, Fate] = {
    "world_state": _N,
    "inter_agent_communication_metadata": _N,
    "state": _M,
}

RESPONSES: dict[str, Fate] = {
    "additional_tools": _N,
    "ghost_snapshot": _N,
    "compaction": _M,
    "compaction_summary": _M,
    "compaction_trigger": _M,
    "context_compaction": _M,
    "configuration_update": _M,
    "other": _N,
}

ITEMS: dict[str, Fate] = {
    # copies of what a response_item says
    "AgentMessage": _N,
    "Reasoning": _N,
    "WebSearch": _N,
    "ImageView": _N,
    "CollabAgentToolCall": _N,
    "DynamicToolCall": _N,
    "ImageGeneration": _N,
    "Plan": _N,
    # of their own
    "SubAgentActivity": _M,
    "EnteredReviewMode": _M,
    "ExitedReviewMode": _M,
    "FunctionCallOutput": _N,
    "HookPrompt": _M,
    "Sleep": _N,
}

EVENTS: dict[str, Fate] = {
    # seen
    "thread_settings_applied": _M,
    # copies of what a response_item says (older versions)
    "agent_message": _N,
    "agent_message_delta": _N,
    "agent_message_content_delta": _N,
    "agent_reasoning": _N,
    "agent_reasoning_delta": _N,
    "agent_reasoning_raw_content": _N,
    "agent_reasoning_raw_content_delta": _N,
    "agent_reasoning_section_break": _N,
    "reasoning_content_delta": _N,
    "reasoning_raw_content_delta": _N,
    "raw_response_item": _N,
    "item_started": _N,
    "exec_command_begin": _N,
    "exec_command_output_delta": _N,
    "terminal_interaction": _N,
    "patch_apply_begin": _N,
    "patch_apply_updated": _N,
    "mcp_tool_call_begin": _N,
    "web_search_begin": _N,
    "web_search_end": _N,
    "view_image_tool_call": _N,
    "image_generation_begin": _N,
    "image_generation_end": _N,
    "dynamic_tool_call_request": _N,
    "dynamic_tool_call_response": _N,
    "plan_update": _N,
    "plan_delta": _N,
    "turn_diff": _N,
    "hook_started": _N,
    "hook_completed": _M,
    # about the session
    "stream_error": _M,
    "warning": _M,
    "guardian_warning": _M,
    "deprecation_notice": _M,
    "background_event": _M,
    "session_configured": _M,
    "thread_name_updated": _M,
    "thread_goal_updated": _M,
    "thread_rolled_back": _M,
    "model_reroute": _M,
    "guardian_assessment": _M,
    "entered_review_mode": _M,
    "exited_review_mode": _M,
    "exec_approval_request": _M,
    "apply_patch_approval_request": _M,
    "request_permissions": _M,
    "request_user_input": _M,
    "elicitation_request": _M,
    "mcp_startup_update": _N,
    "mcp_startup_complete": _N,
    "skills_update_available": _N,
    "undo_started": _M,
    "undo_completed": _M,
    "shutdown_complete": _M,
    "auth_recovery_started": _M,
    "auth_recovery_completed": _M,
    "elicitation_abandoned": _M,
    "environment_connected": _M,
    "environment_disconnected": _M,
    "model_verification": _M,
    "network_approval_resolved": _M,
    "raw_response_completed": _N,
    "safety_buffering": _M,
    "sub_agent_activity": _M,
    "thread_queue_changed": _M,
    "turn_moderation_metadata": _M,
    "get_history_entry_response": _N,
    "list_skills_response": _N,
    "mcp_list_tools_response": _N,
}
