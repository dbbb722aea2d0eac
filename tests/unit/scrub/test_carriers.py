"""What agents print: dumps of environments, state files, headers, tables, listings; and clean lines that look like them."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from sidecar.scrub.scrubber import Scrubber

BASE = Scrubber()
P = "vK9$mTq2!xZr"
W = "brzl93xk"
K = "Rq7LtZw2XcV9mHb4NsYd8GfJ3pKe6TuA1oSiBnQx"
H = "e5a6e743849e63f8101ac616f8fd0ba8"
U = "6f4c76ff-8b24-4f98-ab09-8d2f129a31e3"


def _b64(text: str) -> str:
    return b64encode(text.encode()).decode()


CARRIERS = (
    (f"DB_PASS={P}\nPATH=/usr/bin", P),
    (f'declare -x DATABASE_URL="postgres://app:{W}@10.0.0.3/db"', W),
    (f"environ({{'DB_PASS': '{P}', 'LANG': 'C'}})", P),
    (json.dumps({"Config": {"Env": [f"MYSQL_ROOT_PASSWORD={W}", "PATH=/usr"]}}, indent=2), W),
    (f"docker run -e POSTGRES_PASSWORD={W} postgres", W),
    (f"apiVersion: v1\ndata:\n  password: {_b64(P)}\nkind: Secret\nmetadata:\n  name: db\n", _b64(P)),
    (f"kubectl create secret docker-registry r --docker-password={W} --docker-username=bob", W),
    (f"helm install x y --set auth.password={W}", W),
    (f"aws configure set aws_secret_access_key {K}", K),
    (f"https://x-access-token:{K}@github.com/o/r.git", K),
    (f"protocol=https\nhost=github.com\nusername=bob\npassword={K}\n", K),
    (f"//npm.corp.io/:_password={_b64(W + 'xyz')}", _b64(W + "xyz")),
    (f"[pypi]\nusername = __token__\npassword = {K}\n", K),
    (f"poetry config http-basic.corp bob {W}", W),
    (f"twine upload -u bob -p {W} dist/*", W),
    (f"cargo login {K}", K),
    (f"snyk auth {U}", U),
    (f"codecov -t {U}", U),
    (f"az login --service-principal -u {U} -p {K} --tenant x", K),
    (f"heroku auth:token\n{U}", U),
    (json.dumps({"outputs": {"db_password": {"value": W, "type": "string"}}}, indent=2), W),
    (json.dumps({"Parameter": {"Name": "/prod/db", "Type": "SecureString", "Value": W}}), W),
    (json.dumps({"SecretString": json.dumps({"username": "bob", "password": W})}), W),
    (f'  + password = "{P}"', P),
    (f"vault kv get secret/x\nKey         Value\n---         -----\npassword    {W}\n", W),
    (f"> Authorization: Basic {_b64('bob:' + W)}\n", _b64("bob:" + W)),
    (f"< set-cookie: __Host-session={K}; path=/\n", K),
    (f"-H 'Ocp-Apim-Subscription-Key: {H}'", H),
    (f"https://h.io/reset-password?token={K}", K),
    (f"https://buck-7.s3.amazonaws.com/k/o.bin?X-Amz-Expires=60&X-Amz-Signature={H}{H}", "buck-7"),
    (f"sqlplus bob/{W}@h", W),
    (f"jdbc:oracle:thin:bob/{W}@//h:1521/x", W),
    (f"Server=h;Database=d;User Id=sa;Password={P};Encrypt=True", P),
    (f"cache.x.net:6380,password={K}=,ssl=True", K),
    (f"\ndb.corp:5432:app:bob:{W}\n", W),
    (f"\nrequirepass {W}\n", W),
    (f"...\n{K}{K[:24]}\n{K}{K[:24]}\n-----END RSA PRIVATE KEY-----", K),
    (f"password: >-\n  {P}\n", P),
    (f"api_key: |\n  {K}\n", K),
    (f"password: &pw {P}\n", P),
    (f"password: !!str {W}", W),
    (f"- {{name: DB_PASS, value: {W}}}", W),
    (json.dumps(json.dumps(json.dumps({"password": P}))), P),
    (f"$env:DB_PASS = '{P}'", P),
    (f"net use Z: \\\\h\\s {W} /user:bob", W),
    (f"'{P}' | ConvertTo-SecureString -AsPlainText -Force", P),
    (f"ConvertTo-SecureString -AsPlainText -Force {W}", W),
    (f"INSERT INTO users (name, password) VALUES ('bob', '{P}'), ('ann', '{W}');", W),
    (f"SET PASSWORD FOR 'bob' = '{W}'", W),
    (f"| id | name | password |\n+----+------+----------+\n| 1 | bob | {W} |", W),
    (f" id | name | password \n----+------+----------\n  1 | bob | {W}\n", W),
    (f"name,password,role\nbob,{W},admin\nann,{P},user\n", P),
    (f"name\tapi_key\nbob\t{K}\n", K),
    (f"| user | password |\n|---|---|\n| bob | `{W}` |", W),
    ("name,ssn\nbob,536221894\n", "536221894"),
    ("name;phone\nbob;4155550132\n", "4155550132"),
    (f"my pw is {W}", W),
    (f"New password generated: {W}", W),
    (f"creds = ('bob', '{W}')", W),
    ("passphrase: velvet tundra oxide limit", "tundra"),
    ("seed phrase: letter advice cage absurd amount doctor acoustic avoid letter advice cage above", "advice cage"),
    ("Your verification code is 593821.", "593821"),
    ("2FA code: 018274", "018274"),
    ("recovery codes:\n  k7rq2-ztlw9\n  xcv4m-hb8ns\n", "xcv4m"),
    (f"driver.find_element(By.ID, 'password').send_keys('{P}')", P),
    (f"page.type('input[name=password]', '{P}')", P),
    (f'expect "Password:"\nsend "{P}\\r"', P),
    (f'WiFi.begin("home", "{P}");', P),
    ("olcRootPW: {SSHA}Ew6AQOfMXSfjSNTtgatwqilBIzbvfLux", "Ew6AQO"),
    ('"cwd":"\\/Users\\/mvoss\\/x"', "mvoss"),
    ("vscode-remote://ssh-remote%2Bbox/home/mvoss/p", "mvoss"),
    ("uid=1000(mvoss) gid=1000(mvoss) groups=1000(mvoss)", "mvoss"),
    ("mvoss@laptop:~/x$ ls\nmvoss  4242  0.0  0.1  12345 678 ? S 10:00 0:00 vim", "mvoss"),
    ("inet6 fe80::1c2/64 scope link", "fe80::1c2"),
    ("ssh 2a01::5", "2a01::5"),
)


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda c: repr(c[0][:40]))
def test_nothing_readable_is_left(carrier: tuple[str, str]):
    """The secret of each carrier is gone, and a second scrub changes nothing."""
    text, secret = carrier
    out = BASE.fresh().text(text)
    assert secret not in out
    assert BASE.fresh().text(out) == out


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda c: repr(c[0][:40]))
def test_both_engines_find_the_same_in_carriers(carrier: tuple[str, str]):
    """The fallback finds in each carrier what hyperscan finds."""
    text, _ = carrier
    assert Scrubber(engine="re").find(text) == Scrubber(engine="hyperscan").find(text)


CLEAN = r"""
curl -u username:password https://h
curl -u "$USER:$PASS" https://h
curl -u 'USERNAME:API_TOKEN' https://h
curl -u "${{ secrets.U }}:${{ secrets.P }}" https://h
//registry.npmjs.org/:_authToken=${NPM_TOKEN}
token: ${{ secrets.GITHUB_TOKEN }}
apiKey: import.meta.env.VITE_API_KEY,
password: z.string().min(8),
password: { type: String, required: true },
token: Option<String>,
const token = req.headers['authorization'];
"password.required": "Password is required",
password = getpass.getpass("Password: ")
API_KEY=your_api_key_here
SECRET_KEY=change-me-in-production
"token_endpoint": "https://auth.h.com/oauth2/token",
"key": "user.settings.theme.dark",
<input type="password" name="password" id="password" class="form-control" placeholder="Password">
key: ${{ runner.os }}-cargo-${{ hashFiles('Cargo.lock') }}
tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
password = random_password.db.result
password  = sensitive(var.password)
password = @{type = 'str'; required = $false }
PASSWORD_SAFE = "".join([])
b64key = base32_to_base64(b32key)
Pw   = 0x48  // Rex.w
_SECRET_LONG = r'/versions/(?P<version_long>.+)'
"Sid": "Stmt1450910920641"
protobuf_key:"bytes,1,opt,name=key,proto3"
if key_node.tag == u'tag:yaml.org,2002:merge':
#define OBJ_userPassword                 OBJ_X509,35L
user[:passwd]@host[:port]
V=s+((E=R+(V<<16&4294967295|V>>>16))^R)+T[10]+3200236656&4294967295
See C++14 20.10.4.1, primary type categories
GB/T 32907-2016
aws.String("vol-049df61146c4d7901")
uri: 'spotify:track:0J1IJsMbKWb5g2sJArTkGF'
x.py,sha256=u-MuYm0LsZMN670u_TtSWiMBUA2z4j1sIe3O2A67Ep4,2923
X25519 = ObjectIdentifier("1.3.101.110")
https://ajax.googleapis.com/ajax/libs/prototype/1.7.1.0/prototype.js
GET    /users/sign_in    users/sessions#new
`/users/by/username/${name}`
https://support.google.com/a/users/answer/9018161#install
PASS src/app.test.tsx (5.123 s)
PASS: gas/i386/x86-64-align-branch-4a
the token is validated server side
passphrase is required for encrypted keys
Your verification code will expire in 600 seconds
PIN_LENGTH=6
const { user, password, host } = config
def login(self, user, password, token):
docker run -u 1000:1000 -p 1337:1337 mongo
git@bitbucket.org:team/repo.git
""".strip().splitlines()


@pytest.mark.parametrize("line", CLEAN)
def test_clean_lines_stay(line: str):
    """A line of code, configuration or prose that holds no secret comes out as it went in."""
    assert BASE.fresh().text(line) == line


def test_a_common_word_is_not_learned_from_a_path():
    """A home named like a common word goes from its path and stays elsewhere; a name of a person goes everywhere."""
    out = BASE.fresh().text("/home/staging/x and staging; /home/mvoss/x and mvoss")
    assert out == "/home/[USER]/x and staging; /home/[USER]/x and [USER]"
