#!/usr/bin/env bash
# Chromium 156.0.8078.108 (Debian 12), Device Bound Session Credentials.
#
# The draft of the W3C (webappsec-dbsc, February 2026) has the browser's two headers as structured
# fields (RFC 9651) whose value is a string, in quotes:
#
#     Secure-Session-Response: "eyJhbGciOi..."
#     Sec-Secure-Session-Id: "session-id"
#
# Chromium sends both bare. A server that reads them with a parser of structured fields finds a
# token where it looks for a string, or an error where an identifier begins with a digit,
# and refuses every registration and every refresh: the browser says nothing, and no session is bound.
# What the server answers must have its quotes all the same: a challenge whose id has none ends
# the session. So a server takes both forms, and chooses identifiers that begin with a letter.
#
# Seen: Secure-Session-Response: eyJhbGciOi... and Sec-Secure-Session-Id: 7a-session.
# Needs chromium, openssl and python3; ten seconds. Exits 0 while that is so, 1 once it changes.
set -euo pipefail

dir=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir" 2>/dev/null || { sleep 2; rm -rf "$dir"; }' EXIT
cd "$dir"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout key.pem -out cert.pem \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>openssl.log
spki=$(openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)

cat >server.py <<'PY'
import json, ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEADERS = ("Secure-Session-Response", "Sec-Secure-Session-Id")


class Site(BaseHTTPRequestHandler):
    def answer(self, body, kind="text/html", **headers):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        # The page asks for something every half a second: once there is a session, its cookie is missing.
        page = b"<!doctype html><script>setInterval(() => fetch('/data'), 500)</script>"
        self.answer(page, Secure_Session_Registration='(ES256);path="/register";challenge="a-challenge"' if self.path == "/" else "")

    def do_POST(self):
        with open("seen", "a") as seen:
            for name in HEADERS:
                if self.headers[name]:
                    seen.write(f"{name}: {self.headers[name]}\n")
        session = {
            "session_identifier": "7a-session", "refresh_url": "/refresh", "scope": {"include_site": False},
            "credentials": [{"type": "cookie", "name": "bound", "attributes": "Path=/; Secure; HttpOnly"}],
        }
        self.answer(json.dumps(session).encode(), "application/json")

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
with open("port", "w") as port:
    port.write(str(server.server_port))
server.serve_forever()
PY
touch seen
python3 server.py &
pids+=($!)
until [[ -s port ]]; do sleep 0.1; done

chromium --version
chromium --headless=new --no-sandbox --user-data-dir="$dir/profile" --ignore-certificate-errors-spki-list="$spki" \
	--enable-features=DeviceBoundSessions,EnableBoundSessionCredentialsSoftwareKeysForManualTesting \
	"https://localhost:$(cat port)/" >chromium.log 2>&1 &
pids+=($!)
for _ in $(seq 100); do
	grep -q '^Sec-Secure-Session-Id' seen && break
	sleep 0.2
done
sort -u seen | cut -c1-70
grep -q '^Secure-Session-Response: eyJ' seen && grep -q '^Sec-Secure-Session-Id: 7a-session$' seen
