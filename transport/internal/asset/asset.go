// Package asset serves files that never change while the server runs: each is compressed
// once, and a browser that has it already is told so.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"sync"
)

// File is a file to serve. It is safe for concurrent use.
type File struct {
	// Content is the file.
	Content   []byte
	kind, tag string
	// zip compresses it (RFC 1952), the first time that somebody wants it so: a server starts
	// without waiting for that.
	zip func() []byte
}

// kind is the type of a file by the end of its name (RFC 9239, RFC 7303). A declaration of
// TypeScript is text to a browser.
func kind(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".json":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ts":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// New makes a file of a name and its content. The type is that of the name's end; one that is
// not known is application/octet-stream.
func New(name string, content []byte) File {
	zip := sync.OnceValue(func() []byte {
		var b bytes.Buffer
		// Neither a buffer nor the level can fail.
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		_, _ = z.Write(content)
		_ = z.Close()
		return b.Bytes()
	})
	sum := sha256.Sum256(content)
	return File{Content: content, zip: zip, kind: kind(name), tag: hex.EncodeToString(sum[:16])}
}

// Serve answers the file, or 304 to who has it (RFC 9110, section 13.1.2). The cache header is
// the caller's to set before.
func (f File) Serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Encoding")
	body, tag := f.Content, `"`+f.tag+`"`
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if small := f.zip(); len(small) < len(body) {
			body, tag = small, `"`+f.tag+`-gzip"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		h.Del("Content-Type")
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(body)
}
