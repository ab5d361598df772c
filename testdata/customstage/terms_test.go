package acme

import (
	"slices"
	"testing"

	"stagedoor/engine"
	"stagedoor/transport/server"
)

// TestTermsHeadless: an app sees the stage pending with its fields, and answers it there.
func TestTermsHeadless(t *testing.T) {
	l := newLab(t)
	l.somebody("ann@example.org")
	l.newTerms("2026-06")
	r := l.app("/auth/login", "", m{"email": "ann@example.org", "password": password}).waits("acme.terms")
	i := slices.IndexFunc(r.Data.Flows, func(f flow) bool { return f.Pending })
	got := r.Data.Flows[i]
	if want := []field{{"accept", "bool", true}, {"version", "text", true}}; !slices.Equal(got.Fields, want) {
		t.Errorf("it asks for %v, want %v", got.Fields, want)
	}
	if got.Version != "2026-06" || got.URL != "https://acme.example/terms" {
		t.Errorf("it says %+v", got)
	}
	run := r.Meta.Token
	l.app("/auth/stages/acme.terms", run, m{}).is(400)
	l.app("/auth/stages/acme.terms", run, m{"accept": false, "version": "2026-06"}).is(400)
	l.app("/auth/stages/acme.terms", run, m{"accept": true, "version": TermsVersion}).is(400)
	in := l.app("/auth/stages/acme.terms", run, m{"accept": true, "version": "2026-06"}).is(200)
	if in.Data.User == nil || in.Data.User.Email != "ann@example.org" {
		t.Errorf("signed in as %s", in.Raw)
	}
	l.app("/auth/stages/acme.terms", in.Meta.Token, m{"accept": true, "version": "2026-06"}).is(409)
}

// TestTermsRest: the same over the plain contract; once accepted they are not asked again.
func TestTermsRest(t *testing.T) {
	l := newLab(t)
	run := l.rest("/signup/", "", m{"email": "ann@example.org", "password": password}).is(200).FlowToken
	r := l.rest("/stages/verify_email/", "", m{"token": run, "key": l.mail.code(t, "ann@example.org")}).waits("acme.terms")
	if len(r.Fields) != 2 || r.Details["version"] != TermsVersion {
		t.Errorf("it says %s", r.Raw)
	}
	l.rest("/stages/acme.terms/", "", m{"token": r.FlowToken, "accept": false, "version": TermsVersion}).is(400)
	if l.accept(r).is(200).Access == "" {
		t.Error("no access token")
	}
	l.login("ann@example.org").is(200)
}

// TestTermsChange: who accepted an older version is asked once more.
func TestTermsChange(t *testing.T) {
	l := newLab(t)
	l.somebody("ann@example.org")
	l.login("ann@example.org").is(200)
	l.newTerms("2026-06")
	r := l.login("ann@example.org").waits("acme.terms")
	l.rest("/stages/acme.terms/", "", m{"token": r.FlowToken, "accept": true, "version": "2026-06"}).is(200)
	l.login("ann@example.org").is(200)
}

// newTerms starts the server again with another version of the terms and the same data.
func (l *lab) newTerms(version string) {
	l.t.Helper()
	l.restart(func(o *server.Options) {
		o.Extend = func(p server.Parts) []engine.Extension {
			all := Extensions(p)
			all[0] = Terms(version, "https://acme.example/terms")
			return all
		}
	})
}

// TestTermsDecision goes through all that the decision can see.
func TestTermsDecision(t *testing.T) {
	d := terms{version: "2"}
	for accepted, want := range map[string]engine.Exit{"": "due", "1": "due", "2": "accepted"} {
		fact, err := d.LoadFact(t.Context(), engine.FactQuery{Person: engine.Person{Attributes: map[string]string{"acme.terms": accepted}}})
		if err != nil || !slices.Contains(d.FactValues(), fact) {
			t.Errorf("%q: the fact is %q, %v", accepted, fact, err)
		}
		if exit, _ := d.Decide(engine.Facts{Own: fact}); exit != want {
			t.Errorf("%q leaves by %s, want %s", accepted, exit, want)
		}
	}
}
