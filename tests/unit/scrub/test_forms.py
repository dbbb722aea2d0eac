"""What stays and what goes, form by form: fake secrets, made-up people, commands, other languages, clean code."""

from __future__ import annotations

import pytest

from sidecar.scrub.scrubber import Scrubber

BASE = Scrubber()
KEY = "k7Rq2ZtLw9XcV4mHb8Ns"
PASSWORD = "Tr0ub4dor&3x"

GONE = {
    "AKIAIOSFODNN7EXAMPLE": "AKIAIOSFODNN7EXAMPLE",
    "sk-ant-api03-FAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKE-fakeAA": "FAKEFAKE",
    "ghp_0123456789abcdefghijABCDEFGHIJ012345": "ghp_0123",
    "echo AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": "wJalr",
    "AKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": "wJalr",
    "contact alice.smith@example.com": "alice",
    "john4@example.org": "john4",
    "/home/alice/.ssh/id_rsa": "alice",
    r"C:\\Users\\bob\\x": "bob",
    r"C:\Users\Maria Garcia\x": "Garcia",
    r"C:\Users\MARIAG~1\AppData": "~1",
    r"C:\Documents and Settings\jdoe\x": "jdoe",
    r"\\wsl$\Ubuntu\home\jdoe\x": "jdoe",
    "-Users-alice-code": "alice",
    "his number is 528-103939": "528",
    "number 528 10 3939 is his": "528",
    "2001:470:1f0b:1234:5054:ff:fe1b:b031": "2001",
    f'char password[] = "{PASSWORD}";': PASSWORD,
    f'NSString *secret = @"{KEY}";': KEY,
    f"token = b'{KEY}'": KEY,
    f"echo {PASSWORD} | sudo -S ls": PASSWORD,
    f"docker login -u me -p {PASSWORD} r.io": PASSWORD,
    f'HTTPBasicAuth("user", "{PASSWORD}")': PASSWORD,
    f'ConvertTo-SecureString "{PASSWORD}" -AsPlainText': PASSWORD,
    f"| password | {PASSWORD} |": PASSWORD,
    f"contraseña: {PASSWORD}": PASSWORD,
    f"密码：{PASSWORD}": PASSWORD,
    f"пароль: {PASSWORD}": PASSWORD,
    f"パスワード：{PASSWORD}": PASSWORD,
    f"비밀번호: {PASSWORD}": PASSWORD,
    "https://api.telegram.org/bot110201543:AAHdqTcvCH1vGWJxfSe1ofSAs0K5PALDsaw/getMe": "AAHdq",
    "root:$6$k7Rq2ZtL$" + "w9XcV4mHb8NsYd3GfJ6p" * 4 + "w9XcV4:18000:0": "w9XcV4",
    f"AwsAccess {KEY}{KEY}": KEY,
}


@pytest.mark.parametrize("text", GONE)
def test_what_must_not_leave_is_gone(text: str):
    """The telling part of each text is not readable afterwards."""
    assert GONE[text] not in BASE.fresh().text(text)


STAYS = (
    "test@example.com, you@example.com, user@example.org, git@github.com",
    "/home/me/proj /home/runner/work /home/ubuntu/x /root/x /Users/shared/y",
    "    --- PASS: TestIsOutdated/patch_version_bump (0.00s)",
    "License: BSD-3-Clause",
    "51 Franklin St, Boston, MA 02110-1301 USA",
    "* v8: Upgrade to 3.24.35.22",
    "0065 0302 0304 ; [.2007.0021.0002]",
    "5402 5403 5404 5405 5406 5407 5408 5409",
    "def read(self, name, pwd=None):",
    "private_key: ed25519.Ed25519PrivateKey",
    "nid_key = self._lib.NID_aes_256_cbc",
    "self.auth_grant = OAuth2AuthorizationCodeGrant(request_validator)",
    "Buffer.from(password, 'base64')",
    "you can pass `--dry-run` to it",
    "cat pw.txt | docker login --password-stdin",
    '{"dummy": "api-custom-key", "c098f218-face-c0fe-dea0-0199cba": "x"}',
    "s/&/ucfirst(lc($pw->name))/ge",
    "openssl genpkey -paramfile x -algorithm EC",
    "'x86_64-linux-gnu-gcc-ar'",
    "'/lib64/libstdc++.so.6'",
    "proxy_auth = base64.b64encode(proxy_passwd.encode()).decode('ascii')",
    '"media_type":"image/png","data":"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"',
    "curl -u user:password http://localhost",
    "ssh 98.76.54.32",
    "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "50:06:01:60:3b:a0:12:9f",
    "Tels 2001-2009",
    "my_api_key, accessToken, API_TOKEN=API_TOKEN",
)


@pytest.mark.parametrize("text", STAYS)
def test_what_says_nothing_stays(text: str):
    """Generic people, reserved names, results of tests, code and tables come out as they went in."""
    assert BASE.fresh().text(text) == text


def test_a_member_whose_name_became_a_placeholder_names_no_secret():
    """A key that was replaced does not make its value a secret the second time."""
    value = {"3MVG9" + "k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6p" * 3: '%3D"node_modules/vscode-languageserver"'}
    once = BASE.fresh().json(value)
    assert list(once) == ["[API_KEY]"]
    assert BASE.fresh().json(once) == once
