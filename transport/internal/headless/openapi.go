package headless

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

// Specification returns the OpenAPI document (3.0.3) of what this API answers, as JSON:
// every route for each kind of client, with the fields that the stages of its flows
// declare, those of outside packages among them.
func (a *API) Specification() ([]byte, error) { return json.Marshal(a.document()) }

// document describes the API.
func (a *API) document() *document {
	s := &schemas{flows: flowIDs(a.Engine.Flows)}
	a.answerSchemas(s)
	d := &document{
		OpenAPI: "3.0.3",
		Info:    info{Title: "Accounts", Version: "1", Description: overview(), License: license{Name: "see the server's LICENSE"}},
		Servers: []serverAt{{URL: "/" + strings.Trim(a.Mount, "/")}},
	}
	used := make(map[string]bool)
	for _, client := range a.Clients {
		for _, op := range a.operationsFor(client) {
			path, _ := templated("/" + client + "/v1" + op.path)
			item, known := d.Paths.get(path)
			if !known {
				item = &pathItem{}
				d.Paths.put(path, item)
			}
			item.set(op.method, a.describe(op, client, s))
			used[op.group] = true
		}
	}
	for _, g := range groups() {
		if used[g.Name] {
			d.Tags = append(d.Tags, g)
		}
	}
	for _, stage := range ownStages(a.Engine.Flows) {
		o := fieldsSchema(stage.Fields)
		o.Description = "What the stage " + stage.Wire + " asks for: " + stage.Title + "."
		s.named.put("Stage."+stage.Wire, o)
	}
	slices.SortFunc(s.named, func(x, y member[*schema]) int { return cmp.Compare(x.Name, y.Name) })
	d.Components = components{Parameters: a.parameters(), Responses: commonResponses(), Security: a.security(), Schemas: s.named}
	return d
}

// operationsFor are the operations of a kind of client, by the routes it has.
func (a *API) operationsFor(client string) []operation {
	var out []operation
	for _, r := range a.routes() {
		if r.browserOnly && client != "browser" {
			continue
		}
		for _, method := range sortedMethods(r.methods) {
			out = append(out, operationOf(method, r.path))
		}
	}
	return append(out, addedOperations(a.Engine.Flows)...)
}

// operationOf finds what is declared of a method of a route. A route that nobody has
// described yet is described by what all have in common.
func operationOf(method, path string) operation {
	for _, op := range operations() {
		if op.method == method && op.path == path {
			return op
		}
	}
	return operation{
		method: method, path: path, group: "Stages", title: method + " " + path, answers: starts().with(200, "Answer").with(403, ""),
		id: strings.ToLower(method) + strings.NewReplacer("/", "_", "-", "_", ".", "_", ":", "").Replace(path),
	}
}

// parameters are the headers that clients are known by.
func (a *API) parameters() ordered[parameter] {
	var out ordered[parameter]
	if slices.Contains(a.Clients, "app") {
		out.put("SessionToken", parameter{
			Name: sessionHeader, In: "header", Schema: &schema{Type: "string", MaxLength: maxToken},
			Description: "The last session token that an answer gave. Leave it out until there is one.",
		})
	}
	if slices.Contains(a.Clients, "browser") {
		out.put("CSRFToken", parameter{
			Name: wire.CSRFHeader, In: "header", Required: true, Schema: &schema{Type: "string"},
			Description: "The value of the cookie " + wire.CSRFCookie + ", which any GET sets.",
		})
	}
	return out
}

// security are the schemes by which clients are known besides.
func (a *API) security() ordered[securityScheme] {
	out := ordered[securityScheme]{}
	if slices.Contains(a.Clients, "browser") {
		out.put("sessionCookie", securityScheme{
			Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "Set and taken back by the server; scripts cannot read it.",
		})
	}
	if slices.Contains(a.Clients, "app") && a.JWT != nil {
		out.put("accessToken", securityScheme{
			Type: "http", Scheme: "bearer", Format: "JWT", Description: "The access token of a signed-in app.",
		})
	}
	return out
}

// describe turns a declaration into an operation object for a kind of client.
func (a *API) describe(op operation, client string, s *schemas) *described {
	fields, on := a.fieldsOf(op)
	d := &described{
		Tags: []string{op.group}, ID: client + strings.ToUpper(op.id[:1]) + op.id[1:], Summary: op.title, Description: op.text, Off: !on,
	}
	unsafe := op.method != http.MethodGet
	all := op.answers.with(500, "").with(503, "")
	switch client {
	case "app":
		all = all.with(410, "")
		d.Parameters = append(d.Parameters, parameter{Ref: "#/components/parameters/SessionToken"})
		if a.JWT != nil {
			d.Security = []map[string][]any{{}, {"accessToken": {}}}
		}
	case "browser":
		d.Security = []map[string][]any{{}, {"sessionCookie": {}}}
		if unsafe && !op.form {
			d.Parameters = append(d.Parameters, parameter{Ref: "#/components/parameters/CSRFToken"})
		}
		if unsafe {
			all = all.with(403, "")
		}
	}
	_, names := templated(op.path)
	for _, name := range names {
		d.Parameters = append(d.Parameters, parameter{Name: name, In: "path", Required: true, Schema: &schema{Type: "string"}})
	}
	for _, p := range []parameter{op.key, op.query} {
		if p.Name != "" {
			d.Parameters = append(d.Parameters, p)
		}
	}
	if len(fields) > 0 {
		kind := "application/json"
		if op.form {
			kind = "application/x-www-form-urlencoded"
		}
		body := &requestBody{Required: true}
		body.Content.put(kind, media{Schema: fieldsSchema(fields)})
		d.Body = body
	}
	for _, status := range slices.Sorted(maps.Keys(all)) {
		r := response(op, client, status, all[status])
		if of, found := s.named.get(all[status]); found {
			r.Description = of.Description
		}
		d.Responses.put(strconv.Itoa(status), r)
	}
	return d
}

// response is what is answered with a status.
func response(op operation, client string, status int, name string) *responded {
	if name == "" {
		name = usual(status)
		if common := commonName(status); common != "" {
			return &responded{Ref: "#/components/responses/" + common}
		}
	}
	r := &responded{Description: statusWords(status)}
	if _, own := op.answers[status]; status == http.StatusForbidden && client == "browser" {
		r.Description = "The CSRF token is missing or wrong."
		if own {
			r.Description = "Not allowed, or the CSRF token is missing or wrong."
		}
	}
	if status == http.StatusFound {
		r.Description = "On to the provider, or back to the front end with error and error_process."
		r.Headers.put("Location", header{Description: "Where to.", Schema: &schema{Type: "string", Format: "uri"}})
		return r
	}
	if client == "browser" && (name == "Authenticated" || name == usual(http.StatusUnauthorized)) {
		r.Headers.put("Set-Cookie", header{Description: "The cookie " + sessionCookie + ", where it changes.", Schema: &schema{Type: "string"}})
	}
	r.Content.put("application/json", media{Schema: &schema{Ref: "#/components/schemas/" + name}})
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
func commonResponses() ordered[*responded] {
	var out ordered[*responded]
	for _, status := range []int{400, 404, 409, 410, 429, 500, 503} {
		r := &responded{Description: statusWords(status)}
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			r.Headers.put("Retry-After", header{Description: "Seconds to wait.", Schema: &schema{Type: "integer"}})
		}
		r.Content.put("application/json", media{Schema: &schema{Ref: "#/components/schemas/" + usual(status)}})
		out.put(commonName(status), r)
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

// fieldsOf finds the fields of a request, and whether what it is for is switched on.
func (a *API) fieldsOf(op operation) ([]engine.Field, bool) {
	if op.wire != "" {
		if fields, found := a.asked(op.wire); found {
			return fields, true
		}
		if op.wire == emailWire {
			op.elseFlow = "email_confirmation"
		}
	}
	for _, id := range []engine.FlowID{op.flow, op.elseFlow} {
		if id == "" {
			continue
		}
		if f := a.Engine.Flows.Flow(id); f != nil {
			return f.Graph.Nodes[f.Graph.Start].Stage.Fields, true
		}
	}
	return op.fields, op.flow == "" && op.elseFlow == "" && op.wire == ""
}

// asked are the fields of the stage with the wire id, in whatever flow it is.
func (a *API) asked(wireID string) ([]engine.Field, bool) {
	for _, f := range a.Engine.Flows.All() {
		for _, n := range f.Graph.Nodes {
			if n.Stage.Wire == wireID && n.Stage.Kind == engine.Asks && len(n.Stage.Fields) > 0 {
				return n.Stage.Fields, true
			}
		}
	}
	return nil, false
}
