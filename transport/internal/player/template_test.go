package player

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestTemplates evaluates expressions.
func TestTemplates(t *testing.T) {
	p := onStage()
	p.last = of(t, `{"data":[{"id":1,"is_current":true},{"id":2,"is_current":false}]}`)
	p.vars["code"], p.vars["n"] = "AB12-cd", "42"
	p.vars["secret"] = "JBSWY3DPEHPK3PXP"
	p.world.Now = func() time.Time { return time.Unix(59, 0) }
	passed := time.Duration(0)
	p.world.Pass = func(_ context.Context, d time.Duration) error { passed += d; return nil }
	c := p.client("")
	c.token, c.run, c.cookies["csrftoken"] = "tok", "run", "crumb"
	for expr, want := range map[string]string{
		"{{email}}": "anna@example.org", "{{email.local}}": "anna", "{{upper email}}": "ANNA@EXAMPLE.ORG", "{{lower code}}": "ab12-cd",
		"{{nodash code}}": "AB12cd", "{{dashed n}}": "4-2", "{{spaced n}}": "4 2", "{{wrong code}}": "BC23-de", "{{swap code}}": "AB13-cd", "{{int n}}": "42", "{{repeat ab 3}}": "ababab",
		"{{last.data.0.id}}": "1", "{{last.data.-1.id}}": "2", "{{last.data[is_current=false].id}}": "2", "<{{ client }} {{token}}>": "<browser tok>",
		"{{flow_token}}": "run", "{{csrftoken}}": "crumb", "{{base}}": "http://localhost:8080", "plain": "plain", "{{sessionid}}": "<nil>",
	} {
		got, err := p.text(expr, c)
		if expr == "{{sessionid}}" {
			want = ""
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", expr, got, err, want)
		}
	}
	for expr, want := range map[string]string{
		"{{nobody}}": "nobody is not set", "{{last.x}}": "there is no x; there are data", "{{last.data.7}}": "no element 7 in a list of 2",
		"{{last.data[id=9].id}}": "nothing with id=9 is there", "{{email.x}}": "nothing to look up x in", "{{dance email}}": "there is no function dance",
		"{{upper}}": "argument 1 is missing", "{{repeat a b}}": "no number of repetitions", "{{passkey_get key}}": "no answer so far has brought the options",
		"{{passkey_new}}": "want the name of a passkey", "{{int code}}": "invalid syntax", "{{ }}": "is empty",
	} {
		if got, err := p.text(expr, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v, want %s", expr, got, err, want)
		}
	}
	whole, err := p.fill(map[string]any{"a": []any{"{{last.data.0.is_current}}", "{{int n}}"}}, c)
	if err != nil || written(whole) != `{"a":[true,42]}` {
		t.Errorf("types are lost: %s, %v", written(whole), err)
	}
	// Nobody is shown a code that is about to lapse.
	code, err := p.text("{{totp}}", c)
	if err != nil || passed != time.Second || len(code) != 6 {
		t.Errorf("TOTP: %q, %v, waited %v", code, err, passed)
	}
	if other, err := p.text("{{totp_wrong secret}}", c); err != nil || other == code {
		t.Errorf("the wrong code is %q, %v", other, err)
	}
}

// TestMadeUp: what is made up differs by name and by seed, and is the same for the same.
func TestMadeUp(t *testing.T) {
	value := func(seed byte, name string) string {
		p := newPlay(Play{Story: &Story{}, Client: App}, &World{Seed: [32]byte{seed}})
		got, err := p.text("{{"+name+"}}", p.client(""))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	one, again, other := value(1, "email"), value(1, "email"), value(2, "email")
	if one != again || one == other {
		t.Error("what is made up does not hang on the seed alone")
	}
	for name, form := range map[string]string{"email2": "@example.org", "phone": "+316", "password": "Pw-", "sub": "sub-", "username": "u", "word7": "w", "net62": "2001:db8:"} {
		if got := value(1, name); !strings.Contains(got, form) {
			t.Errorf("%s is %q", name, got)
		}
	}
	if net, err := netip.ParseAddr(value(1, "net6") + "::1"); err != nil || !net.Is6() {
		t.Errorf("net6 begins no address: %v", err)
	}
}

// TestGiven asks for accounts with what the story leaves open made up.
func TestGiven(t *testing.T) {
	story, err := Parse([]byte(`proves: x
given:
  - {totp: true, recovery_codes: true, username: true}
  - {email: bob@example.org, password: none, verified: false, phone: "+31612345678", provider: {mock: "{{sub}}"}, passkey: key, disabled: true}
steps:
  - {req: POST =/x, body: {a: "{{email}} {{password}} {{username}} {{secret}} {{recovery_code}} {{recovery_codes.1}}", b: "{{email2}} {{phone2}} {{sub}} {{user_id2}}"}}
`))
	if err != nil {
		t.Fatal(err)
	}
	s := &toy{}
	w := s.world()
	var asked []Account
	w.Add = func(_ context.Context, a Account) (Created, error) {
		asked = append(asked, a)
		if len(asked) == 2 {
			return Created{ID: 9}, nil
		}
		return Created{ID: 8, Secret: "SECRET", RecoveryCodes: []string{"r1", "r2"}}, nil
	}
	passes(t, Run(t.Context(), Play{story, App}, func(context.Context, *Story, string) (*World, error) { return w, nil }))
	if len(asked) != 2 {
		t.Fatalf("%d accounts were asked for", len(asked))
	}
	one, two := asked[0], asked[1]
	if !one.EmailVerified || !one.TOTP || !one.RecoveryCodes || one.Username == "" || one.Password == "" || one.Phone != "" || one.Disabled {
		t.Errorf("the first is %+v", one)
	}
	if two.Email != "bob@example.org" || two.EmailVerified || two.Password != "" || !two.Disabled || two.Providers["mock"] == "" || len(two.Credentials) != 1 || !two.Credentials[0].Passkey {
		t.Errorf("the second is %+v", two)
	}
	want := fmt.Sprintf(`{"a":"%s %s %s SECRET r1 r2","b":"bob@example.org +31612345678 %s 9"}`, one.Email, one.Password, one.Username, two.Providers["mock"])
	if s.body[0] != want {
		t.Errorf("sent %s\nwant %s", s.body[0], want)
	}
}
