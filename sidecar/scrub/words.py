"""Word lists the checks need: names that are nobody, hosts that are harmless, text that only stands for a secret.

Owns: data only. Never: scans.
Invariant: nothing here is a secret or a person.
"""

from __future__ import annotations

from typing import Final


def split(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


SYSTEM_USERS: Final = split(
    """
    root admin administrator user users username you me name yourname your-name your_name youruser your-username
    your_username myuser my-user someone somebody shared public default guest nobody daemon bin sys sync games
    man lp mail news uucp proxy www-data www backup list irc gnats staff wheel ubuntu debian centos fedora
    alpine arch ec2-user runner runneradmin vagrant node app web nginx apache httpd redis postgres mysql mongo
    jenkins gitlab-runner git hg svn builder build ci circleci travis buildkite-agent container containeruser
    containeradministrator codespace vscode coder dev developer devcontainer workspace sandbox test tester
    testuser agent claude codex gemini openhands all everyone defaultuser0 wdagutilityaccount linuxbrew homebrew
    docker dialout systemd-network systemd-resolve messagebus _apt sshd nogroup adm tty disk sudo audio video
    plugdev lpadmin operator ftp postfix dovecot elasticsearch kibana logstash grafana prometheus vault consul
    nomad etcd kube rancher pi oracle opc azureuser bitnami steam jovyan user1 user2 foo bar baz home
    library system applications volumes src code project projects repo xxx user-name username_here
    example my-name myname
    """
)
"""Account names that say nothing about a person: not learned, not replaced."""

ROUTE_WORDS: Final = split(
    """
    new edit sign_in sign_out sign-in sign-out login logout password passwords search by me self current list all count
    export import confirmation unlock invite invitation profile settings avatar roles groups permissions sessions
    register signup verify reset batch bulk stats lookup autocomplete active id ids owner tag tags answer create update
    delete
    """
)
"""What follows `/users/` in the routes of web applications."""
NOT_LEARNED: Final = split(
    """
    support staging dist search password entity docs data build test tests lib libs local main master index config
    server client service services admin web work temp tmp files file shared public private backup backups games
    node_modules deploy ansible terraform service svc hadoop spark kafka flink airflow mysql postgres minecraft
    media music video videos download downloads release releases vendor packages package scripts script tools tool
    """
)
"""Names of homes that are common words: replaced in the path, not looked for elsewhere."""

GENERIC_TLDS: Final = split(
    """
    com org net edu gov mil int info biz name pro aero coop museum jobs mobi travel tel asia cat post xxx app dev cloud
    online site store tech shop blog xyz club top live life world email email news agency digital media studio design
    solutions services systems network software technology group company global international academy school university
    health care clinic dental legal law finance bank money capital ventures partners consulting marketing social space
    website page link click today guru expert review events team work works tools zone center city earth eco energy
    farm fit fun game games gift gold green host house land limited ltd love market one photo photos pics pizza place
    plus press pub red rest rocks run sale science security show singles ski style support surf swiss tax tours town
    toys trade training tube vet video vip vision watch wiki win wine wtf yoga google amazon microsoft apple arpa local
    corp internal lan example test invalid localhost
    """
)
COUNTRY_TLDS: Final = split(
    """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf
    cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf
    gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km
    kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz
    na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg
    sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va
    vc ve vg vi vn vu wf ws ye yt za zm zw
    """
)
NO_DOMAIN: Final = frozenset({"local", "localhost", "internal", "lan", "invalid"})
"""Last labels of hosts that are no mail domain."""

HARMLESS_LOCAL_PARTS: Final = frozenset({"git", "hg", "svn", "noreply", "no-reply", "donotreply", "do-not-reply"})
"""Local parts that name a service, not a person."""

GENERIC_LOCAL_PARTS: Final = split(
    """
    you me user username test tester testing testuser name email mail e-mail address foo bar baz qux
    foobar admin administrator root info contact support help sales billing security abuse postmaster webmaster
    hostmaster hello hi team office someone somebody anyone nobody example sample demo your your.name your-name
    yourname your_name first.last firstname.lastname first.last firstname lastname name.surname dev developer
    maintainer owner author bot ci build system service daemon alerts notifications newsletter feedback jobs press
    client customer recipient sender from to a b c x y z u
    """
)
"""Local parts that stand for anybody: at a reserved domain (RFC 2606) they name no person."""
RESERVED_DOMAINS: Final = frozenset({"example", "test"})
"""Names RFC 2606 and RFC 6761 keep for documentation and tests, as a top level domain or as the label below one."""

HARMLESS_MAIL_HOSTS: Final = ("users.noreply.github.com", "noreply.gitlab.com", "users.noreply.gitlab.com")

PLACEHOLDER_WORDS: Final = (
    "example", "placeholder", "changeme", "change_me", "change-me", "your_", "your-", "yourpassword", "yourtoken",
    "yourkey", "yoursecret", "yourapikey", "insert", "replace", "redacted", "dummy", "notreal", "not_real", "todo",
    "xxxx", "....", "****", "####", "____", "-----", "somefake", "fakekey", "fake_", "fake-", "sample", "my_secret",
    "mysecret", "my-secret", "my_password", "mypassword", "my_token", "secret_key_here", "key_here", "token_here",
    "goes_here", "goeshere", "_here", "-here", "tokenhere", "keyhere", "abcdef", "123456789", "foobar", "notapassword",
    "not_a_", "not-a-", "realsecret", "real_secret",
)  # fmt: skip
"""Text inside a value that says it only stands for one."""

PLACEHOLDER_VALUES: Final = split(
    """
    password passwd pass pwd secret token key apikey api_key api-key none null nil true false undefined nan empty string
    str int bool boolean number object array any required optional yes no on off default test testing value values auto
    unknown unset hidden masked root admin user username guest postgres mysql redis mongo localhost bearer basic digest
    admin123 password123 test123 secret123 hello world private public static const self this new function return text
    utf8 utf-8 utf16le ascii latin1 ucs2 base64 base64url binary hex sha1 sha256 sha384 sha512 md5 hs256 hs384 hs512
    rs256 es256 bcrypt argon2 argon2id scrypt pbkdf2 aes-256-gcm aes-128-gcm aes-256-cbc urllib2 x509 oauth2 ed25519
    email hash input output data file env environment variable prompt missing invalid expired enabled disabled
    """
)
"""Whole values that are words of code, not secrets."""

NOBODYS_PASSWORDS: Final = split("abc bar baz foo pass pwd pw xyz mypass mypassword passw0rd yourpass userpass passwd")
"""What documentation writes where the password of a URL goes."""

SLOT_WORDS: Final = split(
    """
    password passwd passphrase pass pwd pw secret secrets token tokens key keys api apikey access auth authentication
    authorization bearer client app application service user username userid name login account admin id value string
    str text my your the a an some any this that new old current here db database root default custom private public
    shared master session refresh id oauth oauth2 jwt basic credential credentials encrypted hashed hash salt signing
    encryption webhook bot github gitlab aws azure gcp google slack stripe openai npm docker ssh ssl tls http https
    from to for of in and or is as by with not no has get set var env config
    """
)
"""Words that name what stands in a place; a value made of nothing else names it too and is none."""

STOP_WORDS: Final = split(
    """
    the and for are was were has had have not but you your our their his her its this that these those with without from
    into onto over under when where which who whom whose what why how will would shall should may might must can could
    does did done been being than then there here they them she him used using use uses set get gets see via per any all
    some each every only also just like such more most other same about above after again before because between both
    during until while upon within one two three required needed invalid missing wrong empty entered stored encrypted
    protected
    show
    """
)
"""Words that join a sentence: where one stands among others, they are no passphrase."""

CODE_WORDS: Final = SLOT_WORDS | split(
    """
    apis types type vec box request response server options option handler provider factory builder error errors
    exception fault faults manager controller component module json xml sql on ids names list map int bool values class
    state event events data node nodes tree file files path index page view model params param args arg add put web
    test tests util utils base core main run read write open close send load save item items field fields info meta kind
    mode size time date log logs url uri host port code codes html css js ts aes gcm cbc rsa ecdsa sha hmac sym priv pub
    gen cookie header headers body query result results status message context store cache queue task job worker thread
    process group role email phone address number count total max min first last next prev start end begin sign verify
    encrypt decrypt encode decode parse format convert create update delete remove find fetch init setup enable disable
    show hide input output source target local remote global static abstract interface impl trait struct enum const let
    function method sec pkcs lib ssl utf ptr cert crl bag entry record schema table column row user permission policy
    """
)
"""Words that identifiers are made of, the short ones among them, which letter pairs alone do not tell from chance."""

COMMON_BIGRAMS: Final = split(
    """
    th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne
    ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa
    ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp
    fe bl ab gh ty op wo sa ay ex ke ui ag ap ck gr if uc bo pp qu sc ef cr cl fr bu do ep up ak sp sy va od ye ki ff ov
    ga oo rm rn dr gi gn pi ks ob bj je nf ok ew fu pu du br ue da ba mb tt ey og rd rk lt rv xt xp ix ax ox
    """
)
"""Letter pairs that make up most of English and of identifiers; random letters hit one in three."""

MAESTRO: Final = ("5018", "5020", "5038", "56", "57", "58", "6304", "6390", "67", "0604")
"""Issuer numbers of the cards that may have twelve digits."""

HASH_KEYS: Final = (
    "integrity", "checksum", "sha1", "sha256", "sha384", "sha512", "sha-", "md5", "digest", "commit", "revision",
    "githead", "git_head", "contenthash", "content_hash", "etag", "fingerprint", "encrypted_content", "signature",
    "mappings", "media_type", "mimetype", "mime_type", "base64", "b64_json",
    "sourcemap", "nonce", "crossorigin", "resolved", "h1:", "thought_signature", "blob", "tree", "parent",
)  # fmt: skip
"""Words just before a value that make it a hash or a blob, not a secret."""
