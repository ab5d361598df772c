"""A security key in software, with python-fido2's client before it.

    device.py ORIGIN KIND ALGORITHM

KIND is ctap1, ctap2 (keeps passkeys and verifies its holder) or plain (neither). Each line of
input is a question in JSON, each line of output its answer: a credential, what the client
refused with, or nothing.
"""

import hashlib
import json
import os
import struct
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from fido2 import cbor, cose
from fido2.client import ClientError, DefaultClientDataCollector, Fido2Client
from fido2.ctap import CtapDevice
from fido2.hid import CAPABILITY, CTAPHID

UP, UV, BE, BS, AT = 1, 4, 8, 16, 64
NO_CREDENTIALS, UNSUPPORTED_ALGORITHM, EXCLUDED = b"\x2e", b"\x26", b"\x19"


class Credential:
    """One key pair; sign makes what its algorithm signs."""

    def __init__(self, algorithm, rp_id, user):
        self.id, self.rp_id, self.user, self.count = os.urandom(32), rp_id, user, 0
        curves = {-7: (ec.SECP256R1(), hashes.SHA256()), -35: (ec.SECP384R1(), hashes.SHA384()), -36: (ec.SECP521R1(), hashes.SHA512())}
        if algorithm in curves:
            curve, digest = curves[algorithm]
            self.private = ec.generate_private_key(curve)
            self.sign = lambda message: self.private.sign(message, ec.ECDSA(digest))
        elif algorithm == -8:
            self.private = ed25519.Ed25519PrivateKey.generate()
            self.sign = self.private.sign
        elif algorithm == -257:
            self.private = rsa.generate_private_key(65537, 2048)
            self.sign = lambda message: self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())
        else:
            from cryptography.hazmat.primitives.asymmetric import mldsa

            self.private = {-48: mldsa.MLDSA44PrivateKey, -49: mldsa.MLDSA65PrivateKey, -50: mldsa.MLDSA87PrivateKey}[algorithm].generate()
            self.sign = self.private.sign
        self.cose = cose.CoseKey.for_alg(algorithm).from_cryptography_key(self.private.public_key())


class Key(CtapDevice):
    """What the client speaks to, in CTAP 2.0 or CTAP 1."""

    def __init__(self, kind, algorithm):
        self.kind, self.algorithm = kind, algorithm
        self.empty()

    def empty(self):
        self.kept, self.backup, self.verifies = [], 0, self.kind == "ctap2"

    @property
    def capabilities(self):
        return CAPABILITY(0) if self.kind == "ctap1" else CAPABILITY.CBOR

    @classmethod
    def list_devices(cls):
        return iter(())

    def call(self, cmd, data=b"", event=None, on_keepalive=None):
        if cmd == CTAPHID.MSG:
            return self.apdu(data)
        answer = {1: self.make, 2: self.get, 4: self.info}[data[0]](cbor.decode(data[1:]) if data[1:] else {})
        return answer if isinstance(answer, bytes) else b"\x00" + cbor.encode(answer)

    def info(self, _):
        options = {"rk": True, "up": True, "uv": True} if self.kind == "ctap2" else {"rk": False, "up": True}
        # Without a protocol of PINs the client would not ask the device to verify its holder itself.
        return {1: ["FIDO_2_0"], 3: bytes(16), 4: options, 6: [1]}

    def find(self, rp_id, allowed):
        ids = None if allowed is None else [d["id"] for d in allowed]
        return [c for c in self.kept if c.rp_id == rp_id and (ids is None and c.user or ids is not None and c.id in ids)]

    def flags(self, options):
        verified = UV if options.get("uv") and self.verifies else 0
        return (UP if options.get("up", True) else 0) | verified | self.backup

    def make(self, request):
        options = request.get(7, {})
        if self.algorithm not in [p["alg"] for p in request[4]]:
            return UNSUPPORTED_ALGORITHM
        if request.get(5) and self.find(request[2]["id"], request[5]):
            return EXCLUDED
        made = Credential(self.algorithm, request[2]["id"], request[3] if options.get("rk") else None)
        self.kept.append(made)
        attested = bytes(16) + struct.pack(">H", len(made.id)) + made.id + cbor.encode(made.cose)
        return {1: "none", 2: self.data(made, self.flags(options) | AT) + attested, 3: {}}

    def get(self, request):
        options = request.get(5, {})
        found = self.find(request[1], request.get(3))
        if not found:
            return NO_CREDENTIALS
        one = found[-1]
        if options.get("up", True):
            one.count += 1
        data = self.data(one, self.flags(options))
        answer = {1: {"id": one.id, "type": "public-key"}, 2: data, 3: one.sign(data + request[2])}
        if one.user:
            answer[4] = {"id": one.user["id"]}
        return answer

    @staticmethod
    def data(credential, flags):
        return hashlib.sha256(credential.rp_id.encode()).digest() + struct.pack(">BI", flags, credential.count)

    def apdu(self, data):
        """CTAP 1: an application is known by its hash alone."""
        ins, p1 = data[1], data[2]
        length = struct.unpack(">H", data[5:7])[0]
        body = data[7 : 7 + length]
        if ins == 3:
            return b"U2F_V2\x90\x00"
        challenge, application = body[:32], body[32:64]
        if ins == 1:
            made = Credential(-7, application, None)
            self.kept.append(made)
            point = b"\x04" + made.cose[-2] + made.cose[-3]
            signed = b"\x00" + application + challenge + made.id + point
            # A certificate of no length: what is attested is not looked at.
            return b"\x05" + point + bytes([len(made.id)]) + made.id + b"\x30\x00" + made.sign(signed) + b"\x90\x00"
        found = [c for c in self.kept if c.id == body[65:] and c.rp_id == application]
        if not found:
            return b"\x6a\x80"
        if p1 == 7:
            return b"\x69\x85"
        found[0].count += 1
        told = struct.pack(">BI", UP, found[0].count)
        return told + found[0].sign(application + told + challenge) + b"\x90\x00"


def answer(key, origin, question):
    client = Fido2Client(key, DefaultClientDataCollector(origin))
    match question["ask"]:
        case "create":
            return dict(client.make_credential(question["options"]["publicKey"]))
        case "get":
            return dict(client.get_assertion(question["options"]["publicKey"]).get_response(0))
        case "empty":
            key.empty()
        case "moved":
            key.backup ^= BE | BS
        case "unverified":
            key.verifies = False
        case "restarted":
            for credential in key.kept:
                credential.count = 0
        case other:
            return {"refused": f"cannot be {other}"}
    return {}


def main():
    origin, kind, algorithm = sys.argv[1:]
    key = Key(kind, int(algorithm))
    for line in sys.stdin:
        question = json.loads(line)
        try:
            said = answer(key, question.get("origin", origin), question)
        except ClientError as e:
            said = {"refused": f"{e.code.name}: {e.cause}"}
        print(json.dumps(said), flush=True)


main()
