package servers

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// root is the top of the repository.
const root = "../../../.."

// served is the header in which the balancers of these tests say which server has answered.
const served = "X-Served-By"

// block is the one fenced block of a language in the README.
func block(t testing.TB, language string) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)\n```"+language+"\n(.*?)\n```\n").FindAllSubmatch(readme, -1)
	if len(found) != 1 {
		t.Fatalf("the README has %d blocks of %s, want one", len(found), language)
	}
	return string(found[0][1]) + "\n"
}

// replaced is a text with each of the pairs replaced, all of which must be there.
func replaced(t testing.TB, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the README's block has no %q", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// proxies are the balancers of the README, by name.
func proxies() []string { return []string{"haproxy", "nginx"} }

// balance starts a balancer as the README sets it up, at an address in front of others. Of the
// README's block it changes the addresses; it speaks plain HTTP unless there is a file with a
// certificate and its key, and says which server has answered.
func balance(t testing.TB, program, at, certificate string, servers []string) {
	t.Helper()
	path := suite.Program(t.(*testing.T), program)
	dir := t.TempDir()
	var pairs []string
	for i, addr := range servers {
		pairs = append(pairs, fmt.Sprintf("10.0.0.%d:8080", i+1), addr)
	}
	text, file := replaced(t, block(t, program), pairs...), filepath.Join(dir, program+".conf")
	var run *exec.Cmd
	switch program {
	case "haproxy":
		text = replaced(t, text, "backend stagedoor\n", "backend stagedoor\n    http-response set-header "+served+" %s\n")
		if certificate == "" {
			text = regexp.MustCompile(`bind :443 .*`).ReplaceAllString(text, "bind "+at)
		} else {
			text = replaced(t, text, "bind :443", "bind "+at, "/etc/haproxy/auth.example.com.pem", certificate)
		}
		run = exec.Command(path, "-db", "-f", file)
	case "nginx":
		text = replaced(t, text, "location / {\n", "location / {\n        add_header "+served+" $upstream_addr always;\n")
		if certificate == "" {
			text = replaced(t, text, "listen 443 ssl http2;", "listen "+at+";")
			text = regexp.MustCompile(`ssl_certificate.*;`).ReplaceAllString(text, "")
		} else {
			text = replaced(t, text, "listen 443", "listen "+at, "/etc/nginx/auth.example.com.pem", certificate)
		}
		text = nginxFile(dir, text)
		run = exec.Command(path, "-p", dir, "-c", file, "-e", "stderr")
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	run.Stdout, run.Stderr = &said, &said
	run.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Signal(syscall.SIGTERM)
		_ = run.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%.4000s", program, said.String())
		}
	})
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", at)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen: %v", program, err)
		}
	}
}

// nginxFile is what stands around a server of nginx, for one without rights.
func nginxFile(dir, server string) string {
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n"
	}
	return user + `daemon off;
pid ` + dir + `/pid;
worker_processes 1;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path ` + dir + `/body;
    proxy_temp_path ` + dir + `/proxy;
    fastcgi_temp_path ` + dir + `/fastcgi;
    uwsgi_temp_path ` + dir + `/uwsgi;
    scgi_temp_path ` + dir + `/scgi;
` + server + "}\n"
}
