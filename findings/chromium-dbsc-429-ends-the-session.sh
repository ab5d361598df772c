#!/usr/bin/env bash
# Chromium 156.0.8078.108 (Debian 12), Device Bound Session Credentials.
#
# A browser whose bound cookie has ended asks the session's refresh address for another. By the
# draft of the W3C (webappsec-dbsc, "Send request", as of February 2026), an answer of 429 leaves the
# session as it is: the browser asks again later. Chromium ends the session at once and for good, as
# after a 404: what limits rates in front of such an address signs people out. With 503 it keeps the
# session. Seen here: after a first refresh that is answered 503, 429 or 404, whether further
# requests lead to others.
#
# Needs chromium and go. Takes 10 s. Exits 0 while that is so, 1 once it changes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >go.mod <<'MOD'
module refreshes

go 1.24
MOD
cat >main.go <<'GO'
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax"

// page binds a session, loses the cookie, and asks three times for something.
const page = `<!doctype html><script>
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
(async () => {
	await fetch('/offer');
	await wait(1000);
	for (const path of ['/lose', '/first', '/second', '/done']) { await fetch(path); await wait(200); }
})();
</script>`

// after is how many refreshes there are of which the first is answered by a status.
func after(status int) (registered bool, refreshes int) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	about := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	fail(err)
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	fail(err)
	pin := sha256.Sum256(spki)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	fail(err)
	defer listener.Close()
	done := make(chan bool)
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, page)
		case "/offer":
			w.Header().Set("Secure-Session-Registration", `(ES256);path="/register";challenge="c"`)
		case "/register":
			registered = r.Header.Get("Secure-Session-Response") != ""
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Set-Cookie", "bound=1; Max-Age=600; "+attributes)
			fmt.Fprintf(w, `{"session_identifier": "s", "refresh_url": "/refresh", "scope": {"include_site": false},
				"credentials": [{"type": "cookie", "name": "bound", "attributes": "%s"}]}`, attributes)
		case "/lose":
			w.Header().Set("Set-Cookie", "bound=; Max-Age=0; "+attributes)
		case "/refresh":
			refreshes++
			w.WriteHeader(status)
		case "/done":
			close(done)
		}
	}))
	home, err := os.MkdirTemp("", "")
	fail(err)
	defer os.RemoveAll(home)
	browser := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+home, "--remote-debugging-port=0",
		"--enable-features=DeviceBoundSessions,EnableBoundSessionCredentialsSoftwareKeysForManualTesting",
		"--ignore-certificate-errors-spki-list="+base64.StdEncoding.EncodeToString(pin[:]),
		fmt.Sprintf("https://localhost:%d/", listener.Addr().(*net.TCPAddr).Port))
	fail(browser.Start())
	select {
	case <-done:
	case <-time.After(30 * time.Second):
	}
	browser.Process.Kill()
	browser.Wait()
	return registered, refreshes
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func main() {
	version, _ := exec.Command("chromium", "--version").Output()
	fmt.Println(strings.TrimSpace(string(version)))
	as := true
	for status, kept := range map[int]bool{503: true, 429: false, 404: false} {
		registered, refreshes := after(status)
		fmt.Printf("answered %d: %d refreshes for three requests (bound: %t)\n", status, refreshes, registered)
		as = as && registered && (refreshes > 1) == kept
	}
	if !as {
		os.Exit(1)
	}
}
GO
go run .
