package headless

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

// specify serves the document below the mount path.
func (a *API) specify(mount string) {
	fail := func(w http.ResponseWriter, r *http.Request, err error) { WriteProblem(w, r, wire.Internal(err)) }
	for _, file := range openapi.Files(a.document) {
		a.files[mount+"/"+file.Name] = file.Handler(fail)
	}
}

// document describes what this API answers: every route for each kind of client, with the
// fields that the stages of its flows declare, those of outside packages among them.
func (a *API) document() *openapi.Document {
	types := &openapi.Types{
		Names: shapeNames(), Describe: shapeWords(a.Engine.Flows), Either: []reflect.Type{reflect.TypeFor[state.AccountID]()},
	}
	a.answerSchemas(types)
	c := openapi.Contract{
		Info:   openapi.About("Accounts", overview(), a.Origin),
		Server: "/" + strings.Trim(a.Mount, "/"), Tags: groups(), Schemes: a.securitySchemes(), Schemas: types.Schemas, Samples: a.samples(),
	}
	for _, client := range a.Clients {
		for _, op := range a.operationsFor(client) {
			c.Operations = append(c.Operations, a.declare(op, client))
		}
	}
	return c.Document()
}

// operationsFor are the operations of a kind of client, by the routes it has.
func (a *API) operationsFor(client string) []operation {
	var out []operation
	kind, err := kindOf(client)
	if err != nil {
		return nil
	}
	for _, r := range a.routes() {
		if !r.exists(kind) {
			continue
		}
		for _, method := range sortedMethods(r.methods) {
			out = append(out, operationOf(method, r.path))
		}
	}
	return append(out, addedOperations(a.Engine.Flows)...)
}

// operationOf finds the declaration of a method of a route. A route without one is
// described by what all routes have in common.
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

// The names of the ways in which clients are known.
const (
	cookieScheme  = "sessionCookie"
	csrfScheme    = "csrfToken"
	sessionScheme = "sessionToken"
	accessScheme  = "accessToken"
	boundScheme   = "boundAccessToken"
)

// securitySchemes are the ways in which clients are known.
func (a *API) securitySchemes() openapi.Ordered[openapi.SecurityScheme] {
	out := openapi.Ordered[openapi.SecurityScheme]{}
	if slices.Contains(a.Clients, "browser") {
		out.Put(cookieScheme, openapi.SecurityScheme{
			Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "Set and taken back by the server; scripts cannot read it.",
		})
		out.Put(csrfScheme, openapi.SecurityScheme{
			Type: "apiKey", In: "header", Name: wire.CSRFHeader,
			Description: "The value of the cookie " + wire.CSRFCookie + ", which any GET sets. It keeps other sites from asking in the person's name.",
		})
	}
	if slices.Contains(a.Clients, "app") {
		out.Put(sessionScheme, openapi.SecurityScheme{
			Type: "apiKey", In: "header", Name: sessionHeader,
			Description: "The last session token that an answer gave in meta.session_token. Leave it out until there is one.",
		})
		if a.JWT != nil {
			out.Put(accessScheme, openapi.Bearer(a.JWTScheme, "JWT", "The access token of a signed-in app."))
		}
		if a.Proofs != nil && a.JWT != nil {
			out.Put(boundScheme, openapi.BoundToken("The access token of a signed-in app that is bound to its key."))
		}
		if a.Proofs != nil {
			out.Put(openapi.ProofScheme, openapi.Proof())
		}
	}
	return out
}

// security is what a kind of client shows with an operation. Who is not signed in may have
// nothing to show yet, but that a browser's request is not forged.
func (a *API) security(op operation, client string) []openapi.SecurityRequirement {
	if client == "browser" {
		base := openapi.SecurityRequirement{}
		if op.method != http.MethodGet && !op.form {
			base[csrfScheme] = []string{}
		}
		signed := openapi.SecurityRequirement{cookieScheme: {}}
		for name := range base {
			signed[name] = []string{}
		}
		if op.forSession() {
			return []openapi.SecurityRequirement{signed}
		}
		return []openapi.SecurityRequirement{base, signed}
	}
	known := []openapi.SecurityRequirement{{sessionScheme: {}}}
	if a.JWT != nil {
		known = append(known, openapi.SecurityRequirement{accessScheme: {}})
	}
	if a.Proofs != nil && !op.everybodys() {
		return a.withProofs(op, known)
	}
	if op.forSession() {
		return known
	}
	return append([]openapi.SecurityRequirement{{}}, known...)
}

// withProofs are the ways in which an app is known that can show a key: without one, and with.
func (a *API) withProofs(op operation, known []openapi.SecurityRequirement) []openapi.SecurityRequirement {
	known = append(known, openapi.SecurityRequirement{sessionScheme: {}, openapi.ProofScheme: {}})
	if a.JWT != nil {
		known = append(known, openapi.SecurityRequirement{boundScheme: {}, openapi.ProofScheme: {}})
	}
	if op.forSession() {
		return known
	}
	return append([]openapi.SecurityRequirement{{}, {openapi.ProofScheme: {}}}, known...)
}

// everybodys reports whether an operation asks nobody who they are.
func (op operation) everybodys() bool { return op.path == "/config" }

// fieldsOf finds the fields of a request, and whether what it is for is switched on.
func (a *API) fieldsOf(op operation) ([]wire.Field, bool) {
	if op.wire != "" {
		if fields, found := a.asked(op.wire); found {
			return fields, true
		}
		if op.wire == contract.EmailStage {
			op.elseFlow = "email_confirmation"
		}
	}
	for _, id := range []engine.FlowID{op.flow, op.elseFlow} {
		if id == "" {
			continue
		}
		if f := a.Engine.Flows.Flow(id); f != nil {
			return wire.FieldsOf(f.Graph.Nodes[f.Graph.Start].Stage.Fields), true
		}
	}
	return op.fields, op.flow == "" && op.elseFlow == "" && op.wire == ""
}

// asked are the fields of the stage with the wire id, in whatever flow it is.
func (a *API) asked(wireID string) ([]wire.Field, bool) {
	for _, f := range a.Engine.Flows.All() {
		for _, n := range f.Graph.Nodes {
			if n.Stage.Wire == wireID && n.Stage.Kind == engine.Asks && len(n.Stage.Fields) > 0 {
				return wire.FieldsOf(n.Stage.Fields), true
			}
		}
	}
	return nil, false
}
