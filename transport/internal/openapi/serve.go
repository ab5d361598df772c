package openapi

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"sync"

	"stagedoor/transport/internal/wire"
)

// File is one form of a document, ready to be served.
type File struct {
	// Name is the last part of its path.
	Name string
	// Type is its media type.
	Type string
	// Policy is its Content-Security-Policy, "" for that of every answer.
	Policy string
	// Cached lets clients keep it, and ask by its ETag whether it still holds.
	Cached bool
	// Write makes it.
	Write func() ([]byte, error)
}

// Files are the forms of a document in its own order: openapi.json and openapi.yaml, the same in
// the newer version of the specification, and openapi.html, the page. They share one document,
// made by build when the first of them is asked for: making it takes a good part of a start.
func Files(build func() *Document) []File {
	doc := sync.OnceValue(build)
	file := func(name, kind string, write func(*Document) ([]byte, error)) File {
		return File{Name: name, Type: kind, Cached: true, Write: func() ([]byte, error) { return write(doc()) }}
	}
	json := func(version string) func(*Document) ([]byte, error) {
		return func(d *Document) ([]byte, error) { return d.JSON(version) }
	}
	yaml := func(version string) func(*Document) ([]byte, error) {
		return func(d *Document) ([]byte, error) { return d.YAML(version) }
	}
	page := file("openapi.html", "text/html; charset=utf-8", (*Document).Page)
	page.Policy = pagePolicy()
	return []File{
		file("openapi.json", JSONMedia, json(Version30)), file("openapi.yaml", yamlMedia, yaml(Version30)),
		file("openapi-3.1.json", JSONMedia, json(Version31)), file("openapi-3.1.yaml", yamlMedia, yaml(Version31)),
		page,
	}
}

// yamlMedia is the media type of YAML (RFC 9512).
const yamlMedia = "application/yaml"

// Handler answers every client with the same bytes, made at the first request. A cached
// file is answered 304 to a client that has it. fail answers where the file cannot be made.
func (f File) Handler(fail func(http.ResponseWriter, *http.Request, error)) http.HandlerFunc {
	made := sync.OnceValues(f.Write)
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := made()
		if err != nil {
			fail(w, r, fmt.Errorf("write %s: %w", f.Name, err))
			return
		}
		h := w.Header()
		wire.SetAPIHeaders(h)
		if f.Policy != "" {
			h.Set("Content-Security-Policy", f.Policy)
		}
		if f.Cached {
			etag := tagOf(body)
			h.Set("Cache-Control", "no-cache")
			h.Set("ETag", etag)
			if r.Header.Get("If-None-Match") == etag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		h.Set("Content-Type", f.Type)
		if r.Method != http.MethodHead {
			_, _ = w.Write(body)
		}
	}
}

// tagOf is a strong entity tag (RFC 9110, section 8.8.3).
func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}
