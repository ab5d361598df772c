package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"stagedoor/transport/internal/asset"
	"stagedoor/transport/internal/wire"
)

// assetsPath is where the files of the app are, below a hash of them all.
const assetsPath = "/_stagedoor/app/"

// assets are files that never change under their path.
type assets struct {
	hash, base string
	files      map[string]asset.File
}

// newAssets makes the files, and the hash of their path.
func newAssets(all map[string][]byte) *assets {
	a := &assets{files: make(map[string]asset.File, len(all))}
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		body := all[name]
		fmt.Fprintf(sum, "%s %d\n%s", name, len(body), body)
		a.files[name] = asset.New(name, body)
	}
	a.hash = base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:9])
	a.base = assetsPath + a.hash + "/"
	return a
}

// path is where a file is.
func (a *assets) path(name string) string { return a.base + name }

// asset answers a file. What it is made of is not run by itself, should somebody open a
// picture that has a script in it.
func (p *Page) asset(w http.ResponseWriter, r *http.Request) {
	file, is := p.assets.files[r.PathValue("file")]
	if !is {
		p.Problem(w, r, wire.NotFound())
		return
	}
	// While servers are replaced, a page of one version asks the other for its files, and gets those
	// that there are, to be kept nowhere.
	w.Header().Set("Cache-Control", "no-store")
	if r.PathValue("hash") == p.assets.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("Content-Security-Policy", "sandbox; frame-ancestors 'none'")
	wire.ServeFile(w, r, file.Serve, p.Problem)
}
