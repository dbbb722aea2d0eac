"""Rules that need context: keys, headers, URLs, paths, and the data of persons.

Owns: data only. Never: scans.
Invariant: a gate expression is bounded and has one end per occurrence; the confirm step it names does the rest.
"""

from __future__ import annotations

from typing import Final

from sidecar.scrub.rule import Rule, gate
from sidecar.scrub.vendors import PLAIN

KEYWORDS: Final = (
    "pass", "pwd", "pw", "secret", "token", "key", "auth", "cred", "cookie", "bearer", "jwt", "webhook", "hook",
    "sid", "otp", "license", "salt", "session", "login", "connectionstring", "dsn", "mdp", "sas",
)  # fmt: skip
"""What a name contains that may hold a secret; the confirm step looks at the whole name."""
_WORD = "(?:pass|pwd|pw|secret|token|key|auth|cred|jwt|hook|salt|sid|otp|license|session|login)"
_STRONG = "(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|key|credentials?)"
_VALUE = r"[^\s\"'`\\=:>,;(){}\[\]<][^\s\"'`\\]{3}"
_QUOTES = r"[\\\"'`]"
_SPACE = r"(?:[ \t\r\n]|\\[nrt])"

KEYED: Final[tuple[Rule, ...]] = (
    gate(
        "keyed-assignment", "API_KEY", "keyed",
        rf"{_WORD}[\w.\-]{{0,24}}(?: \w{{1,8}})?[\\\"'`\]\)]{{0,6}}[ \t]{{0,10}}[:?!.+]{{0,3}}[:=]{{1,3}}>?[ \t]{{0,10}}"
        rf"{_QUOTES}{{0,7}} {{0,2}}{_VALUE}",
        "keyed", literals=KEYWORDS, caseless=True,
        samples=('API_TOKEN = "k7Rq2ZtLw9XcV4mHb8Ns"', "password: Tr0ub4dor&3", 'secret_key => "9f86d081884c7d659a2feaa0"'),
        misses=("token = await get_token(user)", "max_tokens=4096", 'password: "<your-password>"', "API_KEY=${API_KEY}"),
    ),
    gate(
        "keyed-argument", "API_KEY", "keyed",
        rf"{_WORD}[\w.\-]{{0,24}}{_QUOTES}{{0,4}}, {{0,2}}{_QUOTES}{{1,4}}{_VALUE}",
        "keyed", literals=KEYWORDS, caseless=True,
        samples=('System.setProperty("DB_TOKEN", "k7Rq2ZtLw9XcV4mHb8Ns")',),
        misses=('getattr(args, "token", "missing")',),
    ),
    gate(
        "keyed-call", "API_KEY", "keyed",
        rf"{_STRONG}\({_QUOTES}{{1,4}}{_VALUE}",
        "keyed", literals=KEYWORDS, caseless=True,
        samples=('client.setPassword("Tr0ub4dor&3");',), misses=('os.getenv_token("API_TOKEN")',),
    ),
    gate(
        "keyed-words", "API_KEY", "keyed",
        rf"{_STRONG}[\w\-]{{0,16}} {{1,2}}(?:is |was |by |-> |- |EU |\{{)?{_QUOTES}{{0,4}}[^\s\"'`\\=:>,;(){{}}\[\]<][^\s\"'`\\]{{6}}",
        "keyed_words", literals=KEYWORDS, caseless=True,
        samples=("the password is Tr0ub4dor&3x", "--token k7Rq2ZtLw9XcV4mHb8Ns", "machine h login l password Tr0ub4dor33"),
        misses=("the password is incorrect", "the key benefits of"),
    ),
    gate(
        "keyed-element", "API_KEY", "keyed",
        rf"{_WORD}[\w.\-:]{{0,24}}>{_SPACE}{{0,12}}[\"'`]{{0,2}}{_VALUE}",
        "element", literals=KEYWORDS, caseless=True,
        samples=("<dbPassword>Tr0ub4dor&3</dbPassword>",), misses=("<UserSecretsId>79a3edd0-2092-40a2-a04d-dcb46d5ca9ed",),
    ),
    gate(
        "keyed-pair", "API_KEY", "keyed",
        rf"{_WORD}[\w.\-]{{0,24}}{_QUOTES}{{0,4}}[,/]?{_SPACE}{{1,12}}[\\\"'\-]{{0,4}}(?:secret_)?value{_QUOTES}{{0,4}} ?[:=] ?{_QUOTES}{{0,4}}{_VALUE}",
        "keyed", literals=("value",), caseless=True,
        samples=('<add key="DbPassword" value="Tr0ub4dor&3" />', "- name: API_TOKEN\n  value: k7Rq2ZtLw9XcV4mHb8Ns"),
        misses=("- name: API_TOKEN\n  value: ${API_TOKEN}",),
    ),
    gate(
        "keyed-vendor", "API_KEY", "keyed",
        tuple(
            rf"(?:{'|'.join(PLAIN[i : i + 40])})[\w\-.]{{0,12}}[\"']?[ :=\-]{{1,3}}[\\\"'`]{{0,3}}[A-Za-z0-9_$][^\s\"'`\\]{{7}}"
            for i in range(0, len(PLAIN), 40)
        ),
        "vendor", literals=PLAIN, caseless=True,
        samples=("kanbantool 'K7Q2ZT4W9XCV'", "metaapi 7f3a9c2e8b4d01657f3a9c2e8b4d01657f3a9c2e8b4d0165"),
        misses=("dropbox documentation says", "postman collection v2"),
    ),
    gate(
        "jwk", "API_KEY", "keyed",
        r"[\"'](?:k|d|p|q|dp|dq|qi)\\{0,3}[\"'] ?: ?\\{0,3}[\"'][A-Za-z0-9_\-]{20}", "jwk", literals=(":",),
        samples=('"k": "k7Rq2ZtLw9XcV4mHb8NsYd"',), misses=('"d": "sha512_0000000000000000000000"',),
        reference="RFC 7517",
    ),
    gate(
        "keyed-compared", "API_KEY", "keyed",
        rf"{_QUOTES} {{0,2}}[!=]={{1,2}} {{0,2}}[\w.$>\-]{{0,20}}(?:pass|pwd|secret|token|key)",
        "compared", literals=KEYWORDS, caseless=True,
        samples=('if ("Tr0ub4dor&3x9" == password)',), misses=('if ("password" == key)',),
    ),
)

URLS: Final[tuple[Rule, ...]] = (
    gate(
        "url-userinfo", "API_KEY", "url",
        r"://[^\s\"'`<>/@\\]{1,200}@", "userinfo", literals=("://",),
        samples=("postgres://app:Tr0ub4dor&3@db.internal:5432/x", "https://oauth2:k7Rq2ZtLw9XcV4mHb8Ns@github.com/a/b"),
        misses=("ssh://git@github.com/a/b", "postgres://${DB_USER}:${DB_PASS}@db/app", "postgres://user:password@localhost/db"),
        reference="RFC 3986 section 3.2.1",
    ),
    gate(
        "url-parameter", "REDACTED_URL", "url",
        r"[?&;](?:[\w.\-]{0,24}(?:token|secret|passw(?:or)?d|pwd|api_?key|apikey|signature|credential)|key|auth|sig|sas|code|"
        r"access_?key|hapikey|session|sid|jwt|hash|x-amz-security-token)=[^\s&\"'`<>\\#;]{6}",
        "parameter", literals=("=",), caseless=True,
        samples=("https://h.example/x?user=7&access_token=k7Rq2ZtLw9XcV4mHb8Ns&e=1",),
        misses=("https://h.example/x?key=name&sort=asc",),
        reference="RFC 6750 section 2.3",
    ),
    gate(
        "webhook", "API_KEY", "token",
        r"(?:hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/|"
        r"\.webhook\.office\.com/webhookb2/|hooks\.zapier\.com/hooks/catch/|outlook\.office\.com/webhook/|"
        r"chat\.googleapis\.com/v1/spaces/|maker\.ifttt\.com/trigger/)[\w@\-]{4}",
        "webhook", literals=("hooks.slack.com", "webhook", "hooks.zapier.com", "chat.googleapis", "maker.ifttt"),
        samples=(
            "https://hooks.slack.com/services/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",
            "https://discord.com/api/webhooks/1369248176954937405/Q1oYEqhXMoZ-pPGzQ5WGq7vSCX3fhvMsTy3PVyThxe",
        ),
        misses=("https://hooks.slack.com/services/YOUR/WEBHOOK/URL",),
        reference="api.slack.com: incoming webhooks; discord.com/developers: webhooks",
    ),
    gate(
        "jdbc", "API_KEY", "url", r"jdbc:[\w:]{2,40}[:/@;]", "jdbc", literals=("jdbc:",),
        samples=("jdbc:sqlserver://db.corp:1433;user=sa;password=Tr0ub4dor33;x=1",), misses=("jdbc:h2:mem:testdb",),
        reference="docs.oracle.com: JDBC URLs",
    ),
)

HEADERS: Final[tuple[Rule, ...]] = (
    gate(
        "authorization", "API_KEY", "header",
        r"(?:bearer|basic|digest|token|apikey|api-key|negotiate|ntlm|ssws|bot|key)(?: |%20|\+){1,2}(?:token=)?_{0,2}[\"'\\]{0,2}[A-Za-z0-9+/_.~\-]{8}",
        "authorization", literals=("bearer", "basic", "digest", "token", "key", "negotiate", "ntlm", "ssws", "bot"),
        caseless=True,
        samples=("Authorization: Bearer k7Rq2ZtLw9XcV4mHb8NsYd3G", "Authorization: Basic dXNlcjpUcjB1YjRkb3Im"),
        misses=("Authorization: Bearer <token>", "basic understanding of"),
        reference="RFC 9110 section 11.6.2; RFC 6750; RFC 7617",
    ),
    gate(
        "cookie", "API_KEY", "header",
        r"cookie[\w\-]{0,4}[\"'\\]{0,3}[ =:]{1,3}\[?[\"'\\]{0,3}[\w.\-]{1,64}=", "cookie", literals=("cookie",), caseless=True,
        samples=("Cookie: sid=k7Rq2ZtLw9XcV4mHb8Ns; theme=dark", "Set-Cookie: connect.sid=s%3Ak7Rq2ZtLw9XcV4mHb8Ns.a; Path=/"),
        misses=("Set-Cookie: theme=dark; Path=/",),
        reference="RFC 6265",
    ),
    gate(
        "cookie-flag", "API_KEY", "header",
        r"(?:-b|--cookie) {1,2}[\"'\\]{0,3}[\w.\-]{1,64}=", "cookie", literals=("-b ", "--cookie "),
        samples=("curl -b 'sid=k7Rq2ZtLw9XcV4mHb8Ns' http://localhost",), misses=("git checkout -b feature=1",),
        reference="curl.se/docs/manpage.html",
    ),
    gate(
        "curl-user", "API_KEY", "header",
        r"(?:-u|--user|--proxy-user|-U|USERPWD,)[ =]{0,2}[\"'\\]{0,3}[^\s\"'`\\:]{1,64}:", "curl_user",
        literals=("-u", "--user", "--proxy-user", "-U", "USERPWD"),
        samples=("curl -u admin:Tr0ub4dor33 http://localhost",), misses=("docker run -u 1000:1000 app", "curl -u $USER:$PASS h"),
        reference="curl.se/docs/manpage.html",
    ),
    gate(
        "cli-password", "API_KEY", "header",
        r"(?:mysql|mysqldump|mysqladmin|mariadb|sshpass|smbclient|ldapsearch|7z|unzip|zip|mongo|mongosh|redis-cli|rabbitmqadmin|sqlcmd|docker login|"
        r"htpasswd|openssl)\b[^\n|;&]{0,120} -{1,2}(?:p|P|w|a|pass|passin|passout|password)(?:pass:| |=){0,2}[\"'\\]{0,2}[^\s\"'`\\-][^\s\"'`\\]{2}",
        "cli", literals=("mysql", "mariadb", "sshpass", "smbclient", "ldapsearch", "7z", "zip", "mongo", "redis-cli",
                         "rabbitmqadmin", "sqlcmd", "docker login", "htpasswd", "openssl"),
        samples=("mysql -u root -pTr0ub4dor33 app", "sshpass -p Tr0ub4dor33 ssh a@b"), misses=("mysql -u root -p app",),
        reference="dev.mysql.com/doc: connecting; sshpass(1)",
    ),
    gate(
        "sql-password", "API_KEY", "header",
        r"(?:identified by {1,2}[\"'\\]{0,3}|password(?: encrypted| as)? {1,2}[\"'\\]{1,3})[^\s\"'`\\][^\s\"'`\\]{3}", "password_quoted",
        literals=("identified by", "password"), caseless=True,
        samples=("CREATE USER app WITH PASSWORD 'Tr0ub4dor33';", "ALTER USER a IDENTIFIED BY 'Tr0ub4dor33'"),
        misses=("IDENTIFIED BY 'password'",),
        reference="postgresql.org/docs: CREATE ROLE",
    ),
    gate(
        "docker-auth", "API_KEY", "header",
        r"[\"']_?auth(?:Token)?\\{0,2}[\"'] ?: ?\\{0,2}[\"'][A-Za-z0-9+/]{8}", "base64_value", literals=("auth",),
        samples=('{"auths":{"ghcr.io":{"auth":"dXNlcjpUcjB1YjRkb3ImM3g="}}}',), misses=('{"auth":"required"}',),
        reference="docs.docker.com: config.json",
    ),
    gate(
        "kube-data", "API_KEY", "header",
        r"(?:client-key-data|client-certificate-data|\.dockerconfigjson|\.dockercfg|tls\.key|id_rsa)[\"'\\]{0,3}: {0,2}[\"'\\]{0,3}[A-Za-z0-9+/]{8}",
        "base64_value", literals=("-data", ".docker", "tls.key", "id_rsa"),
        samples=("client-key-data: " + "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo",), misses=("client-key-data: <data>",),
        reference="kubernetes.io/docs: kubeconfig",
    ),
    gate(
        "kube-secret", "API_KEY", "header", r"kind\\{0,2}[\"']?: {0,2}\\{0,2}[\"']?Secret\b", "kube_secret", literals=("Secret",),
        samples=("kind: Secret\nmetadata:\n  name: db\ndata:\n  user: azdScTJadEx3OVhjVjRtSA==\n",), misses=("kind: Secret\ndata: {}\n",),
        reference="kubernetes.io/docs: Secret",
    ),
    gate(
        "npmrc", "API_KEY", "header", r"_(?:authToken|auth|password) ?= ?[^\s\"'$]{8}", "npmrc",
        literals=("_authToken", "_auth", "_password"),
        samples=("//registry.example/:_authToken=3aAcac6c-9847-49e0-ab19-802365b56ab5",), misses=("_authToken=${NPM_TOKEN}",),
        reference="docs.npmjs.com: npmrc",
    ),
)

KEYS: Final[tuple[Rule, ...]] = (
    gate(
        "private-key", "PRIVATE_KEY", "key", r"PRIVATE KEY(?: BLOCK)?-----", "pem", literals=("PRIVATE KEY",),
        samples=("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7f3A9c2E8b4D0165k7Rq2Z\n-----END RSA PRIVATE KEY-----",),
        misses=("grep -c 'PRIVATE KEY' file",),
        reference="RFC 7468",
    ),
    gate(
        "ssh2-private-key", "PRIVATE_KEY", "key", r"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", "pem", literals=("BEGIN SSH2",),
        reference="RFC 4716",
    ),
    gate(
        "putty-private-key", "PRIVATE_KEY", "key", r"Private-Lines: ?\d{1,3}", "putty", literals=("Private-Lines:",),
        samples=("Private-Lines: 2\nAAAAgQCk7Rq2ZtLw9XcV4mHb8NsYd3GfJ6p\nAAAAgQDk7Rq2ZtLw9XcV4m\nPrivate-MAC: 00",),
        reference="the.earth.li/~sgtatham/putty: PPK format",
    ),
    gate(
        "jwt", "API_KEY", "key", r"(?:[^A-Za-z0-9]|\\[nrt]|%[0-9A-Fa-f]{2})eyJ[A-Za-z0-9_\-]{8}", "jwt", length=11, literals=("eyJ",),
        samples=("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI0MjAwMDAwMDcxIiwibiI6MX0.k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6pk7Rq2Zt",),
        misses=("eyJhbGciOiJIUzI1NiJ9",),
        reference="RFC 7519",
    ),
    gate(
        "maxmind", "API_KEY", "token", r"[A-Za-z0-9]{10}_mmk", "token", length=40, body=r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk",
        literals=("_mmk",), samples=("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",), misses=("xxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxx_mmk",),
        reference="dev.maxmind.com: license keys",
    ),
    gate(
        "url-token-user", "API_KEY", "url", r"https?://[A-Za-z0-9_\-]{20}", "token_user", literals=("http",),
        samples=("https://k7Rq2ZtLw9XcV4mHb8NsYd3G@github.com/a/b",), misses=("https://averyveryverylonghostname.example/",),
        reference="RFC 3986 section 3.2.1",
    ),
)
