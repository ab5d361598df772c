package rest

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

// object is a mapping of the document.
type object = map[string]any

// openAPI serves the document.
func (a *API) openAPI(w http.ResponseWriter, r *http.Request) {
	text, err := a.spec()
	if err != nil {
		WriteProblem(w, r, wire.Internal(fmt.Errorf("write the document of the contract: %w", err)))
		return
	}
	wire.SetAPIHeaders(w.Header())
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(text)
}

// document writes the contract down (OpenAPI 3.0.3): its routes, what they take, and a
// path for each stage that may be pending, those of outside packages too.
func (a *API) document() ([]byte, error) {
	paths := object{}
	put := func(method, path string, op object) {
		full := Mount + path + "/"
		item, has := paths[full].(object)
		if !has {
			item = object{}
			paths[full] = item
		}
		item[strings.ToLower(method)] = op
	}
	for _, r := range a.table {
		if !strings.HasPrefix(r.path, "/stages/") {
			put(r.method, braces(r.path), operation(r))
		}
	}
	for _, r := range a.stageRoutes() {
		put(r.method, r.path, operation(r))
	}
	return yaml.Marshal(object{
		"openapi": "3.0.3",
		"info":    object{"title": "The plain token contract", "version": "1"},
		"paths":   paths,
		"components": object{
			"schemas": object{
				"Waiting": schemaOf(reflect.TypeFor[waitingBody]()), "Stranger": schemaOf(reflect.TypeFor[strangerBody]()),
				"Prove":  schemaOf(reflect.TypeFor[proveBody]()),
				"Errors": schemaOf(reflect.TypeFor[errorsBody]()), "Entered": schemaOf(reflect.TypeFor[enteredBody]()),
			},
			"securitySchemes": object{"bearer": object{"type": "http", "scheme": "bearer"}},
		},
	})
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

// operation describes a route.
func operation(r route) object {
	op := object{"summary": r.about, "operationId": operationID(r), "responses": responses(r)}
	if r.bearer {
		op["security"] = []object{{"bearer": []string{}}}
	}
	switch {
	case r.or != nil:
		op["requestBody"] = object{"required": true, "content": jsonOf(anyOf([]object{inputSchema(r.input), inputSchema(r.or)}))}
	case len(r.input) > 0:
		op["requestBody"] = object{"required": true, "content": jsonOf(inputSchema(r.input))}
	}
	var params []object
	for part := range strings.SplitSeq(r.path, "/") {
		if name, is := strings.CutPrefix(part, ":"); is {
			params = append(params, object{"name": name, "in": "path", "required": true, "schema": object{"type": "string"}})
		}
	}
	if params != nil {
		op["parameters"] = params
	}
	return op
}

// operationID names an operation: its method and path in one word.
func operationID(r route) string {
	words := strings.FieldsFunc(r.path, func(c rune) bool { return c == '/' || c == ':' || c == '-' || c == '.' })
	return strings.ToLower(r.method) + "_" + strings.Join(words, "_")
}

// responses are what a route can answer.
func responses(r route) object {
	success := []object{}
	for _, body := range r.answers {
		success = append(success, schemaOf(reflect.TypeOf(body)))
	}
	strangers := []object{ref("Stranger")}
	if r.stops {
		strangers = append(strangers, ref("Waiting"))
	}
	if r.proves {
		strangers = append(strangers, ref("Prove"))
	}
	out := object{
		"200":     response("Success.", anyOf(success)),
		"default": response("The request failed.", ref("Errors")),
	}
	if r.stops || r.proves || r.bearer || takesRun(r.input) {
		out["401"] = response("A stage is pending, or nobody is signed in.", anyOf(strangers))
	}
	if takesRun(r.input) {
		out["410"] = response("The token of the run stands for nothing.", ref("Stranger"))
	}
	if r.closed {
		out["403"] = response("Strangers are turned away.", ref("Errors"))
	}
	if r.looks {
		out["404"] = response("There is no such thing.", ref("Errors"))
	}
	if r.method != http.MethodGet {
		out["400"] = response("The input is wrong.", ref("Errors"))
		out["409"] = response("The request does not fit what is going on.", ref("Errors"))
		out["429"] = response("Too many requests; see Retry-After.", ref("Errors"))
	}
	return out
}

// takesRun reports whether a route can be told of a run by its token.
func takesRun(input []wire.Field) bool {
	return slices.ContainsFunc(input, func(f wire.Field) bool { return f.Name == tokenField })
}

// anyOf is one of several schemas, or any object where there is none.
func anyOf(list []object) object {
	switch len(list) {
	case 0:
		return object{"type": "object"}
	case 1:
		return list[0]
	}
	return object{"anyOf": list}
}

func response(about string, schema object) object {
	return object{"description": about, "content": jsonOf(schema)}
}

func jsonOf(schema object) object { return object{"application/json": object{"schema": schema}} }

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

// braces writes a path as the document does.
func braces(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, is := strings.CutPrefix(p, ":"); is {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// inputSchema is the schema of declared inputs.
func inputSchema(fields []wire.Field) object {
	properties, required := object{}, []string{}
	for _, f := range fields {
		properties[f.Name] = fieldSchema(f)
		if f.Required {
			required = append(required, f.Name)
		}
	}
	s := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

func fieldSchema(f wire.Field) object {
	s := object{"type": "string"}
	switch f.Type {
	case wire.Secret:
		s["format"] = "password"
	case wire.Email:
		s["format"] = "email"
	case wire.Bool:
		s["type"] = "boolean"
	case wire.Number, wire.ID:
		s["type"], s["format"] = "integer", "int64"
	case wire.IDList:
		s["type"], s["items"] = "array", object{"type": "integer", "format": "int64"}
	case wire.JSON, wire.Any:
		s = object{}
	}
	if f.MinLength > 0 {
		s["minLength"] = f.MinLength
	}
	if f.MaxLength > 0 {
		s["maxLength"] = f.MaxLength
	}
	if len(f.Choices) > 0 {
		s["enum"] = f.Choices
	}
	return s
}

// schemaOf derives a schema from the type of an answer: what may be left out is not
// required, and what an embedded pointer adds may be left out as a whole.
func schemaOf(t reflect.Type) object {
	switch t.Kind() {
	case reflect.Pointer:
		s := schemaOf(t.Elem())
		s["nullable"] = true
		return s
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer", "format": "int64"}
	case reflect.Float64:
		return object{"type": "number", "format": "double"}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Struct:
		return structSchema(t)
	case reflect.Interface:
		return object{}
	}
	panic(fmt.Sprintf("rest: no schema for %s", t))
}

func structSchema(t reflect.Type) object {
	properties, required := object{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			base := f.Type
			if base.Kind() == reflect.Pointer {
				base = base.Elem()
			}
			inner := structSchema(base)
			for name, s := range inner["properties"].(object) {
				properties[name] = s
			}
			if needed, has := inner["required"].([]string); has && f.Type.Kind() != reflect.Pointer {
				required = append(required, needed...)
			}
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		properties[name] = schemaOf(f.Type)
		if !strings.Contains(options, "omitempty") && !slices.Contains(required, name) {
			required = append(required, name)
		}
	}
	s := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}
