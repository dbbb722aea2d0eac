"""Rules for passwords that stand in commands, calls, account files, and under names in other languages.

Owns: data only. Never: scans.
Invariant: a gate expression is bounded, has one end per occurrence, and ends a fixed way into the value.
"""

from __future__ import annotations

from typing import Final

from sidecar.scrub.rule import Rule, gate

_VALUE = r"[^\s\"'`\\=:>,;(){}\[\]<|][^\s\"'`\\]{3}"
_QUOTES = r"[\\\"'`]"
_ABROAD: Final = (
    "passwort", "kennwort", "mot de passe", "contraseña", "contrasena", "clave de acceso", "senha", "palavra-passe",
    "wachtwoord", "hasło", "heslo", "jelszó", "parola", "şifre", "lösenord", "passord", "adgangskode", "salasana",
    "пароль", "密码", "密碼", "口令", "パスワード", "비밀번호", "암호", "mật khẩu", "kata sandi",
    "رمز عبور", "كلمة المرور", "סיסמה", "รหัสผ่าน",
)  # fmt: skip
"""The word for a password, in languages people write to agents in."""
_UNITS: Final = tuple(word.encode().decode("latin-1") for word in _ABROAD)
_SIGN = "(?:[:=]|" + "\uff1a".encode().decode("latin-1") + r"| (?:is|ist|lautet|est|es|é|è|jest|är|er|on) {0,2}:?)"

COMMANDS: Final[tuple[Rule, ...]] = (
    gate(
        "password-abroad",
        "API_KEY",
        "keyed",
        rf"(?:{'|'.join(_UNITS)})[^\n:=\"'\x80-\xff]{{0,16}}{_QUOTES}{{0,3}} {{0,2}}{_SIGN}[ \t]{{0,4}}"
        rf"{_QUOTES}{{0,3}}{_VALUE}",
        "password_here",
        literals=_UNITS,
        caseless=True,
        samples=("Passwort: Tr0ub4dor33", "mot de passe : Tr0ub4dor33"),
        misses=("Passwort: falsch", "mot de passe : requis"),
    ),
    gate(
        "piped-password",
        "API_KEY",
        "header",
        r"\| {0,2}(?:sudo [^\n|]{0,40}-[A-Za-z]{0,3}S|ConvertTo-SecureString|chpasswd|"
        r"[^\n|]{0,80}--(?:password-stdin|passphrase-fd|with-token|token-stdin))",
        "piped",
        literals=("sudo", "SecureString", "chpasswd", "-stdin", "-fd", "with-token"),
        samples=("echo Tr0ub4dor33 | sudo -S ls", "printf '%s' \"Tr0ub4dor33\" | docker login -u a --password-stdin"),
        misses=("cat pw.txt | docker login --password-stdin", "echo $PW | sudo -S ls"),
        reference="sudo(8); docs.docker.com: docker login",
    ),
    gate(
        "credential-call",
        "API_KEY",
        "header",
        rf"(?:PSCredential|NetworkCredential|BasicAuth\w{{0,16}}|basic_auth|[^\w]auth ?= ?|login|"
        rf"cred(?:ential)?s? ?= ?|WiFi\.begin|softAP|db\.auth)\("
        rf"{_QUOTES}{{0,2}}[^\n()\"']{{1,64}}{_QUOTES}{{0,2}}, ?(?:Some\()?{_QUOTES}{{1,2}}[^\s\"'`\\][^\s\"'`\\]{{3}}",
        "password_quoted",
        literals=("Credential", "BasicAuth", "basic_auth", "auth", "login", "cred", "WiFi.begin", "softAP"),
        samples=(
            'HTTPBasicAuth("app", "Tr0ub4dor33")',
            'WiFi.begin("home", "Tr0ub4dor33")',
            '.basic_auth("app", Some("Tr0ub4dor33"))',
        ),
        misses=('HTTPBasicAuth(user, "password")', "auth=(user, password)"),
        reference="requests.readthedocs.io: basic authentication; System.Net.NetworkCredential",
    ),
    gate(
        "secure-string",
        "API_KEY",
        "header",
        rf"SecureString(?: -String| -AsPlainText| -Force){{0,3}} {{1,2}}"
        rf"{_QUOTES}{{0,2}}[^\s\"'`\\$(@-][^\s\"'`\\]{{3}}",
        "password_quoted",
        literals=("securestring",),
        caseless=True,
        samples=('ConvertTo-SecureString "Tr0ub4dor33" -AsPlainText -Force',),
        misses=('ConvertTo-SecureString "$password" -AsPlainText', "ConvertTo-SecureString -AsPlainText -Force"),
        reference="learn.microsoft.com: ConvertTo-SecureString",
    ),
    gate(
        "windows-account",
        "API_KEY",
        "header",
        r"(?:net user [\w.\-]{1,32}|net use [^\n]{1,80}/user:[\w.\\\-@]{1,64}) {1,2}[^\s\"'`\\/*][^\s\"'`\\]{3}",
        "password_here",
        literals=("net use",),
        samples=("net user app Tr0ub4dor33 /add",),
        misses=("net user app /delete",),
        reference="learn.microsoft.com: net user",
    ),
    gate(
        "user-percent-password",
        "API_KEY",
        "header",
        r"(?:-U|--user=?) ?[\"']?[\w.\\\-@/]{1,64}%[^\s\"'`\\%][^\s\"'`\\%]{3}",
        "password_here",
        literals=("-U", "--user"),
        samples=("smbclient -U app%Tr0ub4dor33 //h/s",),
        misses=("smbclient -U app%%PASS%% //h/s",),
        reference="smbclient(1)",
    ),
    gate(
        "user-and-password",
        "API_KEY",
        "keyed",
        rf"(?:user(?:name)?|login|name|mail|id) ?(?:[/,&+]|and) ?(?:pass(?:word|wd)?|pwd|pw)"
        rf"[ :=]{{1,4}}[^\s/:|,]{{1,64}}(?: ?[/:|,] ?| )[^/{_VALUE[2:]}",
        "password_here",
        literals=("pass", "pwd", "pw"),
        caseless=True,
        samples=("user/pass: app / Tr0ub4dor33", "login and password: app:Tr0ub4dor33"),
        misses=(
            "username/password: app and the token",
            "f(name: name, password: password, realm: realm)",
            "f(user=user, password=password, netloc=netloc)",
        ),
    ),
    gate(
        "httpie",
        "API_KEY",
        "header",
        r"https? [^\n|]{0,60}(?:-a|--auth)[ =]{0,2}[\"'\\]{0,3}[^\s\"'`\\:]{1,64}:",
        "curl_user",
        literals=("http ", "https "),
        samples=("http -a app:Tr0ub4dor33 h.example",),
        misses=("http -a $USER:$PASS h.example",),
        reference="httpie.io/docs: authentication",
    ),
    gate(
        "crypt",
        "API_KEY",
        "token",
        r"\$(?:1|5|6|y|apr1|2[abxy]|argon2(?:i|d|id)|pbkdf2-sha(?:1|256|512)|scrypt)\$[A-Za-z0-9./=,]",
        "crypt",
        literals=("$",),
        samples=(
            "root:$1$mERr.2Zt$hx5rVt7rPNoS4wqbXKX7m0:18000:",
            "$2b$12$" + "k7Rq2ZtLw9XcV4mHb8NsYuYd3GfJ6pk7Rq2ZtLw9XcV4mHb8NsYd3",
        ),
        misses=("echo $1$2", "$5$x$y"),
        reference="crypt(5); github.com/P-H-C/phc-string-format",
    ),
)
