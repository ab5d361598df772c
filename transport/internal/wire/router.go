package wire

import (
	"net/http"
	"slices"

	"github.com/julienschmidt/httprouter"
)

// NewRouter returns a router that guesses nothing: a contract registers each path and each
// method that it answers, and every other path is answered by notFound.
func NewRouter(notFound http.HandlerFunc) *httprouter.Router {
	r := httprouter.New()
	r.RedirectTrailingSlash, r.RedirectFixedPath = false, false
	r.HandleMethodNotAllowed, r.HandleOPTIONS = false, false
	r.NotFound = notFound
	return r
}

// Methods are those that requests to a contract can have. Any other is refused at every path
// that there is, TRACE among them (RFC 9110, section 15.5.6).
func Methods() []string {
	return []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}
}

// IsMethod reports whether it is one of [Methods].
func IsMethod(method string) bool { return slices.Contains(Methods(), method) }

// ServeFile answers what can only be read: GET, HEAD and OPTIONS.
func ServeFile(w http.ResponseWriter, r *http.Request, file http.HandlerFunc, refuse ProblemWriter) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		file(w, r)
	case http.MethodOptions:
		AnswerOptions(w, http.MethodGet)
	default:
		refuse(w, r, MethodNotAllowed(http.MethodGet, http.MethodHead))
	}
}
