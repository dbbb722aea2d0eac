"""Rules for what programs are told and print: login commands, account files, passphrases, one-time codes, tables.

Owns: data only. Never: scans.
Invariant: a gate expression is bounded, has one end per occurrence, and ends a fixed way into the value.
"""

from __future__ import annotations

from typing import Final

from sidecar.scrub.rule import Rule, gate

_VALUE: Final = r"[^\s\"'`\\=:>,;(){}\[\]<|][^\s\"'`\\]{3}"
_QUOTES: Final = r"[\\\"'`]"
_SPACE: Final = r"(?:[ \t\r\n]|\\[nrt])"
_LONG: Final = r"[A-Za-z0-9][A-Za-z0-9_\-.=+/]{7}"
_PHRASES: Final = ("passphrase", "pass phrase", "seed phrase", "recovery phrase", "secret phrase", "mnemonic")
_ONE_TIME: Final = (
    r"(?:\botp(?:[_ ](?:code|value|token))?|\bpin(?:[_ ](?:code|number))?|\bpasscode|"
    r"one[_\- ]time[_\- ](?:code|password|passcode|pin)|"
    r"(?:verification|security|authentication|confirmation|login|access|2fa|mfa|sms|auth)[_ ](?:code|pin|otp))"
)

PHRASES: Final[tuple[Rule, ...]] = (
    gate(
        "passphrase-words",
        "API_KEY",
        "keyed",
        rf"(?:{'|'.join(_PHRASES)})(?: words)?{_QUOTES}{{0,4}}"
        rf"(?: {{0,2}}[:=]{{1,2}}>?{_SPACE}{{0,4}}{_QUOTES}{{0,4}}| (?:is|was|are):?{_SPACE}{{1,2}}{_QUOTES}{{0,4}}|"
        rf" {{0,2}}{_QUOTES}{{1,4}})[a-z]{{3}}",
        "phrase",
        literals=("phrase", "mnemonic"),
        caseless=True,
        samples=(
            "passphrase is correct horse battery staple",
            'mnemonic: "legal winner thank year wave sausage worth useful legal winner thank yellow"',
        ),
        misses=(
            "passphrase is required for the encrypted keys",
            "the mnemonic used when deriving keys",
            "passphrase: correct horse",
            "set style disassembler mnemonic\nshow style disassembler mnemonic",
            "Enter passphrase for key file",
        ),
        reference="EFF dice-generated passphrases; BIP-39",
    ),
    gate(
        "one-time-code",
        "API_KEY",
        "keyed",
        rf"{_ONE_TIME}{_QUOTES}{{0,4}}(?: is| was|:| =|=|:=)[:=]?{_QUOTES}{{0,4}} ?{_QUOTES}{{0,4}}[0-9]{{4}}",
        "one_time",
        literals=("otp", "pin", "code", "one"),
        caseless=True,
        samples=("OTP: 482917", "Your verification code is 593821.", '"pin": "4829"', "otp=739201"),
        misses=(
            "OTP_EXPIRY=300000",
            "GPIO pin 4097",
            "security code review: 2024",
            "status code: 404404",
            "pin: 2026",
            "pin=0x4000",
            "otp: 123456",
        ),
        reference="RFC 4226; RFC 6238",
    ),
    gate(
        "recovery-code",
        "API_KEY",
        "keyed",
        r"(?:recovery|backup|rescue|scratch|emergency) ?(?:codes?|keys?)"
        r"[\"']{0,2}(?: is| are|:| =)[ \n\-*\"'\[]{1,8}[A-Za-z0-9]{4,8}-[A-Za-z0-9]{4}",
        "recovery",
        literals=("recovery", "backup", "rescue", "scratch", "emergency"),
        caseless=True,
        samples=("recovery code: k7rq2-ztlw9", "Backup codes:\n- 7295-0183\n- 6472-9501\n"),
        misses=("recovery key: your-recovery-key", "backup keys: keep-here"),
        reference="docs.github.com: two-factor recovery codes",
    ),
    gate(
        "provider-code",
        "API_KEY",
        "keyed",
        r"\bG-[0-9]{6} is your",
        "between",
        body="- is your",
        literals=("G-",),
        samples=("G-482913 is your Google verification code",),
        misses=("G-48291 is your score",),
        reference="RFC 4226",
    ),
    gate(
        "keyed-yaml",
        "API_KEY",
        "keyed",
        rf"(?:pass|pwd|secret|token|key)[\w.\-]{{0,24}}[\"']?: {{0,2}}"
        rf"(?:[>|][+\-0-9]{{0,2}}{_SPACE}{{2,24}}|(?:\n|\\n)[ ]{{2,16}}|&[\w\-]{{1,24}} |!{{1,2}}\w{{1,12}} )"
        rf"[\"']?{_VALUE}",
        "yaml_value",
        literals=("pass", "pwd", "secret", "token", "key"),
        caseless=True,
        samples=("password: >-\n  Tr0ub4dor&3", "api_key: |\n  k7Rq2ZtLw9XcV4mHb8Ns", "password: !!str Tr0ub4dor33"),
        misses=("password:\n  type: string\n  minLength: 8", "secret: |\n  see the wiki", "key: &default\n  a: 1"),
        reference="yaml.org/spec: block scalars, node properties",
    ),
)

PROGRAMS: Final[tuple[Rule, ...]] = (
    gate(
        "command-token",
        "API_KEY",
        "header",
        r"(?:cargo login|vault login|snyk auth|ngrok (?:config add-)?auth-?token|wandb login|"
        r"huggingface-cli login --token|hf auth login --token|"
        r"netlify [a-z:]{1,20} --auth|codecov (?:[a-z\-]{1,20} )?-t|doppler configure set token|"
        r"poetry config pypi-token\.[\w\-]{1,32}|auth:token|secret put [\w\-]{1,64}|<<<)"
        rf"[ =\n]{{1,2}}[\"']?{_LONG}",
        "command_token",
        literals=("login", "auth", "codecov", "token", "secret put", "<<<"),
        samples=("cargo login k7Rq2ZtLw9XcV4mHb8NsYd3G", "snyk auth 7f3a9c2e-8b4d-4165-8f3a-9c2e8b4d0165"),
        misses=("cargo login --registry my-registry", "vault login -method=github", "cargo login # stores the token"),
        reference="doc.rust-lang.org/cargo: login; docs.snyk.io: snyk auth",
    ),
    gate(
        "command-password",
        "API_KEY",
        "header",
        tuple(
            rf"(?:{told}) {{1,4}}'?[^\s\"'`\\=:>,;(){{}}\[\]<|/$\-][^\s\"'`\\]{{3}}"
            for told in (
                (
                    r"poetry config http-basic\.[\w\-]{1,32} [\w.@\-]{1,64}|"
                    r"htpasswd (?:-[A-Za-z]{1,6} ){1,2}[^\s\"']{1,80} [\w.@\-]{1,64}|"
                    r"rabbitmqctl (?:add_user|change_password) [\w.@\-]{1,64}"
                ),
                (
                    r"mc alias set [\w\-]{1,32} https?://[^\s\"']{1,80} \w{1,64}|"
                    r"set password for [\w'@%]{1,64} =|net use [A-Za-z*]:? \\\\[^\s\"']{1,80}|"
                    r"\n(?:requirepass|masterauth|bindpw|rootbindpw|olcRootPW:)"
                ),
            )
        ),
        "password_here",
        literals=(
            "poetry config",
            "htpasswd",
            "set password",
            "rabbitmqctl",
            "mc alias",
            "net use",
            "requirepass",
            "masterauth",
            "bindpw",
            "olcrootpw",
        ),
        samples=("poetry config http-basic.corp app Tr0ub4dor33", "\nrequirepass Tr0ub4dor33"),
        misses=("net use Z: \\\\h\\s /user:app", "requirepass foobared"),
        caseless=True,
        reference="python-poetry.org/docs: credentials; redis.io/docs: redis.conf; ldap.conf(5)",
    ),
    gate(
        "ftp-login",
        "API_KEY",
        "header",
        rf"USER [\w.@\-]{{1,64}}{_SPACE}{{1,4}}PASS {_VALUE}",
        "password_here",
        literals=("USER ",),
        samples=("USER app\r\nPASS Tr0ub4dor33\r\n",),
        misses=("USER app\r\nPASS secret\r\n",),
        reference="RFC 959",
    ),
    gate(
        "plist",
        "API_KEY",
        "keyed",
        rf"(?:pass|pwd|secret|token|key)[\w.\-]{{0,24}}</key>{_SPACE}{{0,12}}<string>{_VALUE}",
        "plist",
        literals=("</key>",),
        caseless=True,
        samples=("<key>DbPassword</key>\n<string>Tr0ub4dor33</string>",),
        misses=("<key>CFBundleKey</key>\n<string>com.example.app</string>",),
        reference="plist(5)",
    ),
    gate(
        "oracle-login",
        "API_KEY",
        "header",
        r"(?:sqlplus (?:-[A-Za-z]{1,2} ){0,2}|sqlldr |expdp |impdp |:thin:)[\w$#]{1,30}/[^\s/@\"']{3,64}@",
        "between",
        body="/@",
        literals=("sqlplus", "sqlldr", "expdp", "impdp", ":thin:"),
        samples=("sqlplus app/Tr0ub4dor33@db", "jdbc:oracle:thin:app/Tr0ub4dor33@//h:1521/x"),
        misses=("sqlplus app/password@db", "sqlplus /nolog"),
        reference="docs.oracle.com: SQL*Plus, easy connect",
    ),
    gate(
        "pgpass",
        "API_KEY",
        "header",
        r":(?:[0-9]{4,5}|\*):(?:[A-Za-z][\w\-]{0,62}|\*):[A-Za-z][\w\-]{0,62}:[^\s:\"'`\\][^\s\"'`\\]{3}",
        "pgpass",
        literals=(":",),
        samples=("\ndb.corp:5432:app:app:Tr0ub4dor33",),
        misses=("main.c:1234:56:error:Tr0ub4dor33", "db.corp:5432:app:app:password"),
        reference="postgresql.org/docs: the password file",
    ),
    gate(
        "ldap-hash",
        "API_KEY",
        "token",
        r"\{(?:SSHA(?:256|384|512)?|SHA(?:256|384|512)?|SMD5|MD5|CRYPT)\}[A-Za-z0-9+/$.]{20}",
        "ldap_hash",
        literals=("}",),
        samples=("olcRootPW: {SSHA}k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6pQw==",),
        misses=("{SHA}", "{MD5}xxxxxxxxxxxxxxxxxxxxxxxx"),
        reference="RFC 2307 section 5.3",
    ),
    gate(
        "typed-password",
        "API_KEY",
        "header",
        r"(?:pass(?:word|wd|phrase)?|pwd)[\w\-]{0,16}[\"'\])\\]{1,8}\.(?:send_?keys|type|fill|set|setValue|press_?sequentially|"
        r"clearAndType)\([\"'\\]{1,3}[^\s\"'`\\][^\s\"'`\\]{3}",
        "password_quoted",
        literals=("pass", "pwd"),
        caseless=True,
        samples=(
            "driver.find_element(By.ID, 'password').send_keys('Tr0ub4dor33')",
            "cy.get('#password').type('Tr0ub4dor33')",
        ),
        misses=("cy.get('#password').type('{enter}')", "page.get_by_label('Password').fill('password')"),
        reference="selenium.dev/documentation; docs.cypress.io: type",
    ),
    gate(
        "expected-password",
        "API_KEY",
        "header",
        rf"pass(?:word|phrase)[^\n\"']{{0,20}}[\"'][)]?;?{_SPACE}{{1,12}}(?:\w{{1,20}}\.)?"
        rf"send(?:line)?[ (]{{1,2}}(?:-- )?[\"'\\]{{1,3}}"
        r"[^\s\"'`\\$][^\s\"'`\\]{3}",
        "password_quoted",
        literals=("send",),
        caseless=True,
        samples=('expect "Password:"\nsend "Tr0ub4dor33\\r"', "c.expect('Password:')\nc.sendline('Tr0ub4dor33')"),
        misses=('expect "Password:"\nsend "$password\\r"',),
        reference="expect(1); pexpect.readthedocs.io",
    ),
    gate(
        "terraform-random",
        "API_KEY",
        "keyed",
        rf"\"result\\{{0,3}}\": \\{{0,3}}\"[^\"\n\\]{{6,128}}\\{{0,3}}\",{_SPACE}{{1,24}}\\{{0,3}}\"special",
        "terraform_random",
        literals=('"special',),
        samples=('"result": "Tr0ub4dor&3x",\n            "special": true,',),
        misses=('"result": "success",\n            "special": true,',),
        reference="registry.terraform.io: random_password",
    ),
)

_EDGE: Final = r"[\n,;\t|] {0,24}[\"']?[\w\-]{0,24}"
_AFTER: Final = r"[\"']? {0,24}[,;\t|\r\n]"

TABLES: Final[tuple[Rule, ...]] = (
    gate(
        "column-secret",
        "API_KEY",
        "keyed",
        rf"{_EDGE}(?:passw(?:or)?d|pwd|passphrase|secret|token|api[_ ]?key|access[_ ]?key){_AFTER}",
        "columns",
        literals=("passw", "pwd", "passphrase", "secret", "token", "key"),
        caseless=True,
        samples=(
            "name,password,role\napp,Tr0ub4dor33,admin\n",
            " id | password \n----+----------\n  1 | Tr0ub4dor33\n",
            "| user | token |\n|---|---|\n| app | `k7Rq2ZtLw9XcV4mHb8Ns` |",
        ),
        misses=(
            "name,password,role\nstring,required,optional\n",
            "const {\n  user,\n  password,\n} = options",
            "| Name | Token |\n|---|---|\n| access | see below |",
        ),
        reference="RFC 4180; postgresql.org/docs: psql",
    ),
    gate(
        "column-ssn",
        "SSN",
        "personal",
        rf"{_EDGE}(?:ssn|social[_ ]?security(?:[_ ]?n(?:umber|o))?){_AFTER}",
        "columns",
        literals=("ssn", "social"),
        caseless=True,
        samples=("name,ssn\nx,528103939\n",),
        misses=("name,ssn\nx,000103939\n",),
        reference="RFC 4180",
    ),
    gate(
        "column-phone",
        "PHONE",
        "personal",
        rf"{_EDGE}(?:phone|mobile|telephone)(?:[_ ]?n(?:umber|o))?{_AFTER}",
        "columns",
        literals=("phone", "mobile"),
        caseless=True,
        samples=("name;phone\nx;4155550132\n",),
        misses=("name;phone\nx;none\n", "device,mobile\nx,true\n"),
        reference="RFC 4180",
    ),
    gate(
        "inserted-password",
        "API_KEY",
        "keyed",
        r"\)(?:[ \t\r\n]|\\[nrt]){0,4}values(?:[ \t\r\n]|\\[nrt]){0,4}\(",
        "inserted",
        literals=("values",),
        caseless=True,
        samples=("INSERT INTO users (name, password) VALUES ('app', 'Tr0ub4dor&3');",),
        misses=(
            "INSERT INTO users (name, password) VALUES (?, ?)",
            "INSERT INTO t (a, b) VALUES ('x1y2z3w4', 'k7Rq2Zt')",
        ),
        reference="ISO/IEC 9075: INSERT",
    ),
)
