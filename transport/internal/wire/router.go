package wire

import (
	"net/http"

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
