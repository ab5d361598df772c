package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// described is what a server says of itself, and holds its answers against it. Its zero
// value has yet to read the document.
type described struct {
	once   sync.Once
	err    error
	doc    *openapi3.T
	router routers.Router
	mu     sync.Mutex
	// seen are the operations and statuses that were answered.
	seen map[string]bool
}

// read takes the document over, in one of its versions. Objects are closed, so that a member
// the document does not know is a fault.
func (d *described) read(doc []byte) (err error) {
	if d.doc, err = readDocument(doc); err != nil {
		return err
	}
	d.seen = make(map[string]bool)
	d.router, err = gorillamux.NewRouter(d.doc)
	return err
}

// readDocument reads a document that is valid, and closes its objects.
func readDocument(doc []byte) (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	d, err := loader.LoadFromData(doc)
	if err != nil {
		return nil, err
	}
	// Examples take long; journeys has a test of them.
	if err := d.Validate(loader.Context, openapi3.DisableExamplesValidation()); err != nil {
		return nil, err
	}
	for _, s := range d.Components.Schemas {
		closeObjects(s.Value)
	}
	return d, nil
}

// closeObjects refuses members that are not declared, where any are.
func closeObjects(s *openapi3.Schema) {
	for _, one := range s.OneOf {
		if one.Ref == "" {
			closeObjects(one.Value)
		}
	}
	if len(s.Properties) > 0 && s.AdditionalProperties.Schema == nil {
		no := false
		s.AdditionalProperties = openapi3.BoolSchema{Has: &no}
	}
	for _, p := range s.Properties {
		if p.Ref == "" {
			closeObjects(p.Value)
		}
	}
	if s.Items != nil && s.Items.Ref == "" {
		closeObjects(s.Items.Value)
	}
}

// holds checks an answer: its operation has that status, its body has the declared shape
// and repeats the status, and its headers are those that were promised.
func (d *described) holds(method, target string, status int, header http.Header, body []byte) error {
	at, err := url.Parse("/_allauth" + target)
	if err != nil {
		return err
	}
	req := &http.Request{Method: method, URL: &url.URL{Path: at.Path, RawQuery: at.RawQuery}, Header: http.Header{}}
	if method == http.MethodHead || method == http.MethodOptions {
		return nil
	}
	route, params, err := d.router.FindRoute(req)
	if err != nil {
		if errors.Is(err, routers.ErrMethodNotAllowed) || errors.Is(err, routers.ErrPathNotFound) {
			return d.outside(status, body)
		}
		return err
	}
	if err := repeats(status, body); err != nil {
		return err
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 status, Header: header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateResponse(context.Background(), in); err != nil {
		return fmt.Errorf("%s: %w", route.Operation.OperationID, err)
	}
	if (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) && header.Get("Retry-After") == "" {
		return fmt.Errorf("%s: a %d without Retry-After", route.Operation.OperationID, status)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[fmt.Sprintf("%s %d", route.Operation.OperationID, status)] = true
	return nil
}

// outside checks the answer to what is no operation: a problem, or that of a client
// whose token stands for nothing or whose step is looked at first. A 405 is of no operation.
func (d *described) outside(status int, body []byte) error {
	name := map[int]string{
		400: "Invalid", 401: "AuthenticationRequired", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Gone",
		429: "TooManyRequests", 500: "InternalError", 503: "Unavailable",
	}[status]
	if status < 400 {
		return fmt.Errorf("%d for what the document does not have", status)
	}
	if err := repeats(status, body); err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	if s := d.doc.Components.Schemas[name]; s != nil {
		return s.Value.VisitJSON(value, openapi3.MultiErrors())
	}
	return nil
}

// repeats checks that the body says the HTTP status; a redirect has none.
func repeats(status int, body []byte) error {
	if status == http.StatusFound {
		return nil
	}
	var said struct{ Status int }
	if err := json.Unmarshal(body, &said); err != nil {
		return err
	}
	if said.Status != status {
		return fmt.Errorf("the body says %d to a %d", said.Status, status)
	}
	return nil
}

// answered fails the test of a lab where an answer is not as its documents say. Ids that are
// texts are in the newer one alone.
func (l *Lab) answered(method, target string, status int, header http.Header, body []byte) {
	l.T.Helper()
	for name, doc := range map[string]*described{"openapi.json": l.doc, "openapi-3.1.json": l.doc31} {
		if l.TextIDs && doc == l.doc {
			continue
		}
		doc.once.Do(func() { doc.err = doc.read(l.file(name)) })
		if doc.err != nil {
			l.T.Errorf("the server's %s: %v", name, doc.err)
			continue
		}
		if err := doc.holds(method, target, status, header, body); err != nil {
			l.T.Errorf("%s %s: not as %s says: %v\n%.500s", method, target, name, err, body)
		}
	}
}

// file reads one of the forms of the document.
func (l *Lab) file(name string) []byte {
	l.T.Helper()
	got, err := http.Get(l.URL + "/_allauth/" + name)
	if err != nil {
		l.T.Error(err)
		return nil
	}
	defer got.Body.Close()
	b, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusOK {
		l.T.Errorf("%s: %d %v", name, got.StatusCode, err)
	}
	return b
}

// Covered fails the test unless an operation was answered with each of the statuses.
func (l *Lab) Covered(operation string, statuses ...int) {
	l.T.Helper()
	l.doc.mu.Lock()
	defer l.doc.mu.Unlock()
	for _, status := range statuses {
		if !l.doc.seen[fmt.Sprintf("%s %d", operation, status)] {
			l.T.Errorf("%s was never answered %d", operation, status)
		}
	}
}
