package engine

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const loginReport = `login: 15 stages, 30 edges, print f74831a7: ok
  session, grants a session
    holds  subject  by password_form.ok
    holds  active   by account_due.active
    holds  first    by password_form.ok
    holds  code     by login_by_code.ok, unless code_due.{not_required, trusted}
    holds  phone    by verify_phone.ok, unless phone_due.{verified, none, off}
    holds  email    by verify_email.ok, unless email_due.{verified, optional, off}
    holds  second   by mfa_authenticate.ok, unless factor_due.{none, trusted, presence}
  done
  refused
  no run takes code_due.proved, factor_due.{presence, proved}: nothing before shows what is needed
`

func TestReportOfASoundGraph(t *testing.T) {
	r := Check(checkLogin())
	if got := r.String(); got != loginReport {
		t.Errorf("got\n%s\nwant\n%s", got, loginReport)
	}
	if !r.OK() || r.Err() != nil {
		t.Errorf("a sound graph is refused: %v", r.Err())
	}
	var b strings.Builder
	n, err := r.WriteTo(&b)
	if err != nil || int(n) != b.Len() || b.String() != loginReport {
		t.Errorf("WriteTo wrote %d bytes, %v", n, err)
	}
	if _, err := r.WriteTo(brokenWriter{}); err == nil {
		t.Error("WriteTo keeps the writer's error to itself")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestReportOfABypass(t *testing.T) {
	r := Check(next(checkLogin(), "factor_due", "due", "trust_due"))
	const want = `    FAILS  second   by mfa_authenticate.ok, unless factor_due.{none, trusted, presence}
           but password_form.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.off -> factor_due.due -> trust_due.skip -> session
`
	if got := r.String(); !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant in it\n%s", got, want)
	}
	if empty := (Report{}); !strings.HasPrefix(empty.String(), `"": 0 stages`) {
		t.Errorf("an empty report prints %q", empty)
	}
}

func TestReportAsJSON(t *testing.T) {
	g := next(checkChange(), "email_request", "later", "verified")
	got, err := json.MarshalIndent(Check(g), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
 "flow": "change_email",
 "print": "PRINT",
 "stages": 3,
 "edges": 3,
 "ends": [
  {
   "node": "verified",
   "grants": false
  }
 ],
 "rules": [
  {
   "end": "verified",
   "proof": "email",
   "proved_by": [
    "email_code.ok"
   ],
   "waived_by": [],
   "holds": false,
   "path": [
    "email_request.later"
   ]
  }
 ],
 "faults": [
  {
   "flow": "change_email",
   "node": "verified",
   "what": "email_request.later -\u003e verified: nothing proves email",
   "hint": "lead that way over an edge that proves it, or declare what waives it",
   "path": [
    "email_request.later"
   ]
  }
 ],
 "dead": []
}`
	if want := strings.Replace(want, "PRINT", g.Fingerprint(), 1); string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	empty, err := json.Marshal(Check(Graph{}))
	if err != nil || strings.Contains(string(empty), "null") {
		t.Errorf("an empty graph is reported as %s, %v", empty, err)
	}
}

func TestReportIsTheSameEveryTime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := randomGraph(rt)
		first := Check(g)
		for range 5 {
			if again := Check(g.deep()); !reflect.DeepEqual(first, again) {
				rt.Fatalf("two reports of one graph differ:\n%s\n%s", first, again)
			}
		}
		if first.OK() != (len(first.Faults) == 0) || first.Stages != len(g.Nodes) {
			rt.Fatalf("the report contradicts itself\n%s", first)
		}
	})
}

func TestDeadEdges(t *testing.T) {
	for _, c := range []struct {
		name  string
		graph Graph
		want  []Edge
	}{
		{"a password proves no assertion, and no code comes before the code", checkLogin(),
			[]Edge{{"code_due", "proved"}, {"factor_due", "presence"}, {"factor_due", "proved"}}},
		{"a passkey may", checkPasskey(), []Edge{{"code_due", "proved"}}},
		{"a code may", checkByCode(), []Edge{{"factor_due", "presence"}, {"factor_due", "proved"}}},
		{"what nothing proves", shows(next(checkLogin(), "trust_due", "passed", "session"), "trust_due", "passed",
			func(s *ExitSpec) { s.Needs = []Proof{"acme.terms"} }),
			[]Edge{{"code_due", "proved"}, {"factor_due", "presence"}, {"factor_due", "proved"}, {"trust_due", "passed"}}},
		{"nothing needs anything", checkChange(), []Edge{}},
	} {
		r := Check(c.graph)
		if !reflect.DeepEqual(r.Dead, c.want) {
			t.Errorf("%s: dead are %v, want %v", c.name, r.Dead, c.want)
		}
		if !r.OK() {
			t.Errorf("%s: a dead edge is no fault: %v", c.name, r.Err())
		}
	}
}

func TestOneDeadEdgeKillsAnother(t *testing.T) {
	g := next(next(checkLogin(), "trust_due", "a", "mfa_trust"), "mfa_trust", "b", "session")
	g = shows(g, "trust_due", "a", func(s *ExitSpec) { s.Needs, s.Proves = []Proof{"acme.never"}, []Proof{"acme.a"} })
	g = shows(g, "mfa_trust", "b", func(s *ExitSpec) { s.Needs = []Proof{"acme.a"} })
	dead := Check(g).Dead
	if want := (Edge{"mfa_trust", "b"}); len(dead) != 5 || dead[4] != want {
		t.Errorf("dead are %v, want %s among them", dead, want)
	}
}

func TestFaultSaysWhere(t *testing.T) {
	for _, c := range []struct {
		fault graphFault
		want  string
	}{
		{graphFault{Flow: "login", What: "is odd"}, "flow login: is odd"},
		{graphFault{Flow: "login", Node: "form", What: "is odd", Hint: "mend it"}, "flow login, node form: is odd (mend it)"},
		{graphFault{Flow: "login", Node: "form", Exit: OK, What: "is odd"}, "flow login, node form, exit ok: is odd"},
		{graphFault{What: "is odd"}, `flow "": is odd`},
	} {
		if got := c.fault.Error(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// BenchmarkCheckAll checks as many graphs as the whole server has: it must stay below
// 20 ms.
func BenchmarkCheckAll(b *testing.B) {
	var graphs []Graph
	for range 6 {
		graphs = append(graphs, checkGraphs()...)
	}
	b.ReportMetric(float64(len(graphs)), "graphs")
	for b.Loop() {
		for _, g := range graphs {
			if r := Check(g); !r.OK() {
				b.Fatal(r)
			}
		}
	}
}
