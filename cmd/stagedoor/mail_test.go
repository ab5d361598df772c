package main

import (
	"bufio"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// post is a mail server that keeps what it is given.
type post struct {
	t    *testing.T
	port string

	mu sync.Mutex
	// letters are by address, oldest first.
	letters map[string][]string
}

// newPost listens until the test ends.
func newPost(t *testing.T) *post {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &post{t: t, letters: make(map[string][]string)}
	_, p.port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.talk(conn)
		}
	}()
	return p
}

// talk speaks as much SMTP (RFC 5321) as it takes to be given a letter.
func (p *post) talk(conn net.Conn) {
	defer conn.Close()
	c := textproto.NewConn(conn)
	to := ""
	_ = c.PrintfLine("220 post")
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			_ = c.PrintfLine("250 post")
		case "RCPT":
			to = strings.Trim(rest[strings.IndexByte(rest, ':')+1:], " <>")
			_ = c.PrintfLine("250 fine")
		case "DATA":
			_ = c.PrintfLine("354 go on")
			letter, err := c.ReadDotBytes()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.letters[to] = append(p.letters[to], string(letter))
			p.mu.Unlock()
			_ = c.PrintfLine("250 kept")
		case "QUIT":
			_ = c.PrintfLine("221 bye")
			return
		default:
			_ = c.PrintfLine("250 fine")
		}
	}
}

// count is how many letters an address has.
func (p *post) count(to string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.letters[to])
}

var keyInLink = regexp.MustCompile(`http://localhost:3000/verify/(\S+)`)

// key waits until an address has more than n letters and returns the key of the link in
// the last one.
func (p *post) key(to string, n int) string {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); p.count(to) <= n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("no letter came; there are %d to %s", p.count(to), to)
		}
	}
	p.mu.Lock()
	letter := p.letters[to][len(p.letters[to])-1]
	p.mu.Unlock()
	found := keyInLink.FindStringSubmatch(plainText(p.t, letter))
	if found == nil {
		p.t.Fatalf("no link in\n%s", letter)
	}
	return found[1]
}

// plainText is the part of a letter for people who read text (RFC 2046, section 5.1.4).
func plainText(t *testing.T, letter string) string {
	t.Helper()
	m, err := mail.ReadMessage(bufio.NewReader(strings.NewReader(letter)))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatalf("no plain text in\n%s", letter)
		}
		if !strings.HasPrefix(part.Header.Get("Content-Type"), "text/plain") {
			continue
		}
		var body io.Reader = part
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(part)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}
