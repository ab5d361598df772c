package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
)

const (
	// DefaultBodyLimit is the largest body that is read, in bytes, unless a
	// server is configured otherwise.
	DefaultBodyLimit = 1 << 20
	// firstRead is how much memory a body gets before it has shown that it needs
	// more: a client must send bytes, not just announce them, to use memory.
	firstRead = 4 << 10
	// lingerLimit is how much more of a body that is too large is read and thrown away:
	// a client that is still sending when the connection closes may never see why.
	lingerLimit = 8 << 20
)

// ReadBody reads a request's body of at most limit bytes; nil if there is none.
// Its errors are 400 problems: [CodeTooLarge], also if only announced,
// [CodeEncoding] for a Content-Encoding (a small compressed body can unpack to a
// large one), [CodeUnreadable] if the client did not send what it announced, which is a
// 408 where it was too slow.
func ReadBody(r *http.Request, limit int64) ([]byte, error) {
	if enc := r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, BadRequest(CodeEncoding, fmt.Errorf("content encoding %q, send the body uncompressed", short(enc, 40)))
	}
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if r.ContentLength > limit {
		linger(r)
		return nil, tooLarge(limit)
	}
	size := int64(firstRead)
	if r.ContentLength >= 0 {
		size = min(size, r.ContentLength)
	}
	// One byte of spare room lets the end of a body of known length be seen
	// without growing.
	buf := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := buf.ReadFrom(io.LimitReader(r.Body, limit+1)); err != nil {
		var tooBig *http.MaxBytesError
		if errors.As(err, &tooBig) {
			return nil, tooLarge(tooBig.Limit)
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, Unread(fmt.Errorf("reading the body: %w", err))
		}
		return nil, BadRequest(CodeUnreadable, fmt.Errorf("reading the body: %w", err))
	}
	if int64(buf.Len()) > limit {
		linger(r)
		return nil, tooLarge(limit)
	}
	return buf.Bytes(), nil
}

// linger discards what a client is sending. A client that waits to be asked for its body,
// or that announces far too much, is answered at once.
func linger(r *http.Request) {
	if r.Header.Get("Expect") != "" || r.ContentLength > lingerLimit {
		return
	}
	// The answer is the same whether or not the rest could be read.
	_, _ = io.CopyN(io.Discard, r.Body, lingerLimit)
}

// TooLarge is a 413 (RFC 9110, section 15.5.14): the body is over a limit. What reads bodies here
// says 400, as django-allauth does; who answers by no contract of its own says this.
func TooLarge(cause error) *Problem {
	return &Problem{Status: http.StatusRequestEntityTooLarge, Code: CodeTooLarge, Cause: cause}
}

func tooLarge(limit int64) *Problem {
	return BadRequest(CodeTooLarge, fmt.Errorf("the body is over the limit of %d bytes", limit))
}

// ReadForm reads a form, as browsers post one, of at most limit bytes, and leaves
// it in r.PostForm too, where [CSRF.Check] finds its token. Besides the errors of
// [ReadBody] it returns [CodeMalformed] for what is no form; of a multipart form the
// files are dropped. A body that is neither kind of form counts as an empty one.
func ReadForm(r *http.Request, limit int64) (url.Values, error) {
	body, err := ReadBody(r, limit)
	if err != nil {
		return nil, err
	}
	form := url.Values{}
	switch media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media {
	case "application/x-www-form-urlencoded":
		if form, err = url.ParseQuery(string(body)); err != nil {
			return nil, BadRequest(CodeMalformed, errors.New("the form is not well encoded"))
		}
	case "multipart/form-data":
		if form, err = readMultipart(body, params["boundary"], limit); err != nil {
			return nil, err
		}
	}
	r.PostForm = form
	return form, nil
}

func short(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// readMultipart returns the values of a multipart form. All of it is in memory
// already, so nothing is written to disk.
func readMultipart(body []byte, boundary string, limit int64) (url.Values, error) {
	form, err := multipart.NewReader(bytes.NewReader(body), boundary).ReadForm(limit)
	if err != nil {
		return nil, BadRequest(CodeMalformed, errors.New("the multipart form is not well encoded"))
	}
	return form.Value, nil
}
