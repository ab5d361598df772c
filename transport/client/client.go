// Package client is the client library for browsers, node and React Native: one ES module
// without dependencies, another one for apps that bind their tokens to a key (DPoP), their types,
// and what a package for npm needs. The server hands it out at [Mount].
package client

import (
	_ "embed"
	"net/http"

	"stagedoor/transport/internal/asset"
)

// Mount is where the server has the library. The number is that of its interface: another one
// gets another path, and pages that load the old one go on.
const Mount = "/_stagedoor/v1/"

// Script and Types are the library and its types; Proofs and ProofTypes the module that binds tokens.
var (
	//go:embed stagedoor.js
	Script []byte
	//go:embed stagedoor.d.ts
	Types []byte
	//go:embed stagedoor-dpop.js
	Proofs []byte
	//go:embed stagedoor-dpop.d.ts
	ProofTypes []byte
)

// Serve answers a file of the library under [Mount], to pages of any origin: there is no secret
// in it. It reports false, and answers nothing, for what it does not have.
type Serve func(w http.ResponseWriter, r *http.Request) bool

// New makes what serves the library.
func New() Serve {
	files := map[string]asset.File{
		Mount + "stagedoor.js":        asset.New("stagedoor.js", Script),
		Mount + "stagedoor.d.ts":      asset.New("stagedoor.d.ts", Types),
		Mount + "stagedoor-dpop.js":   asset.New("stagedoor-dpop.js", Proofs),
		Mount + "stagedoor-dpop.d.ts": asset.New("stagedoor-dpop.d.ts", ProofTypes),
	}
	return func(w http.ResponseWriter, r *http.Request) bool {
		f, ok := files[r.URL.Path]
		if !ok {
			return false
		}
		h := w.Header()
		if h.Get("Access-Control-Allow-Origin") == "" {
			h.Set("Access-Control-Allow-Origin", "*")
		}
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		// A page may be open for long, and the server be replaced meanwhile: ask each time.
		h.Set("Cache-Control", "public, no-cache")
		f.Serve(w, r)
		return true
	}
}
