package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// plainDoc is the OpenAPI document of the plain contract, against which every answer is
// held.
type plainDoc struct {
	once   sync.Once
	err    error
	router routers.Router
}

// plainDocs are both versions of it.
type plainDocs struct{ v30, v31 plainDoc }

// read takes the document over. Objects are closed, as are those of the other one.
func (d *plainDoc) read(url, name string) error {
	got, err := http.Get(url + "/auth/" + name)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		return err
	}
	doc, err := readDocument(text)
	if err != nil {
		return err
	}
	d.router, err = gorillamux.NewRouter(doc)
	return err
}

// holds checks an answer: its operation has that status, or it is a failure, and its
// body has the declared shape.
func (d *plainDoc) holds(method, path string, status int, header http.Header, body []byte) error {
	req, err := http.NewRequest(method, "http://x/auth"+strings.TrimSuffix(path, "/"), nil)
	if err != nil {
		return err
	}
	route, params, err := d.router.FindRoute(req)
	if errors.Is(err, routers.ErrMethodNotAllowed) || errors.Is(err, routers.ErrPathNotFound) {
		if status < 400 {
			return fmt.Errorf("%d for what the document does not have", status)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if status < 400 && route.Operation.Responses.Status(status) == nil {
		return fmt.Errorf("%s succeeds with %d", route.Operation.OperationID, status)
	}
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 status, Header: header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
}

// described fails the test where an answer of the plain contract is not as its documents
// say. Ids that are texts are in the newer one alone.
func (s *Script) described(method, path string, status int, header http.Header, body []byte) {
	s.T.Helper()
	for name, doc := range map[string]*plainDoc{"openapi.yaml": &s.plain.v30, "openapi-3.1.json": &s.plain.v31} {
		if s.TextIDs && doc == &s.plain.v30 {
			continue
		}
		doc.once.Do(func() { doc.err = doc.read(s.URL, name) })
		err := doc.err
		if err == nil {
			err = doc.holds(method, path, status, header, body)
		}
		if err != nil {
			s.T.Errorf("%s /auth%s: not as %s says: %v\n%.500s", method, path, name, err, body)
		}
	}
}
