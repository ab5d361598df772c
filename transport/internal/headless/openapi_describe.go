package headless

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"stagedoor/transport/internal/openapi"
)

// describe turns a declaration into an operation object for a kind of client; schemas are
// those that answers are made of.
func (a *API) describe(op operation, client string, schemas openapi.Ordered[*openapi.Schema]) *openapi.Operation {
	fields, on := a.fieldsOf(op)
	d := &openapi.Operation{
		Client: client, Tags: []string{op.group}, ID: client + capital(op.id), Summary: op.title, Description: op.text, Off: !on,
	}
	d.Parameters, d.Security = a.clientNeeds(op, client)
	d.Parameters = append(d.Parameters, openapi.PathParameters(op.path)...)
	for _, p := range []openapi.Parameter{op.key, op.query} {
		if p.Name != "" {
			d.Parameters = append(d.Parameters, p)
		}
	}
	if len(fields) > 0 {
		kind := openapi.JSONMedia
		if op.form {
			kind = "application/x-www-form-urlencoded"
		}
		d.Body = &openapi.RequestBody{Required: true, Content: openapi.Content(kind, openapi.Inputs{}.Of(fields))}
	}
	all := answersFor(op, client)
	for _, status := range slices.Sorted(maps.Keys(all)) {
		r := response(op, client, status, all[status])
		if of, found := schemas.Get(all[status]); found {
			r.Description = of.Description
		}
		d.Responses.Put(strconv.Itoa(status), r)
	}
	return d
}

// clientNeeds are the headers and the security that a kind of client sends with an
// operation.
func (a *API) clientNeeds(op operation, client string) ([]openapi.Parameter, []openapi.SecurityRequirement) {
	switch client {
	case "app":
		headers := []openapi.Parameter{{Ref: "#/components/parameters/SessionToken"}}
		if a.JWT == nil {
			return headers, nil
		}
		return headers, []openapi.SecurityRequirement{{}, {"accessToken": {}}}
	case "browser":
		security := []openapi.SecurityRequirement{{}, {"sessionCookie": {}}}
		if op.method == http.MethodGet || op.form {
			return nil, security
		}
		return []openapi.Parameter{{Ref: "#/components/parameters/CSRFToken"}}, security
	}
	return nil, nil
}

// answersFor are the answers of an operation with those that it has for a kind of client.
func answersFor(op operation, client string) answers {
	all := op.answers.with(http.StatusInternalServerError, "").with(http.StatusServiceUnavailable, "")
	switch {
	case client == "app":
		all = all.with(http.StatusGone, "")
	case client == "browser" && op.method != http.MethodGet:
		all = all.with(http.StatusForbidden, "")
	}
	return all
}

// response is what is answered with a status.
func response(op operation, client string, status int, name string) *openapi.Response {
	if name == "" {
		name = usual(status)
		if common := commonName(status); common != "" {
			return &openapi.Response{Ref: "#/components/responses/" + common}
		}
	}
	r := &openapi.Response{Description: statusWords(status)}
	if _, own := op.answers[status]; status == http.StatusForbidden && client == "browser" {
		r.Description = "The CSRF token is missing or wrong."
		if own {
			r.Description = "Not allowed, or the CSRF token is missing or wrong."
		}
	}
	if status == http.StatusFound {
		r.Description = "On to the provider, or back to the front end with error and error_process."
		r.Headers.Put("Location", openapi.Header{Description: "Where to.", Schema: &openapi.Schema{Type: "string", Format: "uri"}})
		return r
	}
	if client == "browser" && (name == "Authenticated" || name == usual(http.StatusUnauthorized)) {
		r.Headers.Put("Set-Cookie", openapi.Header{
			Description: "The cookie " + sessionCookie + ", where it changes.", Schema: &openapi.Schema{Type: "string"},
		})
	}
	r.Content = openapi.Content(openapi.JSONMedia, openapi.Refer(name))
	return r
}

// commonName is the name of the response that operations have in common, "" for a status
// that means something else at each.
func commonName(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "Invalid"
	case http.StatusNotFound:
		return "SwitchedOff"
	case http.StatusConflict:
		return "Conflict"
	case http.StatusGone:
		return "Gone"
	case http.StatusTooManyRequests:
		return "TooManyRequests"
	case http.StatusInternalServerError:
		return "InternalError"
	case http.StatusServiceUnavailable:
		return "Unavailable"
	}
	return ""
}

// commonResponses are the responses with those names.
func commonResponses() openapi.Ordered[*openapi.Response] {
	var out openapi.Ordered[*openapi.Response]
	for _, status := range []int{400, 404, 409, 410, 429, 500, 503} {
		r := &openapi.Response{Description: statusWords(status), Content: openapi.Content(openapi.JSONMedia, openapi.Refer(usual(status)))}
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			r.Headers.Put("Retry-After", openapi.Header{Description: "Seconds to wait.", Schema: &openapi.Schema{Type: "integer"}})
		}
		out.Put(commonName(status), r)
	}
	return out
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
	case http.StatusGone:
		return "Gone"
	}
	return "Problem"
}

// capital begins a text with a capital letter.
func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
