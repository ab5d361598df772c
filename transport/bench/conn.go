package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Request is one request, as it goes out again and again.
type Request struct {
	Method string
	// URL is where it goes: http or https, with host and path.
	URL string
	// Header has names and values in turn. Host and Content-Length are made.
	Header []string
	// Body is sent as JSON where there is one.
	Body string
}

// encode writes a request as it goes over the wire (RFC 9112, section 3).
func encode(out []byte, method, host, path string, header []string, body []byte) []byte {
	out = append(out, method...)
	out = append(out, ' ')
	out = append(out, path...)
	out = append(out, " HTTP/1.1\r\nHost: "...)
	out = append(out, host...)
	out = append(out, "\r\nAccept: application/json\r\n"...)
	for i := 0; i+1 < len(header); i += 2 {
		out = append(out, header[i]...)
		out = append(out, ": "...)
		out = append(out, header[i+1]...)
		out = append(out, "\r\n"...)
	}
	if method != http.MethodGet {
		if len(body) > 0 {
			out = append(out, "Content-Type: application/json\r\n"...)
		}
		out = append(out, "Content-Length: "...)
		out = strconv.AppendInt(out, int64(len(body)), 10)
		out = append(out, "\r\n"...)
	}
	return append(append(out, "\r\n"...), body...)
}

// conn is one connection that is kept open, of HTTP/1.1. It does less than net/http's client,
// whose work would take the processor from a server on the same machine. It is for one
// goroutine.
type conn struct {
	address, host string
	tls           *tls.Config // nil for http
	timeout       time.Duration

	nc   net.Conn
	in   *bufio.Reader
	head []byte // header lines of the last answer, each with its \n
	body []byte
	// close says that the server ends the connection after this answer.
	close bool
}

// answer is what came back. It is overwritten by the next one of the same connection.
type answer struct {
	status int
	head   []byte
	body   []byte
}

// newConn makes a connection to where a URL leads. It is opened by the first request.
func newConn(to *url.URL, timeout time.Duration) *conn {
	c := &conn{host: to.Host, address: to.Host, timeout: timeout}
	port := "80"
	if to.Scheme == "https" {
		port, c.tls = "443", &tls.Config{ServerName: to.Hostname(), NextProtos: []string{"http/1.1"}}
	}
	if to.Port() == "" {
		c.address = net.JoinHostPort(to.Hostname(), port)
	}
	return c
}

// hangUp closes the connection; the next request opens another.
func (c *conn) hangUp() {
	if c.nc != nil {
		_ = c.nc.Close()
		c.nc = nil
	}
}

// open connects where there is no connection.
func (c *conn) open(ctx context.Context) error {
	if c.nc != nil {
		return nil
	}
	nc, err := (&net.Dialer{Timeout: c.timeout}).DialContext(ctx, "tcp", c.address)
	if err == nil && c.tls != nil {
		secured := tls.Client(nc, c.tls)
		if err = secured.HandshakeContext(ctx); err != nil {
			_ = nc.Close()
		}
		nc = secured
	}
	if err != nil {
		return &Failure{Kind: KindConnect, Err: err}
	}
	c.nc = nc
	if c.in == nil {
		c.in = bufio.NewReaderSize(nc, 16<<10)
	}
	c.in.Reset(nc)
	return nil
}

// send sends an encoded request and reads the answer. After an error the connection is closed.
func (c *conn) send(ctx context.Context, raw []byte) (answer, error) {
	if err := c.open(ctx); err != nil {
		return answer{}, err
	}
	_ = c.nc.SetDeadline(time.Now().Add(c.timeout))
	_, err := c.nc.Write(raw)
	var a answer
	if err == nil {
		a, err = c.read(bytes.HasPrefix(raw, []byte("HEAD ")))
	}
	if err != nil || c.close {
		c.hangUp()
	}
	if err != nil {
		return answer{}, failed(err)
	}
	return a, nil
}

// read reads an answer (RFC 9112, section 6.3), past those that are only on the way (1xx).
func (c *conn) read(headless bool) (answer, error) {
	for {
		status, length, chunked, err := c.readHead()
		if err != nil {
			return answer{}, err
		}
		if status < 200 {
			continue
		}
		c.body = c.body[:0]
		switch {
		case headless || status == http.StatusNoContent || status == http.StatusNotModified:
		case chunked:
			err = c.readChunks()
		case length >= 0:
			err = c.readBody(length)
		default:
			c.close = true
			rest := bytes.NewBuffer(c.body)
			_, err = rest.ReadFrom(io.LimitReader(c.in, largestBody))
			c.body = rest.Bytes()
		}
		return answer{status, c.head, c.body}, err
	}
}

// largestBody is the most that is read of an answer, in bytes.
const largestBody = 8 << 20

var errAnswer = errors.New("the answer is not one of HTTP/1.1")

// readHead reads a status line and headers, and what they say of the body: its length in
// bytes, -1 where it is not said, and whether it comes in chunks.
func (c *conn) readHead() (status, length int, chunked bool, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, 0, false, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return 0, 0, false, fmt.Errorf("%w: it begins %.20q", errAnswer, line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, false, errAnswer
	}
	c.close = line[7] == '0'
	c.head, length = c.head[:0], -1
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, 0, false, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			return status, length, chunked, nil
		}
		c.head = append(c.head, line...)
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch value = bytes.TrimSpace(value); {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 || length > largestBody {
				return 0, 0, false, fmt.Errorf("%w: Content-Length %.20q", errAnswer, value)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("Connection")):
			c.close = c.close || bytes.EqualFold(value, []byte("close"))
		}
	}
}

// readBody reads n bytes of the body.
func (c *conn) readBody(n int) error {
	at := len(c.body)
	if at+n > largestBody {
		return fmt.Errorf("%w: it is longer than %d bytes", errAnswer, largestBody)
	}
	if need := at + n - cap(c.body); need > 0 {
		c.body = append(c.body[:cap(c.body)], make([]byte, need)...)
	}
	c.body = c.body[:at+n]
	_, err := io.ReadFull(c.in, c.body[at:])
	return err
}

// readChunks reads a body in chunks (RFC 9112, section 7.1).
func (c *conn) readChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, _, _ := bytes.Cut(bytes.TrimSpace(line), []byte(";"))
		n, err := strconv.ParseUint(string(size), 16, 31)
		if err != nil {
			return fmt.Errorf("%w: a chunk of %.20q", errAnswer, size)
		}
		if n > 0 {
			if err = c.readBody(int(n)); err != nil {
				return err
			}
		}
		// After the last chunk come trailers, and an empty line ends it.
		for {
			if line, err = c.in.ReadSlice('\n'); err != nil {
				return err
			}
			if n > 0 || len(bytes.TrimSpace(line)) == 0 {
				break
			}
		}
		if n == 0 {
			return nil
		}
	}
}

// header is the value of a header of the answer, "" where there is none.
func (a answer) header(name string) string {
	for line := range bytes.Lines(a.head) {
		if key, value, ok := bytes.Cut(line, []byte(":")); ok && bytes.EqualFold(key, []byte(name)) {
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}

// text is the value of the first field of that name in a JSON body, where it is a string without escapes;
// else it is "". It is for tokens, in the middle of a journey, where reading all of it would
// take longer than the server took to write it.
func (a answer) text(field string) string {
	at := bytes.Index(a.body, []byte(`"`+field+`"`))
	if at < 0 {
		return ""
	}
	rest := bytes.TrimLeft(a.body[at+len(field)+2:], ": \t\n\r")
	if len(rest) == 0 || rest[0] != '"' {
		return ""
	}
	value, _, _ := bytes.Cut(rest[1:], []byte(`"`))
	if bytes.IndexByte(value, '\\') >= 0 {
		return ""
	}
	return string(value)
}
