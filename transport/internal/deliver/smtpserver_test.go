package deliver

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// smtpServer is a mail server that does as it is told.
type smtpServer struct {
	// Answers to the greeting, MAIL, RCPT, DATA, the final dot, RSET and QUIT; what they would
	// be if all is well where empty. "drop" breaks the connection, "hang" says nothing
	// until the server closes.
	greeting, onMail, onRcpt, onData, onDot, onRset, onQuit string
	// delay comes before every answer to RCPT.
	delay time.Duration
	// secure offers STARTTLS; implicit expects TLS at once.
	secure, implicit bool
	// user and password are asked for, by AUTH PLAIN, if set.
	user, password string

	listener net.Listener
	tls      *tls.Config
	roots    *x509.CertPool
	closed   chan struct{}

	mu             sync.Mutex
	open           int
	busy, mostBusy int
	mails          []received
}

// received is a mail that was accepted.
type received struct {
	from, to  string
	data      string
	encrypted bool
	user      string
}

// start listens, on a port of its own unless it has a listener, until the test is over.
func (s *smtpServer) start(t *testing.T) *smtpServer {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	s.tls = &tls.Config{Certificates: web.TLS.Certificates}
	s.roots = x509.NewCertPool()
	s.roots.AddCert(web.Certificate())
	web.Close()
	if s.listener == nil {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s.listener = l
	}
	l := s.listener
	s.closed = make(chan struct{})
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		close(s.closed)
		_ = l.Close()
		conns.Wait()
	})
	return s
}

func (s *smtpServer) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// inbox returns what was accepted so far.
func (s *smtpServer) inbox() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.mails...)
}

// connections returns how many connections are open.
func (s *smtpServer) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// busiest returns how many mails were in the making at once, at most.
func (s *smtpServer) busiest() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mostBusy
}

func (s *smtpServer) serve(conn net.Conn) {
	s.mu.Lock()
	s.open++
	s.mu.Unlock()
	defer func() {
		_ = conn.Close()
		s.mu.Lock()
		s.open--
		s.mu.Unlock()
	}()
	// A server that hangs must not outlive its test.
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-s.closed:
			_ = conn.Close()
		case <-done:
		}
	}()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	c := &smtpConn{server: s, conn: conn}
	if s.implicit {
		c.conn, c.mail.encrypted = tls.Server(conn, s.tls), true
	}
	c.text = textproto.NewReader(bufio.NewReader(c.conn))
	if !c.answer(s.greeting, "220 test ready") {
		return
	}
	for {
		line, err := c.text.ReadLine()
		if err != nil || !c.command(line) {
			return
		}
	}
}

type smtpConn struct {
	server *smtpServer
	conn   net.Conn
	text   *textproto.Reader
	mail   received
}

// answer says what the server was told to say, else what is usual; false ends the talk.
func (c *smtpConn) answer(told, usual string) bool {
	switch told {
	case "":
		told = usual
	case "drop":
		return false
	case "hang":
		<-c.server.closed
		return false
	}
	_, err := io.WriteString(c.conn, told+"\r\n")
	return err == nil
}

func (c *smtpConn) command(line string) bool {
	s := c.server
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		return c.hello()
	case "STARTTLS":
		if !c.answer("", "220 go on") {
			return false
		}
		c.conn, c.mail.encrypted = tls.Server(c.conn, s.tls), true
		c.text = textproto.NewReader(bufio.NewReader(c.conn))
		return true
	case "AUTH":
		return c.auth(rest)
	case "MAIL":
		if s.user != "" && c.mail.user == "" {
			return c.answer("", "530 5.7.0 sign in first")
		}
		c.mail.from = strings.TrimPrefix(rest, "FROM:")
		return c.answer(s.onMail, "250 ok")
	case "RCPT":
		s.dawdle()
		c.mail.to = strings.TrimPrefix(rest, "TO:")
		return c.answer(s.onRcpt, "250 ok")
	case "DATA":
		return c.data()
	case "RSET":
		return c.answer(s.onRset, "250 ok")
	case "QUIT":
		c.answer(s.onQuit, "221 bye")
		return false
	}
	return c.answer("", "250 ok")
}

// dawdle takes the time it was told to take.
func (s *smtpServer) dawdle() {
	s.mu.Lock()
	s.busy++
	s.mostBusy = max(s.mostBusy, s.busy)
	s.mu.Unlock()
	select {
	case <-time.After(s.delay):
	case <-s.closed:
	}
	s.mu.Lock()
	s.busy--
	s.mu.Unlock()
}

func (c *smtpConn) hello() bool {
	lines := "250-test\r\n250-ENHANCEDSTATUSCODES\r\n"
	if c.server.secure && !c.mail.encrypted {
		lines += "250-STARTTLS\r\n"
	}
	if c.server.user != "" {
		lines += "250-AUTH PLAIN LOGIN\r\n"
	}
	return c.answer("", lines+"250 8BITMIME")
}

func (c *smtpConn) auth(rest string) bool {
	raw, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
	if string(raw) != "\x00"+c.server.user+"\x00"+c.server.password {
		return c.answer("", "535 5.7.8 wrong")
	}
	c.mail.user = c.server.user
	return c.answer("", "235 welcome")
}

func (c *smtpConn) data() bool {
	if !c.answer(c.server.onData, "354 go on") {
		return false
	}
	if c.server.onData != "" {
		return true
	}
	data, err := c.text.ReadDotBytes()
	if err != nil {
		return false
	}
	c.mail.data = string(data)
	if c.server.onDot == "" || c.server.onDot == "drop" {
		c.server.mu.Lock()
		c.server.mails = append(c.server.mails, c.mail)
		c.server.mu.Unlock()
	}
	return c.answer(c.server.onDot, "250 ok, queued")
}
