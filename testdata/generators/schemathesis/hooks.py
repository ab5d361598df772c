"""Signs schemathesis in, so that it gets past the door.

Routes for who is signed in are asked with a session whose proof is fresh, those for a second
factor by a sign-in that waits for it, and the others by strangers. A browser's requests carry the CSRF token as its pages would have sent it.
"""

import os
import re
import tomllib
from pathlib import Path

import requests
import schemathesis

SERVER = os.environ["SERVER"]
PASSWORD = os.environ["PASSWORD"]
CSRF = "x" * 32

# Failures that are none, with their reasons.
EXCUSED = tomllib.loads(Path(__file__).with_name("excused.toml").read_text())["excused"]

# What asks for a session, on either contract.
SIGNED_IN = re.compile(r"/account/|/auth/sessions?/?$|/2fa/reauth|/auth/(webauthn/)?reauth|^/auth/(user|logout|password/change|mfa/(totp|web|rec|authenticators))")

# What asks for a second factor, of a sign-in that waits for one.
WAITING = re.compile(r"/2fa/(authenticate|trust)|/webauthn/authenticate|/mfa/authenticate|/stages/mfa_(authenticate|trust)")


def kind_of(path: str) -> str:
    """Whose route it is: a browser's, an app's, or one of the plain contract."""
    found = re.search(r"/(browser|app)/v1/", path)
    return found.group(1) if found else "plain"


def post(path: str, kind: str, token: str | None = None, **body: str) -> requests.Response:
    """Sends what a client of the kind would send."""
    headers, cookies = credentials(kind, token)
    answer = requests.post(SERVER + path, json=body, headers=headers, cookies=cookies, timeout=30)
    assert answer.status_code in (200, 401), answer.text
    return answer


def credentials(kind: str, token: str | None) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and cookies of a client that has a token, or none."""
    if kind == "browser":
        session = {"sessionid": token} if token else {}
        return {"X-CSRFToken": CSRF}, {"csrftoken": CSRF, **session}
    if not token:
        return {}, {}
    return {"X-Session-Token": token} if kind == "app" else {"Authorization": f"Bearer {token}"}, {}


def sign_in(kind: str) -> str:
    """A session that may do everything, by its token."""
    ann = {"email": f"{kind}@example.org", "password": PASSWORD}
    if kind == "plain":
        token = post("/auth/login", kind, **ann).json()["access_token"]
        post("/auth/stages/reauthenticate", kind, token, password=PASSWORD)
        return token
    base = f"/_allauth/{kind}/v1/auth/"
    entered = post(base + "login", kind, **ann)
    token = entered.cookies["sessionid"] if kind == "browser" else entered.json()["meta"]["session_token"]
    post(base + "reauthenticate", kind, token, password=PASSWORD)
    return token


def wait(kind: str) -> str:
    """A sign-in that waits for its second factor, by its token."""
    bob = {"email": f"guarded-{kind}@example.org", "password": PASSWORD}
    if kind == "plain":
        return post("/auth/login", kind, **bob).json()["mfa_token"]
    waits = post(f"/_allauth/{kind}/v1/auth/login", kind, **bob)
    return waits.cookies["sessionid"] if kind == "browser" else waits.json()["meta"]["session_token"]


# The sessions there are, by kind.
sessions: dict[str, str] = {}


@schemathesis.auth(refresh_interval=None, retry_on=[])
class Account:
    """A session where the route wants one."""

    def get(self, case, context):
        kind = kind_of(case.path)
        if kind != "plain" and WAITING.search(case.path):
            return kind, wait(kind)
        if not SIGNED_IN.search(case.path) or WAITING.search(case.path):
            return kind, None
        if kind not in sessions:
            sessions[kind] = sign_in(kind)
        return kind, sessions[kind]

    def set(self, case, data, context):
        headers, cookies = credentials(*data)
        case.headers.update(headers)
        case.cookies.update(cookies)


@schemathesis.hook
def before_call(context, case, kwargs):
    """The plain contract has the token of a run in the body."""
    if kind_of(case.path) == "plain" and WAITING.search(case.path):
        if isinstance(case.body, dict) and isinstance(case.body.get("token"), str):
            case.body["token"] = wait("plain")


@schemathesis.hook
def after_call(context, case, response):
    """Sessions end: by signing out, or as one of the list of sessions."""
    ends = case.method == "DELETE" and "/auth/session" in case.path or "/logout" in case.path
    signed_out = response.status_code == 401 and SIGNED_IN.search(case.path) and b'"is_authenticated":true' not in response.content
    if ends or signed_out or response.status_code == 410:
        sessions.pop(kind_of(case.path), None)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops what is excused."""
    where = f"{case.method} {case.path}"
    return not any(
        one["code"] == failure.code
        and any(s == response.status_code or f"got `{s} " in failure.message for s in one["statuses"])
        and re.search(one["where"], where)
        and (not one.get("null") or isinstance(case.body, dict) and None in case.body.values())
        for one in EXCUSED
    )
