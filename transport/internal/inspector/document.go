package inspector

import (
	"net/http"

	"stagedoor/transport/internal/wire"
)

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
