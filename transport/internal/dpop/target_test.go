package dpop

import (
	"net/url"
	"strings"
	"testing"
)

// TestNormal: two paths are the same where RFC 3986 says so, and not where a server might see two.
func TestNormal(t *testing.T) {
	for in, want := range map[string]string{
		"": "/", "/": "/", "/a/b": "/a/b", "/%61": "/a", "/%2f": "/%2F", "/%2F": "/%2F", "/a%": "/a%", "/a%2": "/a%2", "/%zz": "/%zz",
		"/%7e~": "/~~", "/%25%32%66": "/%252f", "/a/../b": "/a/../b", "//a": "//a", "/%c3%a9": "/%C3%A9",
	} {
		if got := normal(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// FuzzMeant: a target that is taken for a path of ours is an address whose host is ours and whose
// path decodes to the same one; what it says is what a URL parser reads.
func FuzzMeant(f *testing.F) {
	v := verifier(f, false)
	for _, s := range []string{"https://auth.example.com/login", "https://auth.example.com:443/l%6Fgin?x#y", "https://auth.example.com", "https://a@auth.example.com/login", "//auth.example.com/login"} {
		f.Add(s, "/login")
	}
	f.Add("https://auth.example.com/a%2fb", "/a%2Fb")
	f.Fuzz(func(t *testing.T, htu, path string) {
		if !v.meant(htu, path) {
			return
		}
		u, err := url.Parse(htu)
		if err != nil || u.Scheme != "https" || u.User != nil || !strings.EqualFold(u.Hostname(), "auth.example.com") {
			t.Fatalf("%q is taken", htu)
		}
		if port := u.Port(); port != "" && port != "443" {
			t.Fatalf("%q has another port", htu)
		}
		if normal(normal(path)) != normal(path) && !strings.Contains(path, "%25") {
			t.Fatalf("%q has two normal forms", path)
		}
		if want, err := url.PathUnescape(path); err == nil && path != "" {
			if u.Path != want && !(u.Path == "" && want == "/") {
				t.Fatalf("%q is taken for %q", htu, path)
			}
		}
	})
}

// FuzzRead: whatever a header says, a refusal has no proof, and what is no refusal was made for the
// request.
func FuzzRead(f *testing.F) {
	v, c := verifier(f, false), newClient(f)
	f.Add(c.proof(f, nil, nil))
	f.Add(figure2)
	f.Add("")
	f.Fuzz(func(t *testing.T, header string) {
		p, err := v.Read([]string{header}, login())
		if (p == nil) == (err == nil) {
			t.Fatalf("%v with %v", p, err)
		}
		if p != nil && (len(p.Thumbprint) != 43 || p.id == "" || p.lives <= 0) {
			t.Fatalf("%+v", p)
		}
	})
}
