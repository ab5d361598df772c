package headless

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"sync"

	"github.com/julienschmidt/httprouter"
	"go.yaml.in/yaml/v3"

	"stagedoor/transport/internal/wire"
)

//go:embed openapi/page.html
var pageTemplate string

//go:embed openapi/page.css
var pageStyle string

//go:embed openapi/page.js
var pageScript string

// specify serves the document, in its three forms, below the mount path. Each is made
// when somebody first asks for it: together they would take a good part of a start.
func (a *API) specify(mount string) {
	doc := sync.OnceValue(a.document)
	asJSON := func() ([]byte, error) { return json.Marshal(doc()) }
	asYAML := func() ([]byte, error) {
		b, err := asJSON()
		if err != nil {
			return nil, err
		}
		return yamlOf(b)
	}
	policy := fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		hashed(pageStyle), hashed(pageScript))
	a.serveFile(mount+"/openapi.json", "application/json", "", asJSON)
	a.serveFile(mount+"/openapi.yaml", "application/yaml", "", asYAML)
	a.serveFile(mount+"/openapi.html", "text/html; charset=utf-8", policy, func() ([]byte, error) { return pageOf(doc()) })
}

// serveFile answers GET and HEAD with the same bytes for everybody, 304 to who has them.
func (a *API) serveFile(path, kind, policy string, write func() ([]byte, error)) {
	made := sync.OnceValues(write)
	answer := func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
		body, err := made()
		if err != nil {
			WriteProblem(w, r, wire.Internal(fmt.Errorf("write %s: %w", path, err)))
			return
		}
		sum := sha256.Sum256(body)
		etag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
		h := w.Header()
		wire.SetAPIHeaders(h)
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", etag)
		if policy != "" {
			h.Set("Content-Security-Policy", policy)
		}
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", kind)
		if r.Method != http.MethodHead {
			_, _ = w.Write(body)
		}
	}
	a.router.GET(path, answer)
	a.router.HEAD(path, answer)
}

// hashed names a text in a content security policy (CSP level 3, section 2.3.1).
func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// yamlOf writes a JSON document as YAML, in the same order.
func yamlOf(doc []byte) ([]byte, error) {
	var n yaml.Node
	if err := yaml.Unmarshal(doc, &n); err != nil {
		return nil, err
	}
	block(&n)
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(&n); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

// block takes the style of JSON from a node: text is quoted only where it must be.
func block(n *yaml.Node) {
	n.Style = 0
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" && bytes.ContainsRune([]byte(n.Value), '\n') {
		n.Style = yaml.LiteralStyle
	}
	for _, c := range n.Content {
		block(c)
	}
}

// pageOf renders the page.
func pageOf(d *document) ([]byte, error) {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, pageData{
		Doc: d, Groups: pageGroups(d), Schemas: pageSchemas(d),
		Style: template.CSS(pageStyle), Script: template.JS(pageScript),
	})
	return b.Bytes(), err
}
