package stages

import "testing"

func TestShadows(t *testing.T) {
	both := &Env{}
	both.LoginMethods, both.SignupFields = []string{"username", "email"}, map[string]bool{"username": true, "email": false}
	asked := &Env{}
	asked.LoginMethods, asked.SignupFields = []string{"username"}, map[string]bool{"username": true, "email": true}
	none := &Env{}
	none.LoginMethods, none.SignupFields = []string{"username"}, map[string]bool{"username": true}
	for _, c := range []struct {
		name, own          string
		both, asked, never bool
	}{
		{"ann", "", false, false, false},
		{"ann@example.org", "", true, true, false},
		{"ann@example.org", "bob@example.org", true, true, false},
		{"Ann@Example.org", "ann@example.org", true, false, false},
		{"ann@localhost", "", true, true, false},
		{"a@b@example.org", "", true, true, false},
		{"ann@home", "", false, false, false},
		{"ann.-+_@x", "", false, false, false},
		{"@example.org", "", false, false, false},
		{"example.org", "", false, false, false},
	} {
		if got := both.shadows(c.name, c.own); got != c.both {
			t.Errorf("%s of %q, addresses sign in: %v", c.name, c.own, got)
		}
		if got := asked.shadows(c.name, c.own); got != c.asked {
			t.Errorf("%s of %q, addresses are asked for: %v", c.name, c.own, got)
		}
		if got := none.shadows(c.name, c.own); got != c.never {
			t.Errorf("%s of %q, no addresses: %v", c.name, c.own, got)
		}
	}
}
