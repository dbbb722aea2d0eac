"""How tools and CLIs write that something failed; tables, no logic.

Owns: `Pattern`, the names of tools and statuses, how exit codes are written, and what a result looks like that is
nothing but the report of a failure. What shells, programs and test tools print is in `failure_shell`.
Never: holds a pattern with nested repetition; every `.` run is bounded and stays on its line.
Invariant: a `Pattern` is searched only where one of its `triggers` occurs in the lower-case text, so each trigger is
lower case and part of everything the pattern matches.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Pattern(NamedTuple):
    """One kind of failure: its evidence name, what must occur for a search to be worth it, and the search."""

    name: str
    triggers: tuple[str, ...]
    regex: re.Pattern[str]


def shortest(words: Iterable[str]) -> tuple[str, ...]:
    """The words that hold no other of them: who finds none of these finds none of all."""
    found = sorted(set(words), key=lambda word: (len(word), word))
    return tuple(word for at, word in enumerate(found) if not any(other in word for other in found[:at]))


_PIECES = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]|[^\\\[()|]+", re.DOTALL)


def alternatives(regex: str) -> list[str]:
    """The alternatives of a regular expression, split at each "|" outside all groups and classes."""
    found, depth = [""], 0
    for piece in _PIECES.findall(regex):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and not depth:
            found.append("")
        else:
            found[-1] += piece
    return found


def begun_together(regex: str) -> str:
    """The same alternatives in another order, with one "^" for all that begin with it.

    Within a line a search then fails once instead of once for each alternative.
    """
    every = alternatives(regex)
    begun = [one[1:] for one in every if one.startswith("^")]
    rest = [one for one in every if not one.startswith("^")]
    return "|".join([*(["^(?:" + "|".join(begun) + ")"] if begun else []), *rest])


def pattern(name: str, triggers: str, regex: str) -> Pattern:
    """A `Pattern`; the triggers are separated by "|"."""
    return Pattern(name, shortest(triggers.split("|")), re.compile(begun_together(regex), re.MULTILINE))


def _names(line: str) -> frozenset[str]:
    return frozenset(line.split())


READERS = _names(
    "read grep glob ls notebookread read_file read_many_files list_directory search_file_content grep_search"
    " glob_files "
    "view search find_files list_files list_dir codebase_search todoread taskget tasklist"
)
"""Tools that show what is there: their content may hold any word."""
EDITORS = _names(
    "edit multiedit write notebookedit write_file replace apply_patch str_replace_editor create_file edit_file "
    "str_replace_based_edit_tool file_change update_file patch"
)
SHELLS = _names(
    "bash shell exec exec_command run_shell_command local_shell local_shell_call shell_command container.exec "
    "command_execution unified_exec write_stdin terminal run_command run_terminal_cmd execute_command bashoutput "
    "killshell powershell pwsh taskoutput"
)
MARKING = _names("Bash run_shell_command exec_command shell shell_command local_shell container.exec")
"""Shell tools of CLIs that mark every failed command in the result itself: Claude Code ("Exit code N"), Gemini CLI
("Exit Code: N"), Codex ("Exit code: N", "Process exited with code N"). Names as the CLIs write them."""
FAILED_STATUSES = _names(
    "failed failure error errored declined rejected denied cancelled canceled interrupted aborted timeout timed_out "
    "killed invalid"
)
FINE_STATUSES = _names("completed complete success succeeded ok done passed")

SHOWING = re.compile(
    r"\s*(?:cd [^\n;&|]{1,300}(?:&&|;)\s*)?(?:sudo |command |time )?(?:cat|bat|head|tail|less|more|grep|egrep|"
    r"fgrep|rg|ag|ack|sed -n|awk|find|fd|ls|tree|"
    r"stat|file|wc|jq|yq|strings|xxd|hexdump|nl|diff|echo|printf|"
    r"git (?:-C \S+ |--no-pager )?(?:log|show|diff|blame|grep|status|branch|reflog|cat-file|ls-files|ls-tree)|"
    r"gh (?:api|pr (?:view|diff|list)|issue (?:view|list)|run (?:view|list))|docker logs|kubectl logs|"
    r"journalctl|curl)\b"
)
"""A command line that begins by showing something; its output may hold any word."""

EXIT_CODES = re.compile(
    r"\A\s*Exit code (-?\d{1,10})\b|\A\s*Exit code: (-?\d{1,10})[ \t]*\n|\A\s*\[exit code: ?(-?\d{1,10})\]"
    r"|^(?:Process exited with (?:code|status)|Command failed with exit code|Command exited with code) (-?\d{1,10})\b"
    r"|^Exit Code: (-?\d{1,10})[ \t]*$|\A\s*\{[^\x00]{0,1200}\"exit_code\" ?: ?(-?\d{1,10})\b",
    re.MULTILINE,
)
"""How the CLIs write an exit code into a result; the number is in the one group that matched.

"exit code: 1" at the end of an output is none of them: agents like to append `echo "exit code: $?"` to a command.
"""
ECHOED = re.compile(
    r"^(?!exit status \d)[\w ]{0,20}\bexit(?:[ _]?(?:code|status))?[:=]? ?\d{1,3}\s{0,4}\Z",
    re.MULTILINE | re.IGNORECASE,
)
"""An output that ends with an exit code which the command line printed itself: whatever failed, the line went on and
ended with a success."""
ENDS_FINE = re.compile(r"(?:;|\|\||\n)\s{0,8}(?:echo|printf|true|:|exit 0)(?:\s[^;&|\n]{0,200})?\s{0,4}\Z")
"""The end of a command line whose exit code is zero whatever failed before."""
HEADING = re.compile(
    r"^(?:(?:={3}|-{3}|#{3}|\*{3})[ \t]*|(?:={2,8}|-{3,8}|#{2,8}|\*{3,8}|>{3,8}|─{3,8}) ?[\w./][^\n]{0,100})\n",
    re.MULTILINE,
)
"""A line that agents let a command line print between its parts: "---", "=== what comes next ==="."""
ENDED_WELL = re.compile(
    r"^[ \t]{0,8}(?:✓|✔|✅|PASS\b|OK\b|ok\b|[Dd]one(?: in |[.!]|[ \t]*$)|[Ss]uccess(?:fully)?\b|"
    r"All .{1,40} pass(?:ed)?\b|BUILD SUCCESS|Build succe(?:eded|ss)|\d{1,6} pass(?:ed|ing)?\b|0 errors?\b|"
    r"0 fail(?:ed|ures)?\b|\*\* \w+ SUCCEEDED)"
    r"|\b(?:completed? successfully|\d{1,6} passed|up to date|no (?:issues|errors|problems) found)\b",
    re.MULTILINE,
)
"""How a command line says at the end of its output that it ended well."""
SIGNALS = re.compile(r"^Signal: (?!\(none\)|0\b|none\b)(\w+)", re.MULTILINE)
WRAPPER = re.compile(r"\s*(?:<tool_use_error>|<error>|<tool_error>)")

WHOLE: tuple[Pattern, ...] = (
    pattern(
        "rejected",
        "refused|abort|approval|cancel|blocked|protected|read-only|outside|unable|posttooluse|pretooluse|want|denied|"
        "reject|permission|"
        "declined|cancelled|not allowed|interrupted|hook|command substitution|is not in the allowed|plan mode",
        r"\A\W{0,3}(?:The user doesn't want to|(?:Pre|Post)ToolUse:\w{1,40} .{0,300}(?:error|block|denied|"
        r"failed)|.{0,200}\bblocked (?:by|because|operation)|.{0,200}denied by your permission settings|"
        r"Claude Code is (?:unable|not allowed)|.{0,80}is (?:protected|read-only|outside)\b|User (?:rejected|"
        r"declined|denied|cancelled|refused)|\[Request interrupted by user|"
        r"Permission to use .{1,2000} has been denied|Permission to .{1,300} denied|Claude requested permissions? to|"
        r"Tool (?:use|execution|call) (?:was )?(?:rejected|denied|cancelled|not allowed|blocked)|"
        r"(?:The )?(?:tool|command|operation) .{0,80}(?:was )?(?:rejected|denied|cancelled) by (?:the )?(?:user|"
        r"policy)|"
        r"Operation cancelled|\[Operation Cancelled\]|Command substitution using |"
        r"Command .{1,200} is not in the allowed|"
        r"You are not in plan mode|(?:exec )?command rejected|patch rejected|rejected by user|"
        r".{0,120}operation blocked by hook|.{0,40}Hook .{0,80} denied|This command requires approval|"
        r"Interrupted by user|aborted by user|Tool permission request failed)",
    ),
    pattern(
        "missing",
        "no tool|no file|no notebook|no background|does not|is not|emfile|eexist|enotempty|unexist|unknown |"
        "no task|no shell|no agent|"
        "no such|does not exist|not exist|no such file|enoent|not found|"
        "eisdir|enotdir|eacces|eperm|erofs|illegal operation|no files found with|could not find|cannot find|must be|"
        "cannot be|resolves outside|is ignored|unable to locate|unsupported c|with id|no lsp|cannot read",
        r"\A\W{0,3}(?:Error: )?(?:File does not exist|(?:Path|Directory|File|Folder) (?:does not exist|"
        r"not found)|File not found|"
        r"(?:ENOENT|EISDIR|ENOTDIR|EACCES|EPERM|ENOTEMPTY|EEXIST|EMFILE|EROFS)\b|.{0,200}\bENOENT: no such file|"
        r"(?:File |Search |Directory )?[Pp]ath (?:'.{1,300}' )?(?:must be|is not|cannot be|resolves outside|"
        r"is ignored)|"
        r"unable to locate |unsupported c(?:all|ustom)|The path \S{1,300} does not exist|"
        r"Cell with ID .{1,80} not found|"
        r"No LSP server|This tool cannot read|No such file or directory|Could not find (?:file|path)|"
        r"(?:Task|Agent|Shell|Cell|Notebook|Process|Session|Resource|Tool|Entity|Skill|Command|Workflow|Team|"
        r"Branch|Issue|Page|Document|Project|User|Server)s? (?:\S{1,120} )?not found|"
        r"No (?:task|shell|agent|tool|file|such tool|notebook|background (?:task|shell)) (?:found )?(?:with|"
        r"available|named|matching|exists)|Unknown (?:skill|tool|agent|command|function|slash command)|"
        r"(?:Agent|Tool|Skill) (?:type )?['\"`].{1,120}['\"`] (?:not found|is not|does not)|Entity not found)",
    ),
    pattern(
        "edit",
        "jupyter|modified|no match|no replacement|edit failed|failed to |unexpectedly|hunk|context|"
        "verification failed|"
        "already exists|cannot |old_str|string to replace|occurrence|old_string|has not been read|"
        "modified since|no changes to|patch|found|oldstring|attempted to|"
        "failed to edit|failed to apply|unable to|not unique|notebook",
        r"\A\W{0,3}(?:Error: )?(?:String to replace not found|Found \d+ (?:matches|occurrences) of|"
        r"File has (?:not been read|been modified|been unexpectedly)|No changes to (?:make|apply)|"
        r"(?:Failed|Unable) to (?:edit|apply|write|find|patch|update|create)|old_string (?:not found|is not|"
        r"and new)|.{0,80}\b0 occurrences found|.{0,80}[Ee]xpected \d+ occurrences?|"
        r"No (?:match|replacement|occurrences?) (?:found|was performed)|apply_patch verification failed|"
        r"(?:Error: )?Invalid (?:patch|context|hunk)|(?:patch|hunk) .{0,60}(?:failed|does not apply)|"
        r"verification failed|Edit failed|oldString not found|Found multiple matches|Attempted to create a file that|"
        r"Multiple occurrences|"
        r"old_str .{0,80}not|Cannot (?:create|overwrite|edit|write)|File already exists|This is a Jupyter)",
    ),
    pattern(
        "too_large",
        "exceeds|exceeded|too large|too long|maximum",
        r"\A\W{0,3}(?:Error: )?(?:File content|File|Output|Response|MCP tool .{0,120}response|The (?:file|"
        r"output|image))[^\n]{0,160}(?:exceeds|too large|too long)|"
        r"\A(?:PDF is|Image was) too large|\AmaxContentLength size of \d{1,20} exceeded",
    ),
    pattern(
        "sibling",
        "sibling tool call|tool call errored|parallel tool call|cancelled:",
        r"\A\W{0,3}(?:Sibling tool call errored|Cancelled: parallel tool call|.{0,60}tool call errored)",
    ),
    pattern(
        "validation",
        "params|failed due|error |you must|missing |failed to |refusing|skill|agent type|tool |validation|invalid|"
        "unexpected parameter|required|received|schema|unsupported|must be|argument|cannot|"
        "not a prompt|already|disable",
        r"\A\W{0,3}(?:Input ?Validation ?Error|(?:\w{1,40} )?(?:Argument|Schema|Parameter|"
        r"Input) [Vv]alidation [Ee]rror|Argument Validation Error|Validation (?:failed|error)|"
        r"Invalid (?:request|input|arguments?|params|parameters?|tool|URL|url|value|type|regex|path|pages|JSON|"
        r"json|option|api)|Missing (?:required )?(?:parameter|argument|field)|Received (?:non-|invalid|"
        r"unexpected)|"
        r"\w{1,60} failed due to the following issues?|failed to parse function arguments|"
        r"Skill \S{1,80} (?:is not|cannot|could not)|Unsupported |params must|[Rr]equired (?:parameter|argument|"
        r"field)|"
        r"You must |Cannot (?:read|open|access|find|resume|use|call|invoke|delete|update|set|parse)|Skill tool|"
        r"Refusing to|"
        r"Agent type|Tool \S{1,80} (?:is not|does not|cannot)|Error executing|Error calling|Error (?:reading|"
        r"writing|searching|editing|listing|fetching|executing|running|processing|creating|updating|loading|"
        r"parsing|during|in|when|while|from|performing)|Failed to )",
    ),
    pattern(
        "request",
        "error|server returned| bad|getaddrinfo|web search|websearch|authentication|failed to |eproto|"
        "bad request|not found|internal|"
        "service|gateway|forbidden|status|status code|http|fetch|request|unable to|timed out|timeout|econn|"
        "enotfound|network|socket|domain|"
        "redirect|issuer|self-signed|connection closed|rate limit|quota|unauthorized|forbidden|api error|"
        "api key|ssl|certificate|server error|"
        "overloaded|bad gateway|too many",
        r"\A\W{0,3}(?:Error: )?(?:(?:\w{1,30} )?[Rr]equest (?:failed|timed out|error)|(?:HTTP|Error|Status|"
        r"Server returned)(?: status)?(?: code)?:? ?[45]\d\d\b|[45]\d\d (?:Not Found|Forbidden|Unauthorized|Bad|"
        r"Internal|Too Many|Service|Gateway)|"
        r"(?:Failed|Unable) to (?:fetch|verify|connect|reach|download|resolve|load)|fetch failed|(?:MCP |"
        r"Tool )?.{0,60}\b[Tt]imed out\b|Timeout|ECONN\w+|ENOTFOUND|getaddrinfo|socket hang up|Network error|"
        r"Domain .{1,200} is not|Rate limit|Too [Mm]any [Rr]equests|Unauthorized|Forbidden|API [Ee]rror|"
        r"Authentication (?:failed|error|required)|Internal [Ss]erver [Ee]rror|certificate has expired|"
        r"unable to get (?:local )?issuer|self-signed certificate|Connection closed|"
        r"Web ?search (?:error|failed)|Service [Uu]navailable|Bad [Gg]ateway)",
    ),
    pattern(
        "mcp",
        "is not a |failed|not|mcp error|error|is not a function|exception|undefined",
        r"\A### Result\n(?:Error|### Error)|\Atool call error: |\Acollab \w{1,20} failed|"
        r"\Afailed to \w{1,30} .{0,300}: [45]\d\d\b|\A\W{0,3}(?:MCP error -?\d+|MCP (?:server|"
        r"tool) .{0,120}(?:error|failed|not)|Error:|error:|ERROR:|"
        r"Error executing|Error calling|Error (?:reading|writing|searching|editing|listing|fetching|executing)|"
        r".{0,160} is not a (?:function|constructor)|Cannot read propert(?:y|ies) of|\w{0,40}(?:Error|"
        r"Exception): |(?:Internal|Unexpected|Unknown|Execution|Runtime) [Ee]rror)",
    ),
    pattern(
        "tool_error",
        "ripgrep|rg:|error",
        r"\A\W{0,3}(?:ripgrep |rg: )(?:\S+: )?(?:error|.{0,120}(?:No such|regex|failed))|\AError (?:searching|"
        r"running|reading|listing)",
    ),
)
"""A result that is nothing but the report of a failure; any tool but a shell."""

REFUSALS = tuple(pattern for pattern in WHOLE if pattern.name in {"rejected", "sibling"})
"""Those a shell tool reports too."""
