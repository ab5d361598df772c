package suite

import (
	"net/http"
	"testing"
)

// TestPlainDocNotices holds made-up answers against the document.
func TestPlainDocNotices(t *testing.T) {
	l := NewLab(t, Dev)
	d := &plainDoc{}
	if err := d.read(l.URL, "openapi.yaml"); err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	for _, c := range []struct {
		method, path string
		status       int
		body         string
		ok           bool
	}{
		{"GET", "/user/", 200, `{"user":{"id":1,"email":"a","username":"","display":"a"}}`, true},
		{"GET", "/user", 200, `{"user":{"id":1,"email":"a","username":"","display":"a"}}`, true},
		{"GET", "/user/", 200, `{"user":{"id":1,"email":"a","username":"","display":"a","secret":"x"}}`, false},
		{"GET", "/user/", 200, `{"user":{"id":"1","email":"a","username":"","display":"a"}}`, false},
		{"GET", "/user/", 202, `{"user":{"id":1,"email":"a","username":"","display":"a"}}`, false},
		{"GET", "/user/", 401, `{"flow":null,"pending":false,"flows":[]}`, true},
		{"GET", "/user/", 401, `{"flow":null,"pending":false}`, false},
		{"POST", "/login/", 400, `{"errors":{"email":["no"]},"codes":{"email":["required"]}}`, true},
		{"POST", "/login/", 400, `{"errors":["no"]}`, false},
		{"POST", "/login/", 401, `{"flow":"mfa_authenticate","pending":true,"flow_token":"x"}`, true},
		{"POST", "/login/", 401, `{"flow":"mfa_authenticate","pending":true,"access_token":"x"}`, false},
		{"POST", "/nowhere/", 404, `{}`, true},
		{"POST", "/nowhere/", 200, `{}`, false},
	} {
		if err := d.holds(c.method, c.path, c.status, header, []byte(c.body)); (err == nil) != c.ok {
			t.Errorf("%s %s %d %s: %v", c.method, c.path, c.status, c.body, err)
		}
	}
}
