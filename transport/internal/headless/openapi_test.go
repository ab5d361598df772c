package headless

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
	"stagedoor/transport/internal/contract"
)

// specified is an API with every shipped flow, serving its document.
func specified(t *testing.T, change ...func(*stages.Settings, []engine.Graph) []engine.Graph) *API {
	t.Helper()
	s := stages.Settings{
		LoginMethods: []string{"email"}, SignupFields: map[string]bool{"email": true, "password": true}, SignupOpen: true,
		EmailByCode: true, LoginByCode: true, ResetByCode: true, WebAuthn: true, PasskeyLogin: true, PasskeySignup: true,
		RequireCode:  func(engine.FlowID) bool { return false },
		LoginTimeout: time.Hour, EmailLifetime: time.Hour, PhoneLifetime: time.Hour, CodeLifetime: time.Hour, ResetLifetime: time.Hour,
	}
	graphs := flows.All(s)
	for _, f := range change {
		graphs = f(&s, graphs)
	}
	env := &stages.Env{Settings: s}
	set := flows.Bind(graphs, env.Handlers())
	if len(change) > 0 {
		set.Handlers["acme.terms"] = terms{}
	}
	compiled, err := engine.Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(Config{
		Mount: "/_allauth", Clients: []string{"browser", "app"}, ServeSpecification: true, OfferTrust: true, Base: contract.Base{
			Engine: &engine.Engine{Config: engine.Config{Flows: compiled}}, FactorTypes: []string{"totp", "recovery_codes", "webauthn"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// get asks for one of the forms of the document.
func get(a *API, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

func load(t *testing.T, doc []byte) *openapi3.T {
	t.Helper()
	loader := openapi3.NewLoader()
	d, err := loader.LoadFromData(doc)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Validate(loader.Context, openapi3.DisableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSpecificationIsValid loads the document in both forms, which must say the same, in both
// versions.
func TestSpecificationIsValid(t *testing.T) {
	a := specified(t)
	for _, name := range []string{"openapi", "openapi-3.1"} {
		valid(t, get(a, "/_allauth/"+name+".json"), get(a, "/_allauth/"+name+".yaml"))
	}
}

func valid(t *testing.T, asJSON, asYAML *httptest.ResponseRecorder) {
	t.Helper()
	load(t, asJSON.Body.Bytes())
	load(t, asYAML.Body.Bytes())
	var one, other any
	if err := json.Unmarshal(asJSON.Body.Bytes(), &one); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(asYAML.Body.Bytes(), &other); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(other)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(again, &other); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one, other) {
		t.Error("the YAML says something else than the JSON")
	}
}

// TestEveryRouteIsDescribed holds the table of routes and the declarations against each
// other.
func TestEveryRouteIsDescribed(t *testing.T) {
	var routed, declared []string
	for _, r := range specified(t).routes() {
		for method := range r.methods {
			routed = append(routed, method+" "+r.path)
		}
	}
	for _, op := range operations() {
		declared = append(declared, op.method+" "+op.path)
	}
	slices.Sort(routed)
	slices.Sort(declared)
	for _, one := range routed {
		if !slices.Contains(declared, one) {
			t.Errorf("%s is a route without a description", one)
		}
	}
	for i, one := range declared {
		if !slices.Contains(routed, one) {
			t.Errorf("%s is described and no route", one)
		}
		if i > 0 && declared[i-1] == one {
			t.Errorf("%s is described twice", one)
		}
	}
}

// shows reports whether every way to be known, or any, has a scheme.
func shows(op *openapi3.Operation, scheme string) (every, any bool) {
	every = len(*op.Security) > 0
	for _, one := range *op.Security {
		if _, has := one[scheme]; has {
			any = true
		} else {
			every = false
		}
	}
	return every, any
}

// TestOperationsHaveWhatGeneratorsNeed checks each operation: an id of its own, a known
// group, what its client is known by, a body of its own name, and the statuses that all have.
func TestOperationsHaveWhatGeneratorsNeed(t *testing.T) {
	d := load(t, get(specified(t), "/_allauth/openapi.json").Body.Bytes())
	ids := make(map[string]bool)
	for path, item := range d.Paths.Map() {
		for method, op := range item.Operations() {
			if op.OperationID == "" || ids[op.OperationID] {
				t.Errorf("%s %s: id %q", method, path, op.OperationID)
			}
			ids[op.OperationID] = true
			if len(op.Tags) != 1 || d.Tags.Get(op.Tags[0]) == nil {
				t.Errorf("%s: groups %v", op.OperationID, op.Tags)
			}
			app := strings.HasPrefix(path, "/app/")
			if op.Summary == "" || op.Description == "" {
				t.Errorf("%s says nothing of itself", op.OperationID)
			}
			if _, got := shows(op, "sessionToken"); got != app {
				t.Errorf("%s: session token %v", op.OperationID, got)
			}
			if _, got := shows(op, "sessionCookie"); got == app {
				t.Errorf("%s: session cookie %v", op.OperationID, got)
			}
			if body := op.RequestBody; body != nil {
				for _, media := range body.Value.Content {
					want := "#/components/schemas/" + strings.ToUpper(strings.TrimPrefix(strings.TrimPrefix(op.OperationID, "browser"), "app")[:1])
					if !strings.HasPrefix(media.Schema.Ref, want) || body.Value.Required != (len(media.Schema.Value.Required) > 0) {
						t.Errorf("%s: the body is %s, required %v", op.OperationID, media.Schema.Ref, body.Value.Required)
					}
				}
			}
			if got := op.Responses.Status(410) != nil; got != app {
				t.Errorf("%s: 410 %v", op.OperationID, got)
			}
			form := op.RequestBody != nil && op.RequestBody.Value.Content.Get("application/x-www-form-urlencoded") != nil
			if got, _ := shows(op, "csrfToken"); got != (!app && method != "GET" && !form) {
				t.Errorf("%s: CSRF token %v", op.OperationID, got)
			}
			if !app && method != "GET" && op.Responses.Status(403) == nil {
				t.Errorf("%s: no 403", op.OperationID)
			}
			for _, status := range []int{408, 500, 503} {
				if status == 408 && method == "GET" {
					continue
				}
				if op.Responses.Status(status) == nil {
					t.Errorf("%s: no %d", op.OperationID, status)
				}
			}
		}
	}
	if len(ids) < 80 {
		t.Errorf("%d operations", len(ids))
	}
	if ids["appTrustBrowser"] || !ids["browserTrustBrowser"] {
		t.Error("trust is for browsers only")
	}
}

// TestSchemasSayWhatIsEasyToMiss checks what published clients rely on.
func TestSchemasSayWhatIsEasyToMiss(t *testing.T) {
	d := load(t, get(specified(t), "/_allauth/openapi.json").Body.Bytes())
	of := func(schema, member string) *openapi3.Schema {
		s := d.Components.Schemas[schema].Value.Properties[member]
		if s == nil {
			t.Fatalf("%s has no %s", schema, member)
		}
		return s.Value
	}
	if s := of("AuthenticationMeta", "is_authenticated"); !s.Nullable || !s.Type.Is("boolean") {
		t.Error("is_authenticated is a boolean or null")
	}
	for _, one := range []string{"User", "Session", "Authenticator", "Method"} {
		if !of(one, "id").Type.Is("integer") {
			t.Errorf("the id of a %s is no integer", one)
		}
	}
	if !of("Method", "at").Type.Is("number") || !of("Authenticator", "last_used_at").Nullable {
		t.Error("times are numbers, the last use may be null")
	}
	id := of("Flow", "id")
	for _, flow := range contractFlows() {
		if !strings.Contains(id.Description, strconv.Quote(flow)) {
			t.Errorf("flow %s is not among the ids", flow)
		}
	}
	login := d.Paths.Value("/app/v1/auth/login").Post.RequestBody.Value.Content.Get("application/json").Schema.Value
	if !slices.Equal(login.Required, []string{"email", "password"}) || login.Properties["password"].Value.Format != "password" {
		t.Errorf("login requires %v", login.Required)
	}
}

// terms is the behaviour of a stage of an outside package.
type terms struct{}

func (terms) Submit(context.Context, engine.Submission) (engine.Verdict, error) {
	return engine.Verdict{Exit: engine.OK}, nil
}

// TestOutsideStagesAreDescribed splices a stage into the login and looks for it.
func TestOutsideStagesAreDescribed(t *testing.T) {
	a := specified(t, func(_ *stages.Settings, graphs []engine.Graph) []engine.Graph {
		for i := range graphs {
			if graphs[i].Flow != flows.LoginFlow {
				continue
			}
			nodes := graphs[i].Nodes.With(engine.Nodes{})
			start := nodes[graphs[i].Start]
			after := start.Next[engine.OK]
			start.Next = engine.Next{engine.OK: "terms"}
			nodes[graphs[i].Start] = start
			nodes["terms"] = engine.Node{Next: engine.Next{engine.OK: after}, Stage: engine.Stage{
				ID: "acme.terms", Wire: "acme.terms", Kind: engine.Asks, Title: "the terms of use", Exits: engine.Exits{engine.OK: {}},
				Fields: []engine.Field{{Name: "version", Type: engine.Number, Required: true, Help: "the version accepted"}},
			}}
			graphs[i].Nodes = nodes
		}
		return graphs
	})
	d := load(t, get(a, "/_allauth/openapi.json").Body.Bytes())
	for _, client := range []string{"browser", "app"} {
		item := d.Paths.Value("/" + client + "/v1/auth/stages/acme.terms")
		if item == nil || item.Post.OperationID != client+"PassAcmeTerms" {
			t.Fatalf("%s: no operation for the stage", client)
		}
		s := item.Post.RequestBody.Value.Content.Get("application/json").Schema.Value
		if !slices.Equal(s.Required, []string{"version"}) || !s.Properties["version"].Value.Type.Is("integer") {
			t.Errorf("%s: the stage takes %v", client, s.Required)
		}
	}
	if !strings.Contains(d.Components.Schemas["Flow"].Value.Properties["id"].Value.Description, `"acme.terms"`) {
		t.Error("the stage is not among the ids of flows")
	}
	if d.Components.Schemas["PassAcmeTermsRequest"] == nil {
		t.Error("the stage has no schema")
	}
	any := d.Components.Schemas["SubmitStageRequest"].Value
	if s := any.Properties["version"]; s == nil || !s.Value.Type.Is("integer") || any.AdditionalProperties.Schema == nil || len(any.Required) > 0 {
		t.Errorf("the route of any stage does not take its fields: %v", any.Properties)
	}
}

// TestSpecificationIsServed checks the three forms, and that they are off where not wanted.
func TestSpecificationIsServed(t *testing.T) {
	a := specified(t)
	for name, kind := range map[string]string{
		"openapi.json": "application/json", "openapi.yaml": "application/yaml", "openapi.html": "text/html; charset=utf-8",
		"openapi-3.1.json": "application/json", "openapi-3.1.yaml": "application/yaml",
	} {
		got := get(a, "/_allauth/"+name)
		if got.Code != 200 || got.Header().Get("Content-Type") != kind || got.Body.Len() < 1000 {
			t.Errorf("%s: %d, %s, %d bytes", name, got.Code, got.Header().Get("Content-Type"), got.Body.Len())
		}
		if again := get(a, "/_allauth/"+name, "If-None-Match", got.Header().Get("ETag")); again.Code != 304 || again.Body.Len() > 0 {
			t.Errorf("%s again: %d", name, again.Code)
		}
	}
	page := get(a, "/_allauth/openapi.html").Body.String()
	for _, part := range []string{`id="appLogin"`, `id="browserLogin"`, `id="shape-Flow"`, `id="signing-in"`} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	off := &API{Config: a.Config}
	off.ServeSpecification = false
	closed, err := New(off.Config)
	if err != nil {
		t.Fatal(err)
	}
	if got := get(closed, "/_allauth/openapi.json"); got.Code != 404 {
		t.Errorf("switched off: %d", got.Code)
	}
}

// TestNoDocumentIsClosed: what a server may add to its answers breaks no client that was made
// of an older document. Sets of texts are open, and whole numbers are no enumerations, which
// the decoders of some generators take for texts.
func TestNoDocumentIsClosed(t *testing.T) {
	a := specified(t)
	for _, name := range []string{"openapi.json", "openapi-3.1.json"} {
		d := load(t, get(a, "/_allauth/"+name).Body.Bytes())
		for name, s := range d.Components.Schemas {
			if strings.HasSuffix(name, "Request") {
				continue
			}
			for member, p := range s.Value.Properties {
				if len(p.Value.Enum) > 0 || p.Value.Items != nil && len(p.Value.Items.Value.Enum) > 0 {
					t.Errorf("%s.%s is a closed set", name, member)
				}
			}
			if s.Value.AdditionalProperties.Has != nil {
				t.Errorf("%s takes no other members", name)
			}
		}
	}
}

// TestStatusTellsAnswersApart: each schema of an answer that repeats the HTTP status accepts
// that one alone, in both versions.
func TestStatusTellsAnswersApart(t *testing.T) {
	a := specified(t)
	for _, name := range []string{"openapi.json", "openapi-3.1.json"} {
		d := load(t, get(a, "/_allauth/"+name).Body.Bytes())
		for path, item := range d.Paths.Map() {
			for method, op := range item.Operations() {
				for status, r := range op.Responses.Map() {
					media := r.Value.Content.Get("application/json")
					if media == nil {
						continue
					}
					number, err := strconv.ParseFloat(status, 64)
					s := media.Schema.Value.Properties["status"]
					if err != nil || s == nil || s.Value.VisitJSON(number) != nil || s.Value.VisitJSON(number+1, openapi3.EnableJSONSchema2020()) == nil {
						t.Errorf("%s: %s %s: a %s does not say so: %v", name, method, path, status, media.Schema.Ref)
					}
				}
			}
		}
	}
}
