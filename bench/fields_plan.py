"""Which objects of a line are looked into, and what the formats name that no recording has: the plan of `fields.py`.

Owns: `OPEN`, `FAMILIES`, `DECLARED`.
Never: opens an object in which a person, a model or a tool names the members (tool input and output, results of MCP
servers, files by path, metadata maps): what is not named here is not looked into.
"""

from __future__ import annotations

_CLAUDE_BOTH = (
    "assistant.message",
    "assistant.message.content[] @type",
    "assistant.message.usage",
    "assistant.message.usage.cache_creation",
    "assistant.message.usage.server_tool_use",
    "user.message",
    "user.message.content[] @type!",
    "user.message.content[].image.source",
    "user.message.content[].tool_result.content[] @type!",
    "user.origin",
)
_RESPONSE_ITEM = (
    "response_item.payload @type",
    "response_item.payload.message.content[] @type!",
    "response_item.payload.reasoning.summary[] @type!",
    "response_item.payload.reasoning.content[] @type!",
    "response_item.payload.*.output[] @type!",
    "response_item.payload.web_search_call.action @type!",
    "response_item.payload.local_shell_call.action @type!",
    "response_item.payload.agent_message.content[] @type!",
)
_GEMINI_PARTS = tuple(
    f"{kind}.{member}"
    for kind in ("user", "gemini")
    for member in ("content[]", "content[].functionResponse", "content[].functionCall", "displayContent[]")
)

OPEN: dict[str, tuple[str, ...]] = {
    "claude": (
        *_CLAUDE_BOTH,
        "system @subtype",
        "system.compact_boundary.compact_metadata",
        "system.task_updated.patch",
        "system.task_progress.usage",
        "system.task_notification.usage",
        "result @subtype",
        "result.*.usage",
        "result.*.usage.cache_creation",
        "result.*.usage.server_tool_use",
        "result.*.modelUsage.<map>",
        "result.*.model_usage_since_last_result.<map>",
        "result.*.permission_denials[]",
        "result.*.origin",
        "stream_event.event @type",
        "stream_event.event.content_block_start.content_block @type",
        "stream_event.event.content_block_delta.delta @type",
        "stream_event.event.message_start.message",
        "stream_event.event.message_delta.delta",
        "control_response.response",
        "control_request.request @subtype",
        "rate_limit_event.rate_limit_info",
        "assistant.tool_use_meta[]",
        "user.tool_result_meta[]",
    ),
    "claude/transcript": (
        *_CLAUDE_BOTH,
        "system @subtype",
        "system.compact_boundary.compactMetadata",
        "system.api_error.error",
        "system.stop_hook_summary.hookInfos[]",
        "attachment.attachment @type",
        "attachment.attachment.queued_command.origin",
        "attachment.attachment.queued_command.prompt[] @type!",
        "progress.data @type",
        "cost-state.modelUsage.<map>",
    ),
    "codex": (
        "turn.completed.usage",
        "turn.failed.error",
        *(
            f"{phase}.{path}"
            for phase in ("item.started", "item.updated", "item.completed")
            for path in (
                "item @type",
                "item.file_change.changes[]",
                "item.mcp_tool_call.error",
                "item.todo_list.items[]",
                "item.web_search.action @type!",
            )
        ),
    ),
    "codex/transcript": (
        *_RESPONSE_ITEM,
        "session_meta.payload",
        "turn_context.payload",
        "compacted.payload",
        "token_usage_record.payload",
        "token_usage_record.payload.usage",
        "token_usage_record.payload.turn_token_usage",
        "token_usage_record.payload.thread_token_usage",
        "inter_agent_communication_metadata.payload",
        "event_msg.payload @type",
        "event_msg.payload.token_count.info",
        "event_msg.payload.token_count.info.total_token_usage",
        "event_msg.payload.token_count.info.last_token_usage",
        "event_msg.payload.task_complete.error",
        "event_msg.payload.mcp_tool_call_end.invocation",
        "event_msg.payload.item_completed.item @type",
        "event_msg.payload.item_completed.item.UserMessage.content[] @type!",
        "event_msg.payload.item_completed.item.AgentMessage.content[] @type!",
        "event_msg.payload.item_completed.item.CommandExecution.duration",
        "event_msg.payload.item_completed.item.McpToolCall.error",
    ),
    "gemini": ("tool_result.error", "result.error", "result.stats", "result.stats.models.<map>"),
    "gemini/transcript": (
        *_GEMINI_PARTS,
        "gemini.thoughts[]",
        "gemini.tokens",
        "gemini.toolCalls[]",
        "gemini.toolCalls[].result[]",
        "gemini.toolCalls[].result[].functionResponse",
        "$set.$set",
        "$set.$set.messages[] =@type",
        "header.messages[] =@type",
    ),
}
"""By label of a dialect: paths of objects ("[]": the items of a list; "<map>": the values of a map, whose keys are
names of models and the like; "*": one member, whichever). "@m": told apart by member m, "!": and there are no others
than known; "=@type": the lines of the dialect once more, inside a line."""

FAMILIES: dict[str, tuple[tuple[str, int], ...]] = {
    "claude": (
        ("result.*", 1),
        ("result.*.usage", 1),
        ("result.*.modelUsage.<map>", 1),
        ("result.*.model_usage_since_last_result.<map>", 1),
        ("system.*", 5),
    ),
    "claude/transcript": (
        ("user|assistant|attachment|progress", 2),
        ("system.*", 4),
        ("attachment.attachment.hook_*", 2),
    ),
    "codex": tuple(
        (f"item.(started|updated|completed).item.{kind}", 1)
        for kind in ("command_execution", "file_change", "mcp_tool_call", "todo_list", "web_search", "collab_tool_call")
    ),
    "codex/transcript": (
        ("response_item|event_msg|turn_context|session_meta|compacted|world_state|token_usage_record", 2),
        ("response_item.payload.*", 2),
        ("response_item.payload.(function|custom_tool)_call_output", 1),
        ("event_msg.payload.item_completed.item.*", 3),
        ("event_msg.payload.(task_started|task_complete|turn_aborted)", 2),
    ),
}
"""Objects that share their envelope, or are one object in several places: a field that so many of them were seen with
may come on all of them."""

_BLOCKS = "text image document search_result tool_reference tool_result"
_ITEM = "event_msg.payload.item_completed.item"
_INPUTS = "input_text input_image input_audio input_file"
_PARTS = "text:s functionCall:o functionResponse:o inlineData:o fileData:o"
_WORDS = "id:s timestamp:s type:s content:ls displayContent:ls"
_FAILED = (
    "is_error:b api_error_status:nz result:s errors:l terminal_reason:s structured_output:bolnsz origin:o "
    "ttft_ms:n ttft_stream_ms:n time_to_request_ms:n fast_mode_state:s deferred_tool_use:oz"
)

DECLARED: dict[str, dict[str, str]] = {
    "claude": {
        "assistant": "error:s supersedes:l request_id:s subagent_type:s task_description:s tool_use_meta:l",
        "user": "priority:s origin:o shouldQuery:b file_attachments:l isReplay:b isSynthetic:b tool_use_result:bolnsz",
        "user.message.content[]": f"@type! {_BLOCKS}",
        "user.message.content[].tool_result.content[]": f"@type! {_BLOCKS}",
        "user.message.content[].tool_result": "content:ls is_error:b",
        "result.success": _FAILED,
        "result.error_max_turns": _FAILED,
        "result.error_max_budget_usd": _FAILED,
        "result.error_during_execution": _FAILED,
        "system.compact_boundary.compact_metadata": "preserved_segment:o preserved_messages:o",
        "system.task_updated.patch": "error:s is_backgrounded:b description:s total_paused_ms:n",
        "system.api_retry": "error_status:nz",
        "system.status": "status:sz compact_result:s compact_error:s permissionMode:s",
        "system.task_started": "subagent_type:s prompt:s workflow_name:s",
        "system.task_notification": "usage:o tool_use_id:s",
    },
    "claude/transcript": {
        "user.message.content[]": f"@type! {_BLOCKS}",
        "user.message.content[].tool_result.content[]": f"@type! {_BLOCKS}",
        "user.message.content[].tool_result": "content:ls is_error:b",
        "user": "isMeta:b isCompactSummary:b isVisibleInTranscriptOnly:b origin:o toolEndsTurn:b toolUseResult:bolnsz "
        "permissionMode:s promptSource:s promptId:s slug:s agentId:s entrypoint:s teamName:s",
        "assistant": "error:s isApiErrorMessage:b apiErrorStatus:nz attributionMcpServer:s attributionMcpTool:s "
        "attributionAgent:s slug:s agentId:s entrypoint:s requestId:s teamName:s",
        "attachment.attachment.queued_command.prompt[]": "@type! text image document",
    },
    "codex": {
        **{
            f"{phase}.item.web_search.action": "@type! search open_page find_in_page other"
            for phase in ("item.started", "item.completed")
        },
        **{
            f"{phase}.item.collab_tool_call": "prompt:sz agents_states:o"
            for phase in ("item.started", "item.completed")
        },
        "item.completed.item.mcp_tool_call": "result:oz error:oz arguments:bolnsz",
        "item.started.item.mcp_tool_call": "result:oz error:oz arguments:bolnsz",
        "item.completed.item.command_execution": "exit_code:nz",
    },
    "codex/transcript": {
        **dict.fromkeys(
            ("response_item", "event_msg", "turn_context", "session_meta", "compacted", "world_state"),
            "ordinal:n metadata:o",
        ),
        "response_item.payload.message": "phase:sz",
        "response_item.payload.message.content[]": f"@type! {_INPUTS} output_text refusal",
        "response_item.payload.reasoning.summary[]": "@type! summary_text",
        "response_item.payload.reasoning.content[]": "@type! reasoning_text text",
        "response_item.payload.function_call": "namespace:sz",
        "response_item.payload.function_call_output": "output:ls call_id:s name:s",
        "response_item.payload.custom_tool_call_output": "output:ls call_id:s name:s",
        "response_item.payload.function_call_output.output[]": f"@type! {_INPUTS} encrypted_content",
        "response_item.payload.custom_tool_call_output.output[]": f"@type! {_INPUTS} encrypted_content",
        "response_item.payload.web_search_call.action": "@type! search open_page find_in_page other",
        "response_item.payload.agent_message.content[]": "@type! input_text output_text encrypted_content",
        "event_msg.payload.token_count": "info:oz rate_limits:oz",
        "event_msg.payload.task_complete": "last_agent_message:sz error:oz",
        f"{_ITEM}.UserMessage.content[]": "@type! text image local_image audio skill mention",
        f"{_ITEM}.AgentMessage.content[]": "@type! Text",
    },
    "gemini": {
        "tool_result": "output:s error:o",
        "result": "error:o stats:o",
        "message": "delta:b",
    },
    "gemini/transcript": {
        "$set.$set": "lastUpdated:s sessionId:s messages:l summary:s memoryScratchpad:bolnsz directories:l",
        "user": _WORDS,
        "info": _WORDS,
        "error": _WORDS,
        "warning": _WORDS,
        "$rewindTo": "$rewindTo:s",
        "header": "directories:l summary:s messages:l memoryScratchpad:bolnsz",
        "gemini.toolCalls[]": "agentId:s result:lz resultDisplay:bolnsz",
        "gemini.content[]": f"{_PARTS} thought:b thoughtSignature:s",
        "user.content[]": _PARTS,
    },
}
"""What the formats' own types and documents name and recordings may lack: rows as in the table, all of it optional."""
