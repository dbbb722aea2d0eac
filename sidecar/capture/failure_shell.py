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
        "read-only|is not recognized as |password is required|terminal is required",
        r"^(?:(?:/\S{1,60}/)?(?:ba|z|da|k|c|tc|fi)?sh|\(eval\)|-bash|/\S{1,200}\.sh|\./\S{1,120}|"
        r"\S{1,80}\.sh): ?(?:line )?\d{0,6}:? ?.{0,240}"
        r"(?:not found|No such file or directory|no such file or directory|[Pp]ermission denied|syntax error|"
        r"parse error|no matches found|unbound variable|ambiguous redirect|[Bb]ad substitution|bad pattern|"
        r"cannot execute|Is a directory|not a directory|Not a directory|read-only|unmatched|bad option|"
        r"unexpected)"
        r"|^\S{1,80}: command not found[ \t]*$|^(?:zsh: )?command not found: |^(?:zsh|bash|sh): .{0,160}not found|"
        r"^\S{1,120}(?: :)?.{0,160} is not recognized as (?:the name of|an internal)|"
        r"^sudo: a (?:password|terminal) is required",
    ),
    pattern(
        "git",
        "overwritten|fatal:|error:|conflict (|automatic merge failed|[rejected]|[remote rejected]|could not apply|"
        "merge conflict|not something we can merge|did not match any file|are ignored by|needs merge|unmerged|"
        "nothing to commit|nothing added|no changes added|cherry-pick failed|not possible because|"
        "please commit or stash|no stash entries|must edit all merge",
        r"^(?:fatal: |error: (?:[Cc]ould not|[Ff]ailed|pathspec|[Uu]nable|[Cc]annot|cannot|Your local|patch failed|"
        r"unknown (?:option|switch|revision)|switch |the |branch |src refspec|No such|object |short |RPC |"
        r"Merging is|Committing is|Pulling is|Entry |Untracked|invalid |commit |corrupt|.{0,120}(?:not found|"
        r"did not match|does not exist|does not apply|already exists))|"
        r"CONFLICT \(|No stash entries found|You must edit all merge conflicts|Automatic merge failed|"
        r"Could not apply [0-9a-f]{6,40}|The following paths are ignored by|"
        r"The following untracked working tree files would be overwritten|"
        r"merge: .{0,120} - not something we can merge| ! \[(?:remote )?rejected\])",
    ),
    pattern(
        "crash",
        "panicked at|exit code: |hook id|...failed|heap|terminated|traceback (most|panic:|segmentation fault|"
        "core dumped|exception in thread|fatal error|uncaught|"
        "unhandled|unhandledpromise|killed|abort trap|bus error|out of memory|stack overflow|assertion|"
        "node.js v|bun v|hook exited|husky|pre-commit|lint-staged|node:internal|cannot find module|err_module|"
        "goroutine 1 [|parse error: |no module named|can't open|assertionerror",
        r"^(?:Traceback \(most recent call last\):|panic: |goroutine 1 \[running\]|.{0,120}Segmentation fault|"
        r".{0,120}\(core dumped\)|Exception in thread|fatal error: |Fatal error: |FATAL ERROR: |"
        r"(?:\S{1,40} )?Uncaught |Unhandled (?:exception|rejection|promise)|node:internal/\S+|"
        r"Error: Cannot find module|(?:/\S{1,200}: line \d+: +\d+ )?Killed\b|Abort trap|Bus error|"
        r"thread '.{1,80}' (?:\(\d+\) )?panicked at|\[?UnhandledPromiseRejection|"
        r".{0,80}JavaScript heap out of memory|Node\.js v\d+\.\d|Bun v\d+\.\d[^\n]{0,40}\(|"
        r"husky - .{1,60} (?:failed|exited)|.{0,80}hook exited with (?:error )?code|"
        r"- exit code: [1-9]|(?:PHP )?(?:Fatal|Parse) error: |[ \t]{0,8}AssertionError[: ]|"
        r"(?:/\S{1,200}/)?python[\d.]{0,5}: (?:No module named|can't open))",
    ),
    pattern(
        "exception",
        "error|exception",
        r"^(?:[\w.]{0,80}(?:Error|Exception)(?: \[\w+\])?: .{1,400}|[\w.]{1,80}(?:Error|"
        r"Exception))\n(?:[ \t]{2,}at |[ \t]+\^|\Z|[ \t]*from |[ \t]+File )|"
        r"^\S{1,200}\.rb:\d+:in .{1,200}(?:Error|Exception)\b|^\*\* \([\w.]{0,60}(?:Error|Exception)\) |"
        r"\A(?:[A-Z]\w{0,40}Error|[\w.]{1,60}Exception): ",
    ),
    pattern(
        "usage",
        "argument|is not a |unknown flag|unknown shorthand|unknown command|unknown option|unrecognized argument|"
        "unrecognized option|illegal option|invalid option|unexpected argument|no such option|no such command|"
        "required flag|accepts |requires at least|flag provided but|too many arguments|missing argument|"
        "flag needs an argument|the following arguments are required|invalid choice|input must be|"
        "required argument|unknown argument|usage: git |is not a known|is not a|unrecognised|not enough arguments|"
        "missing required|expected one|invalid argument|unknown field|unknown json field",
        r"^(?:\S{1,40}: )?(?:[Ee]rror: |ERROR: )?(?:unknown (?:shorthand )?(?:flag|command|option|argument)|"
        r"[Uu]nknown JSON field|Unknown (?:command|option|argument|flag)s?\b|unrecognized (?:arguments?|"
        r"options?)|illegal option|invalid option|flag provided but not defined|flag needs an argument|"
        r"required flag\(s\)|accepts (?:at most |at least |between )?\d+ .{0,20}arg|requires at least|"
        r"unexpected argument|[Nn]o such (?:option|command)|the following arguments are required|"
        r"[Tt]oo many arguments|[Mm]issing (?:required )?argument|argument .{1,80}: invalid|"
        r".{0,80} is not a \S{1,20} command|Input must be provided)|\A\s{0,4}usage: git ",
    ),
    pattern(
        "checks",
        "\tfail\t|\tpending\t",
        r"^[^\t\n]{1,120}\t(?:fail|pending)\t[^\t\n]{1,20}\thttps?://",
    ),
    pattern(
        "http",
        "(http |curl: (|http/|wget:|error from server|graphql|connection refused|could not resolve|status code|"
        "pull request create failed|to get started with github cli|gh: |no default remote|http error|"
        " failed: |http 4|http 5|no pull requests",
        r"^(?:gh: .{1,300}\(HTTP [45]\d\d\)|.{0,1200}\(HTTP [45]\d\d\)[ \t]*$|curl: \(\d+\)|wget: |"
        r"Error from server|GraphQL: |.{0,120}(?:create|merge|edit|review|close|view|checkout|comment) failed: |"
        r"HTTP [45]\d\d: |.{0,200}[Cc]onnection refused[ \t]*$|.{0,120}[Cc]ould not resolve host|"
        r"no pull requests found|To get started with GitHub CLI)",
    ),
    pattern(
        "lint_code",
        ":0|:1|:2|:3|:4|:5|:6|:7|:8|:9",
        r"^(?:[^\s:]{1,200}\.\w{1,8}|\S{0,200}Dockerfile):\d+(?::\d+)?:? (?:error |warning )?(?:[A-Z]{1,5}\d{2,5}|"
        r"MD\d{3}/\S{1,60})[: ]|^[^\s:]{1,200}\.\w{1,8}:\d+:\d+: (?!warning|note|info|"
        r"WARN).{1,300} (?:\[[a-z][a-z-]{2,40}\]|\([A-Z]{1,2}\d{4}\)|"
        r"\((?:standard|custom):[\w-]{1,60}\))[ \t]*$",
    ),
    pattern(
        "service",
        "error response from daemon|docker daemon|no configuration file|error during connect|was refused|"
        "an error occurred (|permission denied (|host key verification|connection closed|connection reset|"
        "connection timed out|rsync error|could not be found|error:  |fatal:  |panic:  |error |[emerg]|[!] |"
        "communications error",
        r"^(?:docker: )?Error response from daemon: |^(?:docker: )?Cannot connect to the Docker daemon|"
        r"^no configuration file provided: |^error during connect: |"
        r"^The connection to the server \S{1,200} was refused|"
        r"^An error occurred \(\w{1,80}\) when calling the |^(?:\S{1,200}: )?Permission denied \(\w|"
        r"^Host key verification failed|^Connection (?:closed|reset|timed out) (?:by|with) |^rsync error: |"
        r"^Unit \S{1,120} could not be found|^(?:psql:\S{1,200}:\d+: )?(?:ERROR|FATAL|PANIC):  \S|"
        r"^ERROR \d{3,4} \(\w{5}\)|^nginx: \[emerg\]|^\[!\] (?:CocoaPods could not|Unable|Error|Invalid|Oh no)|"
        r"^;; (?:connection timed out|communications error)",
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
        r": {1,2}(?:.{0,240}: )?(?:[Nn]o such file or directory|[Pp]ermission denied|Is a directory|Not a directory|"
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
        "deadline exceeded|not permitted|already in use|service not known|name resolution|does not exist",
        r"^(?:stat|open|lstat|fork/exec|chdir|mkdir|unlink|remove|read|exec|listen tcp|"
        r"dial tcp) .{1,300}: (?:no such file or directory|permission denied|not a directory|is a directory|"
        r"file exists|address already in use|connection refused|.{0,80}no such host|i/o timeout)|"
        r"^.{0,200}\bEADDRINUSE\b|^Command timed out after|^Terminated\b|^.{0,200}\b(?:ENOENT|EACCES): |"
        r"^ *code: '(?:MODULE_NOT_FOUND|ERR_\w+|E[A-Z]{4,})'|^no such file or directory|"
        r"^\S{1,120}: (?:.{0,200}: )?(?:No such file or directory|Permission denied|Operation not permitted|"
        r"Connection refused|Address already in use|Name or service not known|Temporary failure in name resolution|"
        r"(?:.{0,80} )?does not exist\.?)[ \t]*$",
    ),
    pattern(
        "error_line",
        "exception|error|fatal|e: ",
        r"^[^\w\n<>+-]{0,4}(?:\[[\w:.-]{1,30}\] )?(?:[Ee]rror|ERROR|FATAL|[Ff]atal)(?:\[\w+\]| \[\w+\]| \(\w+\))?: \S|"
        r"^[^\w\n<>+-]{0,4}(?:\w{0,40}Error|\w{1,40}Exception|\w+\.\w+(?:Error|Exception)): \S|"
        r"^\S{1,80}: (?:error|fatal|"
        r"ERROR|Error): |^(?:jq|gh|xcodebuild): error|^\w{2,20} ERROR \S|^level=(?:error|fatal) |"
        r"^Error (?!handling|reporting|logging|tracking)(?:[a-z]{2,20}ing|in|on|at|while|when|from|during|"
        r"code|\d{1,5})\b.{0,80}:|"
        r"^(?:Runtime|Internal|Unexpected|Parse|Syntax) error\b|^error TS\d|"
        r"^parse error: |^E: \S|^\[ERROR\] \S",
    ),
    pattern(
        "tool_message",
        "no checks|no pull|no go files|no test files|cannot|can't|could not|couldn't|failed|unable|no such|"
        "invalid|unknown|not found|updates to|does not|"
        "no required|missing|is not|required|no default|package(s) not found|no crontab for",
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
        r"option|argument|flag|syntax|file)|"
        r"^(?:\S{1,40} ){0,3}(?:could not|couldn't|Couldn't|cannot|can't|unable to) (?:find|locate|open|connect|load|"
        r"resolve|determine|access|parse|be found)\b|"
        r"^WARNING: Package\(s\) not found|^no crontab for ",
    ),
    pattern(
        "mark",
        "fail|✗|✘|❌|✖|failed|fail:",
        r"^[ \t]{0,4}(?:✗|✘|❌|✖) (?!\d+ problems? \(0 errors).{0,200}|^(?:FAILED|FAIL)[:!]? .{0,120}|"
        r"^(?!\[[^\]\n]{1,80} [0-9a-f]{7,12}\]|[0-9a-f]{7,12} ).{0,60}\b(?:[Bb]uild|[Tt]ests?|"
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
        r"^# \S+(?: \[\S+\])?\n(?:\S+\.go:\d+:\d+: |package \S+ is not in |vet: |# \[\S+\]\n|\S*\.go:\d+)|"
        r"^[ \t]*(?:imports \S+.{0,120}: )?import cycle not allowed|^\S+\.go:\d+:\d+: (?:undefined|syntax error|"
        r"declared and not used|cannot use|missing return|.{0,80}imported and not used|expected )",
    ),
    pattern(
        "pytest",
        "fail|e   | error|error |errors|error:|error: ",
        r"^(?:FAILED|ERROR) \S+(?:\.py|::)\S*|^=+ .{0,120}\b[1-9]\d* (?:failed|errors?)\b.{0,120} =+[ \t]*$|"
        r"^[1-9]\d* failed(?:, | in )|^E {2,12}(?:[\w.]{0,80}(?:Error|Exception|Flaky)\b|assert )|"
        r"^(?:FAIL|ERROR): test\w{0,100} \(|^FAILED \((?:failures|"
        r"errors|unexpected)|^ERROR collecting|^=+ (?:FAILURES|ERRORS) =+|"
        r"^(?:FAIL|ERROR:?) Required test coverage|^ {2}\S{1,60}: FAIL(?: code \d+)? \(|"
        r"^ERROR: {2,4}\S{1,60}: commands failed|"
        r"^nox > Session \S{1,80} failed",
    ),
    pattern(
        "javascript_test",
        "not ok|fail|error: expect(|✗|coverage for |threshold",
        r"^\(fail\) |^error: expect\(|^✗ .{1,200} \[[\d.]+ ?m?s\]|^[ \t]+\d+\) \[\w+\] › |^[ \t]*(?:Tests?|"
        r"Test Suites?|Test Files|Suites)(?::| ) *.{0,60}[1-9]\d* failed\b|^ ?(?:FAIL|❯ FAIL|"
        r" FAIL ) .{0,160}\.(?:[cm]?[jt]sx?|vue|svelte)\b|^[ \t]+[1-9]\d* failing[ \t]*$|"
        r"^[ \t]*[1-9]\d* fail[ \t]*$|^# fail [1-9]|^[ \t]*[1-9]\d* failed[ \t]*$|"
        r"^not ok \d+(?!.{0,200}# (?:TODO|SKIP|todo|skip))|"
        r"^[ \t]*ℹ fail [1-9]|⎯+ Failed (?:Tests|Suites) [1-9]|^ ?❯ \S{1,200} +\(\d+ tests? \| [1-9]\d* failed|"
        r"^FAILED \| \d+ passed|^[ \t]*│ Failing: +[1-9]|^[ \t]*✖ +[1-9]\d*(?: of |/)\d+ failed|"
        r"^(?:Jest: .{0,40}coverage threshold .{0,60}not met|ERROR: Coverage for .{1,60} does not meet)",
    ),
    pattern(
        "rust",
        "--> |test result: failed|could not compile|error: test failed|error: aborting|... failed|diff in /| failed",
        r"^error(?:\[E\d{4}\])?: .{1,300}\n[ \t]*--> |^test result: FAILED|^error: could not compile|"
        r"^error: test failed|^error: aborting due to|^test \S{1,200} \.\.\. FAILED|"
        r"^Diff in /\S{1,300}:\d+:[ \t]*$|^ +Summary \[.{1,20}\] \d+(?:/\d+)? tests? run: .{0,80}[1-9]\d* failed",
    ),
    pattern(
        "compiler",
        " error|error ts|build failed|error]|error during build|error in |failed to compile|error: |"
        "undefined reference|.kt|errors|error cs|error msb|error fs|error nu|error netsdk|error lnk|error c1|"
        "error c2|error c3|"
        "error c4|error c5|error c6|error c7|error c8|error c9|error c0",
        r"^\S[^\n:(]{0,200}[(:]\d+[,:]\d+\)?: (?:fatal )?error\b|^.{0,200}\berror TS\d{4,5}: |"
        r"^Found [1-9]\d* errors?(?! \(\d+ fixed, 0 remaining)(?: in \d+ files?)?(?: \(|\.|\s|$)|"
        r"^[1-9]\d* errors? generated|"
        r"^[1-9]\d* errors?[ \t]*$|^(?:.{1,300}: ?)?error (?:CS|MSB|FS|NU|NETSDK|LNK|C)\d{2,5}:|^e: \S+\.kts?|"
        r"^[^\s:]{1,200}:\d+(?::\d+)?: (?:fatal )?error: |"
        r"^Build FAILED|^Build failed with [1-9]|^✘ \[ERROR\]|^[ \t]*x Build failed|^error during build:|"
        r"^ERROR in |^Failed to compile|^(?:ld|clang|collect2|rustc|swiftc): error:|^clang: error|"
        r"^[1-9]\d* errors?, \d+ warnings?\b|^ *\S{1,200}:\d+:\d+ - error: |^ *error • |^- [1-9]\d* errors?[ \t]*$|"
        r"^svelte-check found [1-9]\d* errors?|^\[error\] (?:\(.{1,80}\) .{0,80}[Ff]ailed|\S{1,200}:\d+:|"
        r".{0,40}errors? found)|"
        r"^(?:\S{1,200}: )?Errors parsing \S|^== Compilation error|"
        r"undefined reference to|^Type error: |^SyntaxError: |^error: .{0,200}compil",
    ),
    pattern(
        "linter",
        "violation|.go:|issue|reformat|━━|circular|fail|problem|errors were| error|code style|incorrectly|"
        "offense|...failed|(sc|sc1|"
        "sc2|✖",
        r"^✖ \d+ problems? \([1-9]\d* errors?|^✖ [1-9]\d* problems?[ \t]*$|"
        r"^.{1,200} ━━+[ \t]*\n(?:[ \t]*\n)?[ \t]*(?:×|✖|✘)|^Some errors were emitted|"
        r"^[ \t]+\d+:\d+ +(?:error +\S|✖ )|^[1-9]\d* problems? \([1-9]\d* errors?|^[1-9]\d* problems?[ \t]*$|"
        r"^ERROR: \S{1,300} Imports are incorrectly|^Found \d+ warnings? and [1-9]\d* errors?|"
        r"^.{1,80}\.{3,}Failed[ \t]*$|^[ \t]*\^-*\^? SC[12]\d{3} \(|"
        r"^\d+ files? inspected, [1-9]\d* offenses? detected(?!, \d+ offenses? (?:auto)?corrected)|"
        r"^[1-9]\d* issues?[:.][ \t]*$|"
        r"^\[[\w:-]+\] [1-9]\d* issues?:|^Found [1-9]\d* errors?\b(?! \(\d+ fixed, 0 remaining)|"
        r"^Found [1-9]\d* (?:problems?|"
        r"violations?(?!, 0 serious)|circular dependenc)|^Done linting! Found \d+ violations?, [1-9]\d* serious|"
        r"^Analysis failed with|^[1-9]\d* files? would be reformatted|^\[warn\] Code style issues|"
        r"^(?:\[[\w:.-]{1,30}\] )?\S+\.go:\d+(?::\d+)?: .{1,300} \([a-z]\w{1,20}\)[ \t]*$|"
        r"^Checked \d+ files?.{0,80}\n.{0,40}Found [1-9]\d* errors?",
    ),
    pattern(
        "build",
        "failed|failure|error]|*** |build stopped|npm err|yarn |err_pnpm|elifecycle|exited with|error: |"
        "error response|exit code|cmake error|mise error|err!|error command|error task|[error] found|did not run|"
        "no solution found|error: |error: /| timeout in|failed:  |with errors|of errors|rake aborted|exited with",
        r"^BUILD FAILED|^> Task \S+ FAILED|^FAILURE: Build failed|^\[ERROR\] (?:Failed to execute|COMPILATION|"
        r"Tests run|"
        r"Failures: |Errors: |\S+Test\w*\.\w+:\d+|/\S{1,300}:\[?\d)|^ \[ERROR\] Found [1-9]|BUILD FAILURE|"
        r"^➤ YN0000: .{0,10}Failed with errors|^Failed: {2,8}\S+#\w+|^ERROR: Failed building|"
        r"^[ \t]*× (?:.{1,120} did not run successfully|No solution found|Failed to )|version solving failed\.?[ \t]*$|"
        r"^error: subprocess-exited-with-error|^scons: building terminated because of errors|^rake aborted!|"
        r"^(?:Error: )?(?:cabal: )?Failed to build |^error: (?:bundling|update|Recipe \S{1,80}) failed|"
        r"^task: Failed to run|"
        r"^Error: Command \".{1,200}\" exited with [1-9]|^.{0,80}deploy failed! |^.{0,80}Test suite \S{1,80} failed|"
        r"^│ Error: |^ERROR: Build did NOT complete|"
        r"^ERROR: /\S{1,300}/BUILD(?:\.bazel)?:\d+:\d+: |^//\S{1,200} +(?:\(cached\) )?(?:FAILED\b|TIMEOUT in)|"
        r"^g?make(?:\[\d+\])?: \*\*\* |^ninja: build stopped|^npm (?:ERR!|error) |^yarn (?:run )?error |"
        r"^error Command failed|^.{0,4}ELIFECYCLE|ERR_PNPM|^error: (?:script|"
        r"\"bun .{1,80}\") ?.{0,80} ?exited with|^\S{0,4} ?Build failed|"
        r"^.{0,4}\[vite\]: Rollup failed|^.{0,20}Command failed with exit code [1-9]|^ERROR: (?:failed to|"
        r"process)|^ERROR: failed|^.{0,40}ERROR: failed to solve|"
        r"^\[[\w:.-]+\] ERROR task failed|^ERROR task failed|^FAILED: |"
        r"^Error: Process completed with exit code [1-9]|^CMake Error|^mise ERROR|^\*\* BUILD FAILED \*\*|"
        r"^npm ERR|^lerna ERR!|^ *nx run .{0,80}failed|Failed:? +\S+#\w+$|^error: builder for|"
        r"^[ \t]*×? ?failed to (?:build|solve)|^ERROR: Could not (?:find|install)|^error: externally-managed|"
        r"^ERROR: (?:ResolutionImpossible|Cannot install|No matching distribution)",
    ),
    pattern(
        "test",
        "fail|errors|tests passed|unreachable=|not pass",
        r"^\d+ examples?, [1-9]\d* failures?|^FAILURES!|^ERRORS![ \t]*$|^Tests: \d+.{0,80}(?:Failures|"
        r"Errors): [1-9]|\b\d+% tests passed, [1-9]\d* tests? failed|^Failed![ \t]+- Failed:|^Test Run Failed|"
        r"Executed \d+ tests?, with [1-9]\d* failures?|^\*\* TEST FAILED \*\*|"
        r"^Tests run: \d+, Failures: (?:[1-9]|\d+, Errors: [1-9])|^\d+ tests?, [1-9]\d* (?:failures?|failed)|"
        r"^[ \t]*[1-9]\d* tests? failed|^Failing:|^✗ FAIL|^❌ ?(?:FAIL|\d+ tests? failed)|^FAILED \(|"
        r"^\d+ runs?, \d+ assertions, (?:[1-9]\d* failures|\d+ failures, [1-9])|^✘ Test |"
        r"^# Looks like you failed|^Result: FAIL|^DONE \d+ tests.{0,60}, [1-9]\d* (?:failures?|errors?)|"
        r"^Executed \d+ out of \d+ tests?: .{0,60}\bfails?\b|^\d\d:\d\d \+\d+(?: ~\d+)? -\d+: Some tests failed|"
        r"^.{0,80}\b\d+ (?:\w{1,20} )?pass(?:ed|es|ing)?\b.{0,60}\b[1-9]\d* (?:failed|failing|Failed|"
        r"failures?|errored)\b|"
        r"^.{0,80}\b[1-9]\d* (?:failed|failing|Failed|failures?|"
        r"errored)\b.{0,60}\b\d+ (?:\w{1,20} )?pass(?:ed|es|ing)?\b|"
        r"^\W{0,6}\d+ (?:specs?|tests?|scenarios?|features?|steps|examples?|assertions?)\b.{0,40}\b[1-9]\d* (?:failed|"
        r"failures?|errors?)\b|^[1-9]\d* failures?, \d+ errors?|"
        r"^.{0,120}Executed \d+ of \d+ .{0,20}\([1-9]\d* FAILED\)|"
        r"^\[ +FAILED +\]|^Fail: +[1-9]|^Suite result: FAILED|^Encountered a total of [1-9]\d* failing|"
        r"^.{1,120}\| FAIL \|[ \t]*$|"
        r"^== \[.{1,200}\] FAIL|^[ \t]*[1-9]\d*/\d+ failed\b|^.{0,40}Some tests did not pass|"
        r"^\S{1,120} +: ok=\d+ .{0,80}\b(?:failed|unreachable)=[1-9]",
    ),
)
"""What test, lint and build tools print when a run failed; believed even where the exit code says zero."""

HINTS = (
    *("fail", "error", "\n# ", ".go:", "import cycle", "\ne   ", "undefined reference", ".kt", "violation", "issue"),
    *("reformat", "lint/", "problem", "code style", "*** ", "build stopped", "npm err", "err_pnpm", "elifecycle"),
    *("err!", "not ok", "✗", "diff in /", "━━", "incorrectly", "offense", " sc1", " sc2", "no solution", "did not run"),
    *(
        "unreachable=",
        "✖",
        " timeout in",
        "coverage for",
        "threshold",
        "circular",
        "not pass",
        "rake aborted",
        "exited with",
    ),
)
"""Whatever one of `VERDICTS` matches holds one of these in its first or second line, lower case; a line that begins
with one has a line end before it."""
