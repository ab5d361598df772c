package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadBody(t *testing.T) {
	for _, tt := range []struct {
		about    string
		body     io.Reader
		length   int64 // as announced; -1 is chunked
		encoding string
		want     string // the body, or "!code"
	}{
		{"none", http.NoBody, 0, "", ""},
		{"announced", strings.NewReader("hello"), 5, "", "hello"},
		{"chunked", strings.NewReader("hello"), -1, "", "hello"},
		{"in small pieces", iotest.OneByteReader(strings.NewReader("hello")), -1, "", "hello"},
		{"of the limit", strings.NewReader(strings.Repeat("x", 100)), 100, "", strings.Repeat("x", 100)},
		{"over it by one", strings.NewReader(strings.Repeat("x", 101)), -1, "", "!" + CodeTooLarge},
		{"announced over it", iotest.ErrReader(errors.New("not to be read")), 101, "", "!" + CodeTooLarge},
		{"endless", endless{}, -1, "", "!" + CodeTooLarge},
		{"too slow", io.MultiReader(strings.NewReader("hel"), iotest.ErrReader(os.ErrDeadlineExceeded)), 5, "", "!408 " + CodeUnreadable},
		{"broken off", io.MultiReader(strings.NewReader("hel"), iotest.ErrReader(io.ErrUnexpectedEOF)), 5, "", "!" + CodeUnreadable},
		{"over the server's own limit", http.MaxBytesReader(nil, io.NopCloser(strings.NewReader("hello")), 3), -1, "", "!" + CodeTooLarge},
		{"gzip", strings.NewReader("\x1f\x8b"), 2, "gzip", "!" + CodeEncoding},
		{"gzip without a body", http.NoBody, 0, "gzip", "!" + CodeEncoding},
		{"two encodings", strings.NewReader("x"), 1, "identity, gzip", "!" + CodeEncoding},
		{"identity", strings.NewReader("x"), 1, "Identity", "x"},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.Body, r.ContentLength = io.NopCloser(tt.body), tt.length
		if tt.encoding != "" {
			r.Header.Set("Content-Encoding", tt.encoding)
		}
		body, err := ReadBody(r, 100)
		got := string(body)
		if err != nil {
			var p *Problem
			if !errors.As(err, &p) || p.Status != 400 && p.Status != 408 || p.Cause == nil || body != nil {
				t.Errorf("%s: %q, %v; want a 400 problem with its cause and no body", tt.about, body, err)
				continue
			}
			if got = "!" + p.Code; p.Status != 400 {
				got = fmt.Sprintf("!%d %s", p.Status, p.Code)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %.40q, want %.40q", tt.about, got, tt.want)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestReadBodyTrustsNoAnnouncement: a client that announces much and sends little uses
// little memory.
func TestReadBodyTrustsNoAnnouncement(t *testing.T) {
	r := httptest.NewRequest("POST", "/", strings.NewReader("x"))
	r.ContentLength = 1 << 20
	body, err := ReadBody(r, 1<<20)
	if err != nil || cap(body) > 2*firstRead {
		t.Errorf("%d bytes of room for one byte, %v", cap(body), err)
	}
}

func TestReadBodyNil(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Body = nil
	if body, err := ReadBody(r, 1); body != nil || err != nil {
		t.Errorf("%q, %v", body, err)
	}
}

func TestReadForm(t *testing.T) {
	part := "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nfile\r\n--B--\r\n"
	for _, tt := range []struct{ about, contentType, body, want string }{
		{"urlencoded", "application/x-www-form-urlencoded; charset=utf-8", "a=1&b=x+y%21", "a=1&b=x+y%21"},
		{"empty", "application/x-www-form-urlencoded", "", ""},
		{"badly encoded", "application/x-www-form-urlencoded", "a=%zz", "!" + CodeMalformed},
		{"multipart, without its file", "multipart/form-data; boundary=B", part, "a=1"},
		{"multipart cut off", "multipart/form-data; boundary=B", part[:53], "!" + CodeMalformed},
		{"multipart without boundary", "multipart/form-data", part, "!" + CodeMalformed},
		{"JSON is no form", "application/json", `{"a":1}`, ""},
		{"no content type", "", "a=1", ""},
		{"too large", "application/x-www-form-urlencoded", "a=" + strings.Repeat("1", 1000), "!" + CodeTooLarge},
	} {
		r := httptest.NewRequest("POST", "/?q=1", bytes.NewReader([]byte(tt.body)))
		r.Header.Set("Content-Type", tt.contentType)
		form, err := ReadForm(r, 1000)
		got := form.Encode()
		if err != nil {
			got = "!" + AsProblem(err).Code
		}
		if got != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.about, got, err, tt.want)
		}
		if err == nil && r.PostForm.Encode() != tt.want {
			t.Errorf("%s: PostForm is %v", tt.about, r.PostForm)
		}
	}
}

// TestAClientStillSendingSeesWhy sends more than the limit to a real server: it must get
// the answer, not a reset connection.
func TestAClientStillSendingSeesWhy(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := ReadBody(r, 1<<20); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer srv.Close()
	for _, announced := range []bool{true, false} {
		for range 20 {
			var body io.Reader = strings.NewReader(strings.Repeat("x", 3<<20))
			if !announced {
				body = struct{ io.Reader }{body}
			}
			resp, err := srv.Client().Post(srv.URL, "application/json", body)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusBadRequest {
				t.Errorf("status %d", resp.StatusCode)
			}
		}
	}
}
