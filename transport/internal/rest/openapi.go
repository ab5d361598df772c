package rest

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

// specify serves the document.
func (a *API) specify() {
	fail := func(w http.ResponseWriter, r *http.Request, err error) { WriteProblem(w, r, wire.Internal(err)) }
	for _, file := range openapi.Files(a.document) {
		a.files[Mount+"/"+file.Name] = file.Handler(fail)
	}
}

// document describes the contract: its routes, what they take, and a path for each stage
// that may be pending, those of outside packages too.
func (a *API) document() *openapi.Document {
	types := &openapi.Types{Names: shapeNames(), Describe: a.shapeWords(), Either: []reflect.Type{reflect.TypeFor[state.AccountID]()}}
	flowSchemas(types)
	c := openapi.Contract{
		Info: openapi.About("Accounts, for scripts and servers", overview(), a.Origin), Server: "/", Tags: groups(),
		Schemes: openapi.Ordered[openapi.SecurityScheme]{{Name: bearerScheme, Value: openapi.Bearer("Bearer", "", "The access token of a session.")}},
	}
	if a.Proofs != nil {
		c.Schemes.Put(boundScheme, openapi.BoundToken("The access token of a session that is bound to a key."))
		c.Schemes.Put(openapi.ProofScheme, openapi.Proof())
	}
	for _, r := range slices.Concat(a.table, a.stageRoutes()) {
		c.Operations = append(c.Operations, a.declare(r, types))
	}
	c.Schemas, c.Samples = types.Schemas, a.samples()
	return c.Document()
}

// The names of the ways in which clients are known.
const (
	bearerScheme = "bearer"
	boundScheme  = "bound"
)

// stageRoutes are the general routes, one for each stage that may be pending and each flow
// that can be started there. One that has the id of both takes the input of either.
func (a *API) stageRoutes() []route {
	byPath := make(map[string]*route)
	add := func(path, verb, about string, fields []engine.Field, answers []any) {
		input := append(runField(false), wire.FieldsOf(fields)...)
		if r, has := byPath[path]; has {
			r.more, r.or = strings.TrimSpace(r.more+" "+about+"."), input
			return
		}
		byPath[path] = &route{
			method: "POST", path: "/stages/" + path, id: verb + camel(path), group: "Stages", about: about, input: input, answers: answers, stops: true, closed: true,
		}
	}
	both := func(verb, wireID, about string, s engine.Stage) {
		add(wireID, verb, about, s.Fields, stageBodies())
		for _, x := range s.Actions {
			add(wireID+"/"+x.Name, verb, "The action "+x.Name+" of "+wireID, x.Fields, bodies(actBody{}))
		}
	}
	for _, s := range a.stages() {
		both("pass", s.wireID, "Answer "+s.wireID+": "+s.title, engine.Stage{Fields: s.fields, Actions: s.actions})
	}
	for _, f := range a.Engine.Flows.All() {
		id := string(f.Graph.Flow)
		if a.startable(id, false) != nil || a.startable(id, true) != nil {
			both("start", id, "Start "+id+": "+f.Graph.Title, f.Graph.Nodes[f.Graph.Start].Stage)
		}
	}
	var out []route
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		out = append(out, *byPath[path])
	}
	return out
}

// camel joins the words of a path, each with a capital.
func camel(path string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("/._-", r) }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// declare is a route as the builder of documents takes it.
func (a *API) declare(r route, types *openapi.Types) openapi.Declaration {
	d := openapi.Declaration{
		Operation: openapi.Operation{
			Tags: []string{r.group}, ID: r.id, Summary: r.about, Description: r.more, Security: a.security(r), Parameters: openapi.PathParameters(r.path),
		},
		Method: r.method, Path: Mount + r.path, Route: r.path, Name: camel(r.id),
	}
	if stage, is := strings.CutPrefix(r.path, "/stages/"); is {
		d.Alike = "/stages/:stage" + strings.Repeat("/:action", strings.Count(stage, "/"))
	}
	if r.query.Name != "" {
		d.Parameters = append(d.Parameters, r.query)
	}
	switch {
	case strings.HasPrefix(r.path, "/stages/:"):
		d.Input = openapi.AnyInput(append(a.stageInputs(strings.HasSuffix(r.path, ":action")), runField(false))...)
	case r.or != nil:
		d.Input = openapi.Either(openapi.Input(r.input, nil), openapi.Input(r.or, nil))
	case len(r.input) > 0:
		d.Input = openapi.Input(r.input, nil)
	}
	d.Answers = append(d.Answers, openapi.Answer{Status: http.StatusOK, Description: "Success.", Schema: success(d.Name, r.answers, types)})
	for _, status := range []int{400, 401, 403, 404, 408, 409, 410, 413, 429, 0} {
		if r.canAnswer(status) {
			d.Answers = append(d.Answers, refusal(r, status, types))
		}
	}
	return d
}

// security is what a route wants to be shown: its session, or that where there is one.
func (a *API) security(r route) []openapi.SecurityRequirement {
	var proof []openapi.SecurityRequirement
	signedIn := []openapi.SecurityRequirement{{bearerScheme: {}}}
	if a.Proofs != nil {
		proof = []openapi.SecurityRequirement{{openapi.ProofScheme: {}}}
		signedIn = append(signedIn, openapi.SecurityRequirement{boundScheme: {}, openapi.ProofScheme: {}})
	}
	switch {
	case r.bearer:
		return signedIn
	case r.method == http.MethodGet:
		return []openapi.SecurityRequirement{}
	case strings.HasPrefix(r.path, "/stages/"), strings.HasPrefix(r.path, "/email/"), strings.HasPrefix(r.path, "/providers/"):
		return slices.Concat([]openapi.SecurityRequirement{{}}, proof, signedIn)
	case a.Proofs != nil:
		return append([]openapi.SecurityRequirement{{}}, proof...)
	}
	return []openapi.SecurityRequirement{}
}

// stageInputs are the fields of all stages that can be pending or started, or of all their
// actions.
func (a *API) stageInputs(ofActions bool) [][]wire.Field {
	var out [][]wire.Field
	for _, r := range a.stageRoutes() {
		if strings.Contains(strings.TrimPrefix(r.path, "/stages/"), "/") == ofActions {
			out = append(out, r.input, r.or)
		}
	}
	return out
}

// success is the name of the schema of a route's body where it succeeds.
func success(name string, answers []any, types *openapi.Types) string {
	var one []*openapi.Schema
	for _, body := range answers {
		if body != nil {
			one = append(one, types.Of(reflect.TypeOf(body), ""))
		}
	}
	if len(one) == 1 && one[0].Ref != "" {
		return one[0].Referred()
	}
	all := openapi.OneOf(one...)
	if all.Description == "" {
		all.Description = "One of these."
	}
	types.Schemas.Put(name+"Answer", all)
	return name + "Answer"
}

// canAnswer reports whether a route can be answered with a status other than success, 0 being
// any other.
func (r route) canAnswer(status int) bool {
	writes := r.method != http.MethodGet
	switch status {
	case http.StatusUnauthorized:
		return r.stops || r.proves || r.bearer || takesRun(r.input)
	case http.StatusForbidden:
		return r.closed
	case http.StatusNotFound:
		return r.looks
	case http.StatusConflict, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return writes
	case http.StatusRequestEntityTooLarge:
		return writes
	case http.StatusGone:
		return takesRun(r.input)
	}
	return true
}

// refusal is an answer that is no success.
func refusal(r route, status int, types *openapi.Types) openapi.Answer {
	switch status {
	case http.StatusUnauthorized:
		return openapi.Answer{Status: status, Description: "A stage is pending, nobody is signed in, or who is must be proved again.", Schema: anonymous(r, types)}
	case http.StatusGone:
		return openapi.Answer{Status: status, Common: "Gone", Description: "The token of the run stands for nothing.", Schema: "NotAuthenticated"}
	}
	a := openapi.Answer{Status: status, Schema: types.Of(reflect.TypeFor[errorsBody](), "").Referred()}
	switch status {
	case http.StatusBadRequest:
		a.Common, a.Description = "Invalid", "The input is wrong; the errors say where."
	case http.StatusForbidden:
		a.Common, a.Description = "Forbidden", "Strangers are turned away."
	case http.StatusNotFound:
		a.Common, a.Description = "NotFound", "There is no such thing."
	case http.StatusRequestTimeout:
		a.Common, a.Description = "TimedOut", "The body did not arrive in time."
	case http.StatusRequestEntityTooLarge:
		a.Common, a.Description = "TooLarge", "The body is larger than the server reads."
	case http.StatusConflict:
		a.Common, a.Description = "Conflict", "The request does not fit what is going on."
	case http.StatusTooManyRequests:
		a.Common, a.Description = "TooManyRequests", "Too many requests. Wait as long as Retry-After says."
		a.Headers.Put("Retry-After", openapi.Header{Description: "Seconds to wait.", Schema: &openapi.Schema{Type: "integer"}})
	case 0:
		a.Common, a.Description = "Failed", "The request failed."
	}
	return a
}

// anonymous is the schema of what a route answers a client that is not signed in.
func anonymous(r route, types *openapi.Types) string {
	if len(r.halfway) == 0 && !r.stops {
		return "NotAuthenticated"
	}
	name, list := "Unfinished", []*openapi.Schema{openapi.Refer("NotAuthenticated")}
	for _, body := range r.halfway {
		list = append(list, types.Of(reflect.TypeOf(body), ""))
		name = camel(r.id) + name
	}
	list = append(list, types.Of(reflect.TypeFor[waitingBody](), ""))
	types.Schemas.Put(name, &openapi.Schema{Description: "What a client that is not signed in can do, or what is pending.", OneOf: list})
	return name
}

// takesRun reports whether a route's input can name a run by its token.
func takesRun(input []wire.Field) bool {
	return slices.ContainsFunc(input, func(f wire.Field) bool { return f.Name == tokenField })
}
