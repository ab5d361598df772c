#!/usr/bin/env bash
# python-fido2 2.2.1 (PyPI).
#
# A security key of CTAP 2.0 that verifies its holder by itself (option uv, as those with a
# fingerprint reader) and has no PIN reports no protocol of PINs. One would expect the client to ask
# it with the option uv, as it does with a key that reports a protocol. It raises ValueError, "No
# compatible PIN/UV protocols supported!", before it asks the key, for userVerification "preferred"
# and "required". Seen here: that error for such a key, and a request with uv for the same key once
# it reports protocol 1, of which nothing is used.
#
# Needs python3; some 20 seconds. Exits 0 while that is so, 1 once it changes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv tool
tool/bin/pip install --quiet --disable-pip-version-check fido2==2.2.1

cat >key.py <<'PY'
from fido2 import cbor
from fido2.client import ClientError, DefaultClientDataCollector, Fido2Client
from fido2.ctap import CtapDevice
from fido2.hid import CAPABILITY


class Key(CtapDevice):
    """It says what it is, and notes with which options it is asked for a credential."""

    def __init__(self, more):
        self.said = {1: ["FIDO_2_0"], 3: bytes(16), 4: {"rk": True, "up": True, "uv": True}, **more}
        self.asked = None

    @property
    def capabilities(self):
        return CAPABILITY.CBOR

    @classmethod
    def list_devices(cls):
        return iter(())

    def call(self, cmd, data=b"", event=None, on_keepalive=None):
        if data[0] == 4:
            return b"\x00" + cbor.encode(self.said)
        self.asked = cbor.decode(data[1:]).get(7)
        return b"\x27"  # the holder says no


def ask(key, verification):
    client = Fido2Client(key, DefaultClientDataCollector("https://example.com"))
    try:
        client.make_credential({
            "rp": {"id": "example.com", "name": "Example"}, "challenge": b"0" * 32,
            "user": {"id": b"1", "name": "a", "displayName": "a"},
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
            "authenticatorSelection": {"userVerification": verification},
        })
    except ClientError:
        return f"asked with {key.asked}"
    except ValueError as e:
        return f"{type(e).__name__}: {e}"


same = True
for verification in "preferred", "required":
    without, protocol = ask(Key({}), verification), ask(Key({6: [1]}), verification)
    print(f"{verification}: without a protocol of PINs {without}; with one {protocol}")
    same = same and without.startswith("ValueError") and protocol == "asked with {'uv': True}"
if not same:
    print("it is otherwise now")
raise SystemExit(0 if same else 1)
PY
tool/bin/python key.py
