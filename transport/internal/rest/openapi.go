package rest

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

// specify serves the document.
func (a *API) specify() {
	file := openapi.File{
		Name: "openapi.yaml", Type: "application/yaml",
		Write: func() ([]byte, error) { return a.document().SortedYAML() },
	}
	fail := func(w http.ResponseWriter, r *http.Request, err error) { WriteProblem(w, r, wire.Internal(err)) }
	a.router.Handler(http.MethodGet, Mount+"/"+file.Name, file.Handler(fail))
}

// document describes the contract: its routes, what they take, and a path for each stage
// that may be pending, those of outside packages too.
func (a *API) document() *openapi.Document {
	d := &openapi.Document{Info: openapi.Info{Title: "The plain token contract", Version: "1"}}
	for _, r := range a.table {
		if !strings.HasPrefix(r.path, "/stages/") {
			d.Add(r.method, Mount+r.path+"/", describe(r))
		}
	}
	for _, r := range a.stageRoutes() {
		d.Add(r.method, Mount+r.path+"/", describe(r))
	}
	d.Components.SecuritySchemes.Put("bearer", openapi.SecurityScheme{Type: "http", Scheme: "bearer"})
	d.Components.Schemas = openapi.Ordered[*openapi.Schema]{
		{Name: "Entered", Value: schemaOf(enteredBody{})},
		{Name: "Errors", Value: schemaOf(errorsBody{})},
		{Name: "Prove", Value: schemaOf(proveBody{})},
		{Name: "Stranger", Value: schemaOf(strangerBody{})},
		{Name: "Waiting", Value: schemaOf(waitingBody{})},
	}
	return d
}

// stageRoutes are the general routes, one for each stage that may be pending and each flow
// that can be started there. One that has the id of both takes the input of either.
func (a *API) stageRoutes() []route {
	byPath := make(map[string]*route)
	add := func(path, about string, fields []engine.Field, answers []any) {
		input := append(runField(false), wire.FieldsOf(fields)...)
		if r, has := byPath[path]; has {
			r.about, r.or = r.about+" "+about, input
			return
		}
		byPath[path] = &route{method: "POST", path: "/stages/" + path, about: about, input: input, answers: answers, stops: true, closed: true}
	}
	both := func(wireID, about string, s engine.Stage) {
		add(wireID, about, s.Fields, stageBodies())
		for _, x := range s.Actions {
			add(wireID+"/"+x.Name, "The action "+x.Name+" of "+wireID+".", x.Fields, bodies(actBody{}))
		}
	}
	for _, s := range a.stages() {
		both(s.wireID, "Answer "+s.wireID+": "+s.title+".", engine.Stage{Fields: s.fields, Actions: s.actions})
	}
	for _, f := range a.Engine.Flows.All() {
		id := string(f.Graph.Flow)
		if a.startable(id, false) != nil || a.startable(id, true) != nil {
			both(id, "Start "+id+": "+f.Graph.Title+".", f.Graph.Nodes[f.Graph.Start].Stage)
		}
	}
	var out []route
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		out = append(out, *byPath[path])
	}
	return out
}

// describe turns a route into an operation object.
func describe(r route) *openapi.Operation {
	op := &openapi.Operation{ID: operationID(r), Summary: r.about, Parameters: openapi.PathParameters(r.path), Responses: responses(r)}
	if r.bearer {
		op.Security = []openapi.SecurityRequirement{{"bearer": {}}}
	}
	inputs := openapi.Inputs{Terse: true}
	switch {
	case r.or != nil:
		op.Body = body(openapi.AnyOf(inputs.Of(r.input), inputs.Of(r.or)))
	case len(r.input) > 0:
		op.Body = body(inputs.Of(r.input))
	}
	return op
}

func body(s *openapi.Schema) *openapi.RequestBody {
	return &openapi.RequestBody{Required: true, Content: openapi.Content(openapi.JSONMedia, s)}
}

// operationID names an operation: its method and path in one word.
func operationID(r route) string {
	words := strings.FieldsFunc(r.path, func(c rune) bool { return c == '/' || c == ':' || c == '-' || c == '.' })
	return strings.ToLower(r.method) + "_" + strings.Join(words, "_")
}

// responses are what a route can answer.
func responses(r route) openapi.Ordered[*openapi.Response] {
	var out openapi.Ordered[*openapi.Response]
	put := func(status int, about string, s *openapi.Schema) {
		out.Put(strconv.Itoa(status), response(about, s))
	}
	var success []*openapi.Schema
	for _, body := range r.answers {
		success = append(success, schemaOf(body))
	}
	put(http.StatusOK, "Success.", openapi.AnyOf(success...))
	problem := openapi.Refer("Errors")
	if r.method != http.MethodGet {
		put(http.StatusBadRequest, "The input is wrong.", problem)
	}
	if r.stops || r.proves || r.bearer || takesRun(r.input) {
		put(http.StatusUnauthorized, "A stage is pending, or nobody is signed in.", anonymous(r))
	}
	if r.closed {
		put(http.StatusForbidden, "Strangers are turned away.", problem)
	}
	if r.looks {
		put(http.StatusNotFound, "There is no such thing.", problem)
	}
	if r.method != http.MethodGet {
		put(http.StatusConflict, "The request does not fit what is going on.", problem)
	}
	if takesRun(r.input) {
		put(http.StatusGone, "The token of the run stands for nothing.", openapi.Refer("Stranger"))
	}
	if r.method != http.MethodGet {
		put(http.StatusTooManyRequests, "Too many requests; see Retry-After.", problem)
	}
	out.Put("default", response("The request failed.", problem))
	return out
}

// anonymous is what a route answers a client that is not signed in.
func anonymous(r route) *openapi.Schema {
	list := []*openapi.Schema{openapi.Refer("Stranger")}
	if r.stops {
		list = append(list, openapi.Refer("Waiting"))
	}
	if r.proves {
		list = append(list, openapi.Refer("Prove"))
	}
	return openapi.AnyOf(list...)
}

// takesRun reports whether a route's input can name a run by its token.
func takesRun(input []wire.Field) bool {
	return slices.ContainsFunc(input, func(f wire.Field) bool { return f.Name == tokenField })
}

func response(about string, s *openapi.Schema) *openapi.Response {
	return &openapi.Response{Description: about, Content: openapi.Content(openapi.JSONMedia, s)}
}

// schemaOf is the schema of the type of an answer, written out.
func schemaOf(body any) *openapi.Schema {
	// The server draws numbers. A program that brings texts knows that it does.
	types := openapi.Types{NullIfOmitted: true, Integers: []reflect.Type{reflect.TypeFor[state.AccountID]()}}
	return types.Of(reflect.TypeOf(body), "")
}
