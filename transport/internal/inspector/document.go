package inspector

import (
	"embed"
	"io/fs"
	"net/http"
	"path"

	"stagedoor/transport/internal/asset"
	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/wire"
)

//go:embed page
var files embed.FS

// Assets are the files of a page by their names.
type Assets map[string]asset.File

// NewAssets takes the style sheets, modules and pictures of the folder page.
func NewAssets(from fs.FS) Assets {
	out := make(Assets)
	// What is embedded can be read.
	names, _ := fs.Glob(from, "page/*.*")
	for _, name := range names {
		switch path.Ext(name) {
		case ".css", ".js", ".svg":
			body, _ := fs.ReadFile(from, name)
			out[path.Base(name)] = asset.New(name, body)
		}
	}
	return out
}

// Serve answers the file that the path names; false where there is none.
func (a Assets) Serve(w http.ResponseWriter, r *http.Request) bool {
	file, ok := a[r.PathValue("file")]
	if ok {
		wire.Quiet(w)
		w.Header().Set("Cache-Control", "no-cache")
		file.Serve(w, r)
	}
	return ok
}

// Asset answers a file of the page, which is no secret.
func (i *Inspector) Asset(w http.ResponseWriter, r *http.Request) {
	if !i.assets.Serve(w, r) {
		headless.WriteProblem(w, r, wire.NotFound())
	}
}

// Policy lets the operators' page load nothing but its own files, and send no form anywhere
// (Content Security Policy Level 3).
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// Page is what there is below a base path for operators, before they have shown a token: a
// document that asks for it, and its files. None of them holds anything of this server.
func (i *Inspector) Page(base string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base, i.document)
	mux.HandleFunc("GET "+base+"/{file}", i.Asset)
	return mux
}

// document answers the operators' page.
func (i *Inspector) document(w http.ResponseWriter, _ *http.Request) {
	wire.Quiet(w)
	body, err := files.ReadFile("page/admin.html")
	if err != nil {
		// It was embedded when this was built.
		panic(err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", Policy)
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(body)
}
