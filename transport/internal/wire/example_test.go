package wire_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"

	"stagedoor/transport/internal/wire"
)

// An endpoint, or a stage of yours, lists its fields; all errors are reported at once.
func ExampleDecode() {
	fields := []wire.Field{
		{Name: "email", Type: wire.Email, Required: true},
		{Name: "age", Type: wire.Number},
		{Name: "terms", Type: wire.Bool, Required: true},
	}
	values, errs, err := wire.Decode([]byte(`{"email": " Ann@Example.ORG ", "age": "old", "terms": false}`), fields)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(values.Text("email"))
	for _, e := range errs {
		fmt.Printf("%s: %s. %s\n", e.Param, e.Code, wire.Message(e.Code, e.Param, 0))
	}
	// Output:
	// ann@example.org
	// age: invalid. The value of age is not valid.
	// terms: required. The value of terms is required.
}

// A body that is no JSON object is a problem of the request as a whole.
func ExampleAsProblem() {
	_, _, err := wire.Decode([]byte(`{"email": `), nil)
	p := wire.AsProblem(fmt.Errorf("login: %w", err))
	fmt.Println(p.Status, p.Code)
	// Output: 400 malformed_body
}

// A page on another origin than the server's own has to be trusted first.
func ExampleCSRF_Check() {
	csrf, err := wire.NewCSRF(wire.CSRFConfig{
		PublicURL:      "https://auth.example.com",
		TrustedOrigins: []string{"https://app.example.com"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	token := strings.Repeat("x", 32)
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.AddCookie(&http.Cookie{Name: wire.CSRFCookie, Value: token})
	r.Header.Set(wire.CSRFHeader, token)
	r.Header.Set("Origin", "https://app.example.com")
	fmt.Println(csrf.Check(r))

	r.Header.Set("Origin", "https://evil.example")
	var refused *wire.CSRFError
	fmt.Println(errors.As(csrf.Check(r), &refused), refused.Reason)
	// Output:
	// <nil>
	// true bad_origin
}

// A client with one address of a /64 has them all.
func ExampleNetwork_LimitKey() {
	var network wire.Network
	fmt.Println(network.LimitKey(netip.MustParseAddr("198.51.100.7")))
	fmt.Println(network.LimitKey(netip.MustParseAddr("2001:db8:1:2:a:b:c:d")))
	// Output:
	// 198.51.100.7
	// 2001:db8:1:2::/64
}
