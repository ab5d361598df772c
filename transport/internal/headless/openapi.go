package headless

import (
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/julienschmidt/httprouter"

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
		serve := file.Handler(fail)
		answer := func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) { serve(w, r) }
		a.router.GET(mount+"/"+file.Name, answer)
		a.router.HEAD(mount+"/"+file.Name, answer)
	}
}

// document describes what this API answers: every route for each kind of client, with the
// fields that the stages of its flows declare, those of outside packages among them.
func (a *API) document() *openapi.Document {
	// The server draws numbers. A program that brings texts knows that it does.
	types := &openapi.Types{Names: shapeNames(), Describe: shapeWords(flowIDs(a.Engine.Flows)), Integers: []reflect.Type{reflect.TypeFor[state.AccountID]()}}
	a.answerSchemas(types)
	d := &openapi.Document{
		Info: openapi.Info{
			Title: "Accounts", Version: "1", Description: overview(), License: &openapi.License{Name: "see the server's LICENSE"},
		},
		Servers: []openapi.Server{{URL: "/" + strings.Trim(a.Mount, "/")}},
	}
	used := make(map[string]bool)
	for _, client := range a.Clients {
		for _, op := range a.operationsFor(client) {
			d.Add(op.method, "/"+client+"/v1"+op.path, a.describe(op, client, types.Schemas))
			used[op.group] = true
		}
	}
	for _, g := range groups() {
		if used[g.Name] {
			d.Tags = append(d.Tags, g)
		}
	}
	all := types.Schemas
	for _, stage := range ownStages(a.Engine.Flows) {
		o := openapi.Inputs{}.Of(wire.FieldsOf(stage.Fields))
		o.Description = "What the stage " + stage.Wire + " asks for: " + stage.Title + "."
		all.Put("Stage."+stage.Wire, o)
	}
	slices.SortFunc(all, func(x, y openapi.Member[*openapi.Schema]) int { return cmp.Compare(x.Name, y.Name) })
	d.Components = openapi.Components{
		Parameters: a.clientHeaders(), Responses: commonResponses(), SecuritySchemes: a.securitySchemes(), Schemas: all,
	}
	return d
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

// clientHeaders are the headers by which the kinds of clients are known.
func (a *API) clientHeaders() openapi.Ordered[openapi.Parameter] {
	out := openapi.Ordered[openapi.Parameter]{}
	if slices.Contains(a.Clients, "app") {
		out.Put("SessionToken", openapi.Parameter{
			Name: sessionHeader, In: "header", Schema: &openapi.Schema{Type: "string", MaxLength: maxToken},
			Description: "The last session token that an answer gave. Leave it out until there is one.",
		})
	}
	if slices.Contains(a.Clients, "browser") {
		out.Put("CSRFToken", openapi.Parameter{
			Name: wire.CSRFHeader, In: "header", Required: true, Schema: &openapi.Schema{Type: "string"},
			Description: "The value of the cookie " + wire.CSRFCookie + ", which any GET sets.",
		})
	}
	return out
}

// securitySchemes are the schemes by which clients are known besides.
func (a *API) securitySchemes() openapi.Ordered[openapi.SecurityScheme] {
	out := openapi.Ordered[openapi.SecurityScheme]{}
	if slices.Contains(a.Clients, "browser") {
		out.Put("sessionCookie", openapi.SecurityScheme{
			Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "Set and taken back by the server; scripts cannot read it.",
		})
	}
	if slices.Contains(a.Clients, "app") && a.JWT != nil {
		out.Put("accessToken", openapi.SecurityScheme{
			Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The access token of a signed-in app.",
		})
	}
	return out
}

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
