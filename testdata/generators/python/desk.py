"""What a person has besides the client: a mailbox and an authenticator app.

The test that started the server plays both.
"""

import os

import httpx

SERVER = os.environ["SERVER"]
EMAIL = os.environ["EMAIL"]
PASSWORD = "violet harbour 7"


def key_of_mail() -> str:
    """The key of the link, or the code, in the next mail to Ann."""
    return _ask("/mail", to=EMAIL)


def totp(secret: str) -> str:
    """What an authenticator app shows for a secret, never the same code twice."""
    return _ask("/totp", secret=secret)


def _ask(path: str, **query: str) -> str:
    answer = httpx.get(os.environ["DESK"] + path, params=query, timeout=30)
    answer.raise_for_status()
    return answer.text
