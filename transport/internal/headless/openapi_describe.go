package headless

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"stagedoor/transport/internal/openapi"
)

// declare is an operation as the builder of documents takes it, for a kind of client.
func (a *API) declare(op operation, client string) openapi.Declaration {
	fields, on := a.fieldsOf(op)
	d := openapi.Declaration{
		Operation: openapi.Operation{
			Client: client, Tags: []string{op.group}, ID: client + capital(op.id), Summary: op.title, Description: op.text, Off: !on,
			Security: a.security(op, client), Parameters: openapi.PathParameters(op.path),
		},
		Method: op.method, Path: "/" + client + "/v1" + op.path, Route: op.path, Name: capital(op.id), Form: op.form,
	}
	for _, p := range []openapi.Parameter{op.key, op.query, op.another} {
		if p.Name != "" {
			d.Parameters = append(d.Parameters, p)
		}
	}
	switch {
	case op.anyStage:
		d.Input = openapi.AnyInput(a.stageInputs(strings.HasSuffix(op.path, ":action"))...)
	case len(fields) > 0:
		d.Input = openapi.Input(fields, op.shapes)
	}
	all := answersFor(op, client)
	if a.Proofs != nil && client == "app" && !op.everybodys() {
		// What is wrong with a proof, or with a token that is bound to another key; and what nobody may
		// have remembered any more.
		statuses := []int{http.StatusBadRequest, http.StatusUnauthorized}
		if op.method != http.MethodGet {
			statuses = append(statuses, http.StatusTooManyRequests)
		}
		for _, status := range statuses {
			if _, has := all[status]; !has {
				all = all.with(status, "")
			}
		}
	}
	for _, status := range slices.Sorted(maps.Keys(all)) {
		d.Answers = append(d.Answers, response(op, client, status, all[status]))
	}
	return d
}

// answersFor are the answers of an operation with those that it has for a kind of client.
func answersFor(op operation, client string) answers {
	all := op.answers.with(http.StatusInternalServerError, "").with(http.StatusServiceUnavailable, "")
	if op.method != http.MethodGet {
		all = all.with(http.StatusRequestTimeout, "")
	}
	switch {
	case client == "app":
		all = all.with(http.StatusGone, "")
	case client == "browser" && op.method != http.MethodGet:
		all = all.with(http.StatusForbidden, "")
	}
	return all
}

// response is what is answered with a status.
func response(op operation, client string, status int, name string) openapi.Answer {
	r := openapi.Answer{Status: status, Schema: name}
	if name == "" {
		r.Schema, r.Common = usual(status), commonName(status)
	}
	if r.Common != "" || name == "" {
		r.Description = statusWords(status)
	}
	switch {
	case status == http.StatusForbidden && client == "browser":
		_, own := op.answers[status]
		r.Description = "The CSRF token is missing or wrong."
		if own {
			r.Description = "Not allowed, or the CSRF token is missing or wrong."
		}
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		r.Headers.Put("Retry-After", openapi.Header{Description: "Seconds to wait.", Schema: &openapi.Schema{Type: "integer"}})
	case status == http.StatusFound:
		r.Schema = ""
		r.Description = "On to the provider, or back to the front end with error, error_process and, where it went wrong at the provider, error_cause."
		r.Headers.Put("Location", openapi.Header{Description: "Where to.", Schema: &openapi.Schema{Type: "string", Format: "uri-reference"}})
	case client == "browser" && (r.Schema == "Authenticated" || status == http.StatusUnauthorized && name == ""):
		r.Headers.Put("Set-Cookie", openapi.Header{
			Description: "The cookie " + sessionCookie + ", where it changes.", Schema: &openapi.Schema{Type: "string"},
		})
	}
	return r
}

// commonName is the name of the response that operations have in common, "" for a status
// that means something else at each.
func commonName(status int) string {
	switch status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusGone, http.StatusTooManyRequests:
		return usual(status)
	case http.StatusNotFound:
		return "SwitchedOff"
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusServiceUnavailable:
		return usual(status)
	}
	return ""
}

// usual is the schema of a status where an operation names none.
func usual(status int) string {
	switch status {
	case http.StatusOK:
		return "Done"
	case http.StatusBadRequest:
		return "Invalid"
	case http.StatusUnauthorized:
		return "NotAuthenticated"
	case http.StatusForbidden:
		return "Forbidden"
	case http.StatusNotFound:
		return "NotFound"
	case http.StatusMethodNotAllowed:
		return "MethodNotAllowed"
	case http.StatusRequestTimeout:
		return "TimedOut"
	case http.StatusConflict:
		return "Conflict"
	case http.StatusGone:
		return "Gone"
	case http.StatusTooManyRequests:
		return "TooManyRequests"
	case http.StatusServiceUnavailable:
		return "Unavailable"
	}
	return "InternalError"
}

// capital begins a text with a capital letter.
func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
