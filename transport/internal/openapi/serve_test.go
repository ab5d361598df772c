package openapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// ask sends a request to a file.
func ask(h http.Handler, method string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// failed answers where a file cannot be made.
func failed(w http.ResponseWriter, _ *http.Request, err error) {
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

// TestFiles: the document is made once, for the first request, and every form is kept by
// clients as long as it holds.
func TestFiles(t *testing.T) {
	made := 0
	files := Files(func() *Document { made++; return sample() })
	if made != 0 {
		t.Error("made before anybody asked")
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
		h := f.Handler(failed)
		got := ask(h, "GET")
		tag := got.Header().Get("ETag")
		if got.Code != 200 || got.Header().Get("Content-Type") != f.Type || got.Body.Len() < 500 || got.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d, %v", f.Name, got.Code, got.Header())
		}
		if head := ask(h, "HEAD"); head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("ETag") != tag {
			t.Errorf("%s: HEAD %d, %d bytes", f.Name, head.Code, head.Body.Len())
		}
		if again := ask(h, "GET", "If-None-Match", tag); again.Code != 304 || again.Body.Len() != 0 {
			t.Errorf("%s again: %d", f.Name, again.Code)
		}
		if other := ask(h, "GET", "If-None-Match", `"other"`); other.Code != 200 {
			t.Errorf("%s with another tag: %d", f.Name, other.Code)
		}
	}
	if got := strings.Join(names, " "); got != "openapi.json openapi.yaml openapi-3.1.json openapi-3.1.yaml openapi.html" || made != 1 {
		t.Errorf("%s, made %d times", got, made)
	}
}

// TestFileNotCached carries no tag and is never answered 304.
func TestFileNotCached(t *testing.T) {
	h := File{Name: "a", Type: "text/plain", Write: func() ([]byte, error) { return []byte("text"), nil }}.Handler(failed)
	got := ask(h, "GET", "If-None-Match", tagOf([]byte("text")))
	if got.Code != 200 || got.Body.String() != "text" || got.Header().Get("ETag") != "" || got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %q %v", got.Code, got.Body, got.Header())
	}
}

// TestFileFails says which file could not be made, and carries no half of it.
func TestFileFails(t *testing.T) {
	h := File{Name: "a.json", Cached: true, Write: func() ([]byte, error) { return []byte("half"), errors.New("no") }}.Handler(failed)
	if got := ask(h, "GET"); got.Code != 500 || got.Body.String() != "write a.json: no\n" || got.Header().Get("ETag") != "" {
		t.Errorf("%d %q %v", got.Code, got.Body, got.Header())
	}
}
