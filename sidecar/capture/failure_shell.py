"""What shells, programs and the tools of test and build print when something failed; tables, no logic.

Owns: `SHELL`, `FRINGE`, `VERDICTS`.
Never: holds a pattern with nested repetition; every `.` run is bounded and stays on its line.
Invariant: as for `failure_patterns.Pattern`: each trigger is part of everything the pattern matches.
"""

# ruff: noqa: RUF001 -- the marks are written as the tools print them

from __future__ import annotations

from sidecar.capture.failure_patterns import Pattern, pattern

SHELL: tuple[Pattern, ...] = (
    pattern(
        "shell",
        "bad |cannot|unmatched|read-only|not found|no such file|permission denied|syntax error|parse error|"
        "no matches|unexpected|unbound|"
        "ambiguous|bad substitution|cannot execute|is a directory|not a directory|event not found|unmatched|"
        "read-only",
        r"^(?:(?:/\S{1,60}/)?(?:ba|z|da|k|c|tc|fi)?sh|\(eval\)|-bash|/\S{1,200}\.sh|\./\S{1,120}|"
        r"\S{1,80}\.sh): ?(?:line )?\d{0,6}:? ?.{0,240}"
        r"(?:not found|No such file or directory|no such file or directory|[Pp]ermission denied|syntax error|"
        r"parse error|no matches found|unbound variable|ambiguous redirect|[Bb]ad substitution|bad pattern|"
        r"cannot execute|Is a directory|not a directory|Not a directory|read-only|unmatched|bad option|"
        r"unexpected)"
        r"|^\S{1,80}: command not found[ \t]*$|^(?:zsh: )?command not found: |^(?:zsh|bash|sh): .{0,160}not found",
    ),
    pattern(
        "git",
        "overwritten|fatal:|error:|conflict (|automatic merge failed|[rejected]|[remote rejected]|could not apply|"
        "merge conflict|not something we can merge|did not match any file|are ignored by|needs merge|unmerged|"
        "nothing to commit|nothing added|no changes added|cherry-pick failed|not possible because|"
        "please commit or stash",
        r"^(?:fatal: |error: (?:[Cc]ould not|[Ff]ailed|pathspec|unable|[Cc]annot|cannot|Your local|patch failed|"
        r"unknown (?:option|switch|revision)|switch |the |branch |src refspec|No such|object |short |RPC |"
        r"Merging is|Committing is|Pulling is|Entry |Untracked|invalid |commit |corrupt|.{0,120}(?:not found|"
        r"did not match|does not exist|does not apply|already exists))|"
        r"CONFLICT \(|Automatic merge failed|Could not apply [0-9a-f]{6,40}|The following paths are ignored by|"
        r"The following untracked working tree files would be overwritten|"
        r"merge: .{0,120} - not something we can merge| ! \[(?:remote )?rejected\])",
    ),
    pattern(
        "crash",
        "panicked at|exit code: |hook id|...failed|heap|terminated|traceback (most|panic:|segmentation fault|"
        "core dumped|exception in thread|fatal error|uncaught|"
        "unhandled|unhandledpromise|killed|abort trap|bus error|out of memory|stack overflow|assertion|"
        "node.js v|bun v|hook exited|husky|pre-commit|lint-staged|node:internal|cannot find module|err_module|"
        "goroutine 1 [",
        r"^(?:Traceback \(most recent call last\):|panic: |goroutine 1 \[running\]|.{0,120}Segmentation fault|"
        r".{0,120}\(core dumped\)|Exception in thread|fatal error: |Fatal error: |FATAL ERROR: |"
        r"(?:\S{1,40} )?Uncaught |Unhandled (?:exception|rejection|promise)|node:internal/\S+|"
        r"Error: Cannot find module|(?:/\S{1,200}: line \d+: +\d+ )?Killed\b|Abort trap|Bus error|"
        r"thread '.{1,80}' (?:\(\d+\) )?panicked at|\[?UnhandledPromiseRejection|"
        r".{0,80}JavaScript heap out of memory|Node\.js v\d+\.\d|Bun v\d+\.\d[^\n]{0,40}\(|"
        r"husky - .{1,60} (?:failed|exited)|.{0,80}hook exited with (?:error )?code|.{0,80}\.{3,}Failed[ \t]*$|"
        r"- exit code: [1-9])",
    ),
    pattern(
        "exception",
        "error|exception",
        r"^(?:[\w.]{0,80}(?:Error|Exception)(?: \[\w+\])?: .{1,400}|[\w.]{1,80}(?:Error|"
        r"Exception))\n(?:[ \t]{2,}at |[ \t]+\^|\Z|[ \t]*from |[ \t]+File )|"
        r"^\S{1,200}\.rb:\d+:in .{1,200}(?:Error|Exception)\b|\A(?:[A-Z]\w{0,40}Error|[\w.]{1,60}Exception): ",
    ),
    pattern(
        "usage",
        "argument|is not a |unknown flag|unknown shorthand|unknown command|unknown option|unrecognized argument|"
        "unrecognized option|illegal option|invalid option|unexpected argument|no such option|no such command|"
        "required flag|accepts |requires at least|flag provided but|too many arguments|missing argument|"
        "flag needs an argument|the following arguments are required|invalid choice|input must be|"
        "required argument|unknown argument|is not a known|is not a|unrecognised|not enough arguments|"
        "missing required|expected one|invalid argument|unknown field|unknown json field",
        r"^(?:\S{1,40}: )?(?:[Ee]rror: |ERROR: )?(?:unknown (?:shorthand )?(?:flag|command|option|argument)|"
        r"[Uu]nknown JSON field|Unknown (?:command|option|argument|flag)s?\b|unrecognized (?:arguments?|"
        r"options?)|illegal option|invalid option|flag provided but not defined|flag needs an argument|"
        r"required flag\(s\)|accepts (?:at most |at least |between )?\d+ .{0,20}arg|requires at least|"
        r"unexpected argument|[Nn]o such (?:option|command)|the following arguments are required|"
        r"[Tt]oo many arguments|[Mm]issing (?:required )?argument|argument .{1,80}: invalid|"
        r".{0,80} is not a \S{1,20} command|Input must be provided)",
    ),
    pattern(
        "checks",
        "\tfail\t",
        r"^[^\t\n]{1,120}\tfail\t[^\t\n]{1,20}\thttps?://",
    ),
    pattern(
        "http",
        "(http |curl: (|http/|wget:|error from server|graphql|connection refused|could not resolve|status code|"
        "pull request create failed|gh: |no default remote|http error| failed: |http 4|http 5|no pull requests",
        r"^(?:gh: .{1,300}\(HTTP [45]\d\d\)|.{0,1200}\(HTTP [45]\d\d\)[ \t]*$|curl: \(\d+\)|wget: |"
        r"Error from server|GraphQL: |.{0,120}(?:create|merge|edit|review|close|view|checkout|comment) failed: |"
        r"HTTP [45]\d\d: |.{0,200}[Cc]onnection refused[ \t]*$|.{0,120}[Cc]ould not resolve host|"
        r"no pull requests found)",
    ),
)
"""Messages of a shell, of git and of programs; shell tools only, and only while no exit code says zero."""

FRINGE: tuple[Pattern, ...] = (
    pattern(
        "program",
        "can not|option|argument|no such file|permission denied|cannot |can't |is a directory|not a directory|"
        "illegal option|"
        "invalid option|unrecognized option|unknown option|file exists|not permitted|missing operand|usage|"
        "invalid|omitting|unterminated|command garbled|extra characters|not readable|too many|unexpected|"
        "no space",
        r"^(?:ls|cat|cd|cp|mv|rm|rmdir|mkdir|grep|egrep|rg|head|tail|sed|find|stat|chmod|chown|touch|ln|wc|diff|"
        r"tar|unzip|zip|du|df|awk|gawk|sort|uniq|cut|xargs|tee|env|which|readlink|realpath|open|source|timeout|"
        r"date|kill|ps|tree|patch|base64|less|file|install|dirname|basename|xxd|od|tr|seq|test|\[|pushd|popd|"
        r"export|read|wait|fg|bg|nohup|nice|sudo|su|ssh|scp|rsync|mktemp|cmp|comm|paste|split|strings|nl|lsof|"
        r"netstat|top|pgrep|pkill|killall|md5sum|sha256sum|shasum|gzip|gunzip|bzip2|xz|bat|fd|jq|yq|bc|expr|"
        r"stdbuf|column|fold|python3?(?:\.\d+)?|node|ruby|perl|php|java|bash|sh|zsh|make|gcc|g\+\+|clang|ld)"
        r": (?:.{0,240}: )?(?:[Nn]o such file or directory|[Pp]ermission denied|Is a directory|Not a directory|"
        r"cannot |can't |can not |illegal option|invalid option|unrecognized option|unknown option|"
        r".{0,40}(?:option|argument)|File exists|Operation not permitted|missing operand|omitting directory|"
        r"invalid |.{0,60}unterminated|.{0,60}extra characters|.{0,60}command garbled|No space left|Too many|"
        r"unexpected)",
    ),
    pattern(
        "system",
        "i/o timeout|code: '|no such file|permission denied|already in use|eaddrinuse|connection refused|"
        "no such host|"
        "not a directory|is a directory|file exists|timed out|killed|terminated|enoent|eacces|module_not_found|"
        "deadline exceeded",
        r"^(?:stat|open|lstat|fork/exec|chdir|mkdir|unlink|remove|read|exec|listen tcp|"
        r"dial tcp) .{1,300}: (?:no such file or directory|permission denied|not a directory|is a directory|"
        r"file exists|address already in use|connection refused|.{0,80}no such host|i/o timeout)|"
        r"^.{0,200}\bEADDRINUSE\b|^Command timed out after|^Terminated\b|^.{0,200}\b(?:ENOENT|EACCES): |"
        r"^ *code: '(?:MODULE_NOT_FOUND|ERR_\w+|E[A-Z]{4,})'|^no such file or directory",
    ),
    pattern(
        "error_line",
        "exception|error|fatal",
        r"^\W{0,4}(?:\[[\w:.-]{1,30}\] )?(?:[Ee]rror|ERROR|FATAL|[Ff]atal)(?:\[\w+\]| \[\w+\]| \(\w+\))?: \S|"
        r"^\W{0,4}(?:\w{0,40}Error|\w{1,40}Exception|\w+\.\w+(?:Error|Exception)): \S|^\S{1,80}: (?:error|fatal|"
        r"ERROR|Error): |^(?:jq|gh|xcodebuild): error|^\w{2,20} ERROR \S|^level=(?:error|fatal) |"
        r"^Error \S.{0,80}:|^(?:Runtime|Internal|Unexpected|Parse|Syntax) error\b|^error TS\d",
    ),
    pattern(
        "tool_message",
        "no checks|no pull|no go files|no test files|cannot|can't|could not|couldn't|failed|unable|no such|"
        "invalid|unknown|not found|updates to|does not|"
        "no required|missing|is not|required|no default",
        r"^(?:gh|go|npm|npx|pnpm|yarn|bun|bunx|deno|cargo|rustc|rustup|pip3?|uv|uvx|poetry|pipx|conda|docker|"
        r"docker-compose|podman|kubectl|helm|terraform|tofu|aws|gcloud|az|brew|apt|apt-get|make|cmake|ninja|"
        r"mise|asdf|nvm|psql|mysql|sqlite3|redis-cli|git|ssh|scp|python3?|node|ruby|bundle|gem|perl|php|"
        r"composer|java|javac|swift|dotnet|gradle|mvn|fly|flyctl|heroku|vercel|netlify|supabase|prisma|railway|"
        r"nx|turbo|lerna|vite|webpack|rollup|esbuild|tsc|tsx|ts-node|vitest|jest|pytest|ruff|black|mypy|eslint|"
        r"prettier|biome|golangci-lint|goreleaser|gofmt|osascript|xcrun|xcodebuild|systemctl|service|crontab|"
        r"openssl|gpg|ffmpeg|convert|pdftotext|tesseract|adb|sed|awk|find): "
        r".{0,200}(?:cannot|can't|could not|couldn't|failed|unable|no such|invalid|unknown|not found|updates to|"
        r"does not|no required|missing|is not|required)|^(?:[Ff]ailed to |[Cc]ould not |[Cc]ouldn't |"
        r"[Uu]nable to |[Cc]annot |Can't |Command failed|.{0,40}\bcommand failed)|^no (?:required module|"
        r"Go files|test files matching|pull requests found|checks reported|default remote)|^Unknown (?:command|"
        r"option|argument|flag|syntax|file)",
    ),
    pattern(
        "mark",
        "fail|✗|✘|❌|✖|failed|fail:",
        r"^[ \t]{0,4}(?:✗|✘|❌|✖) .{0,200}|^(?:FAILED|FAIL)[:!]? .{0,120}|^.{0,60}\b(?:[Bb]uild|[Tt]ests?|"
        r"[Cc]ompilation|[Ll]int(?:ing)?|[Dd]eploy(?:ment)?|[Ii]nstall(?:ation)?|[Mm]igration|[Vv]alidation|"
        r"[Tt]ype ?check(?:ing)?|[Cc]heck|[Pp]ipeline|[Jj]ob|[Cc]ommand|[Ss]cript|[Tt]ask|[Pp]ush|[Mm]erge|"
        r"[Rr]ebase)s? (?:has |have )?(?:failed|FAILED)\b.{0,80}$",
    ),
)
"""Messages believed only at the edge of an output: its first line or its last two; shell tools only."""

VERDICTS: tuple[Pattern, ...] = (
    pattern(
        "go",
        "fail|# |.go:|import cycle",
        r"^[ \t]*--- FAIL: |^FAIL\t\S|^FAIL[ \t]*$|\[(?:build|setup) failed\]|"
        r"^# \S+(?: \[\S+\])?\n(?:\S+\.go:\d+:\d+: |package |vet: |\S*\.go:\d+)|"
        r"^[ \t]*(?:imports \S+.{0,120}: )?import cycle not allowed|^\S+\.go:\d+:\d+: (?:undefined|syntax error|"
        r"declared and not used|cannot use|missing return|.{0,80}imported and not used|expected )",
    ),
    pattern(
        "pytest",
        "failed|failures|e   | error|error |errors",
        r"^(?:FAILED|ERROR) \S+(?:\.py|::)\S*|^=+ .{0,120}\b[1-9]\d* (?:failed|errors?)\b.{0,120} =+[ \t]*$|"
        r"^[1-9]\d* failed(?:, | in )|^E {3}(?:\w{0,60}(?:Error|Exception)|assert )|^FAILED \((?:failures|"
        r"errors|unexpected)|^ERROR collecting|^=+ (?:FAILURES|ERRORS) =+",
    ),
    pattern(
        "javascript_test",
        "not ok|fail|error: expect(|✗",
        r"^\(fail\) |^error: expect\(|^✗ .{1,200} \[[\d.]+ ?m?s\]|^[ \t]+\d+\) \[\w+\] › |^[ \t]*(?:Tests?|"
        r"Test Suites?|Test Files|Suites)(?::| ) *.{0,60}[1-9]\d* failed\b|^ ?(?:FAIL|❯ FAIL|"
        r" FAIL ) .{0,160}\.(?:[cm]?[jt]sx?|vue|svelte)\b|^[ \t]+[1-9]\d* failing[ \t]*$|"
        r"^[ \t]*[1-9]\d* fail[ \t]*$|^# fail [1-9]|^[ \t]*[1-9]\d* failed[ \t]*$|^not ok \d+|"
        r"^[ \t]*ℹ fail [1-9]|⎯+ Failed (?:Tests|Suites) [1-9]",
    ),
    pattern(
        "rust",
        "--> |test result: failed|could not compile|error: test failed|error: aborting|... failed",
        r"^error(?:\[E\d{4}\])?: .{1,300}\n[ \t]*--> |^test result: FAILED|^error: could not compile|"
        r"^error: test failed|^error: aborting due to|^test \S{1,200} \.\.\. FAILED",
    ),
    pattern(
        "compiler",
        " error|error ts|build failed|error]|error during build|error in |failed to compile|error: |"
        "undefined reference|.kt|errors",
        r"^\S[^\n:(]{0,200}[(:]\d+[,:]\d+\)?: (?:fatal )?error\b|^.{0,200}\berror TS\d{4,5}: |"
        r"^Found [1-9]\d* errors?(?: in \d+ files?)?(?: \(|\.|\s|$)|^[1-9]\d* errors? generated|"
        r"^[1-9]\d* errors?[ \t]*$|: error (?:CS|MSB|FS|NU|NETSDK|LNK|C)\d+:|^e: \S+\.kts?|"
        r"^[^\s:]{1,200}:\d+(?::\d+)?: (?:fatal )?error: |"
        r"^Build FAILED|^Build failed with [1-9]|^✘ \[ERROR\]|^[ \t]*x Build failed|^error during build:|"
        r"^ERROR in |^Failed to compile|^(?:ld|clang|collect2|rustc|swiftc): error:|^clang: error|"
        r"undefined reference to|^Type error: |^SyntaxError: |^error: .{0,200}compil",
    ),
    pattern(
        "linter",
        "violation|.go:|issue|reformat|lint/|problem|errors were| error|code style",
        r"^✖ [1-9]\d* problems?|^.{1,200} lint/\w+/\w+ .{0,40}━|^Some errors were emitted|"
        r"^[ \t]+\d+:\d+ +error +\S|^[1-9]\d* problems?(?: \([1-9]\d* errors?)?|^[1-9]\d* issues?[:.][ \t]*$|"
        r"^\[[\w:-]+\] [1-9]\d* issues?:|^Found [1-9]\d* errors?\b|^Found [1-9]\d* (?:issues?|problems?|"
        r"violations?)|^[1-9]\d* files? would be reformatted|^\[warn\] Code style issues|"
        r"^\S+\.go:\d+:\d+: .{1,300} \([a-z]\w{1,20}\)[ \t]*$|"
        r"^Checked \d+ files?.{0,80}\n.{0,40}Found [1-9]\d* errors?",
    ),
    pattern(
        "build",
        "failed|failure|error]|*** |build stopped|npm err|yarn |err_pnpm|elifecycle|exited with|error: |"
        "error response|exit code|cmake error|mise error|err!|error command|error task",
        r"^BUILD FAILED|^> Task \S+ FAILED|^FAILURE: Build failed|^\[ERROR\] |BUILD FAILURE|"
        r"^g?make(?:\[\d+\])?: \*\*\* |^ninja: build stopped|^npm (?:ERR!|error) |^yarn (?:run )?error |"
        r"^error Command failed|^.{0,4}ELIFECYCLE|ERR_PNPM|^error: (?:script|"
        r"\"bun .{1,80}\") ?.{0,80} ?exited with|^error: Script not found|^\S{0,4} ?Build failed|"
        r"^.{0,4}\[vite\]: Rollup failed|^.{0,20}Command failed with exit code [1-9]|^ERROR: (?:failed to|"
        r"process)|^ERROR: failed|^Error response from daemon|^.{0,40}ERROR: failed to solve|"
        r"^\[[\w:.-]+\] ERROR task failed|^ERROR task failed|^FAILED: |"
        r"^Error: Process completed with exit code [1-9]|^CMake Error|^mise ERROR|^\*\* BUILD FAILED \*\*|"
        r"^npm ERR|^lerna ERR!|^ *nx run .{0,80}failed|Failed:? +\S+#\w+$|^error: builder for|"
        r"^[ \t]*×? ?failed to (?:build|solve)|^ERROR: Could not (?:find|install)|^error: externally-managed|"
        r"^ERROR: .{0,80}(?:resolution|dependency)",
    ),
    pattern(
        "test",
        "failure|failed|fail|errors|tests passed",
        r"^\d+ examples?, [1-9]\d* failures?|^FAILURES!|^ERRORS![ \t]*$|^Tests: \d+.{0,80}(?:Failures|"
        r"Errors): [1-9]|\b\d+% tests passed, [1-9]\d* tests? failed|^Failed![ \t]+- Failed:|^Test Run Failed|"
        r"Executed \d+ tests?, with [1-9]\d* failures?|^\*\* TEST FAILED \*\*|"
        r"^Tests run: \d+, Failures: (?:[1-9]|\d+, Errors: [1-9])|^\d+ tests?, [1-9]\d* (?:failures?|failed)|"
        r"^[ \t]*[1-9]\d* tests? failed|^Failing:|^✗ FAIL|^❌ ?(?:FAIL|\d+ tests? failed)|^FAILED \(|"
        r"^\d+ runs?, \d+ assertions, (?:[1-9]\d* failures|\d+ failures, [1-9])|^✘ Test |"
        r"^# Looks like you failed|^Result: FAIL",
    ),
)
"""What test, lint and build tools print when a run failed; believed even where the exit code says zero."""

HINTS = (
    *("fail", "error", "\n# ", ".go:", "import cycle", "\ne   ", "undefined reference", ".kt", "violation", "issue"),
    *("reformat", "lint/", "problem", "code style", "*** ", "build stopped", "npm err", "err_pnpm", "elifecycle"),
    *("err!", "not ok", "✗"),
)
"""Whatever one of `VERDICTS` matches holds one of these in its first or second line, lower case; a line that begins
with one has a line end before it."""
