package engine

import (
	"strings"
	"testing"
)

// TestChanged says of two results for the same people what differs, and how it leans.
func TestChanged(t *testing.T) {
	ask := func(node NodeID, bars bool) askedStage {
		return askedStage{Node: node, Stage: StageID(node), Title: "the " + string(node), Exit: OK, Bars: bars}
	}
	code, offer, link := ask("code", true), ask("offer", false), ask("code", true)
	link.Stage, link.Title = "link", "a link"
	mail, both := ask("mail", true), ask("both", true)
	mail.shows, both.shows = []Proof{Email}, []Proof{Code, Email}
	in := func(asked ...askedStage) Result { return Result{Asked: asked, End: "session", Grants: true} }
	out := Result{End: "out"}
	stays := Result{End: "form", Stays: "no"}
	for name, c := range map[string]struct {
		was, is Result
		want    string
	}{
		"nothing":           {in(code), in(code), ""},
		"less":              {in(code), in(), "weaker asks_no_more: no longer asks code (the code)"},
		"more":              {in(), in(code), "stricter asks: now asks code (the code)"},
		"an offer more":     {in(), in(offer), "neither asks: now asks offer (the offer)"},
		"an offer less":     {in(offer), in(), "neither asks_no_more: no longer asks offer (the offer)"},
		"another":           {in(code), in(ask("key", true)), "weaker asks_no_more: no longer asks code (the code); stricter asks: now asks key (the key)"},
		"other stage":       {in(code), in(link), "neither replaces: asks code (a link) instead of the code"},
		"shown otherwise":   {in(mail), in(both), "neither asks_no_more: no longer asks mail (the mail), and has it shown otherwise; stricter asks: now asks both (the both)"},
		"had it shown":      {in(both), in(mail), "weaker asks_no_more: no longer asks both (the both); neither asks: now asks mail (the mail), and had it shown otherwise"},
		"order":             {in(code, offer), in(offer, code), "neither order: asks in another order"},
		"signs in":          {out, in(code), "weaker signs_in: signs in, and no longer ends at out"},
		"no longer":         {in(), out, "stricter signs_in_no_more: no longer signs in, but ends at out"},
		"asks and ends":     {in(), Result{Asked: []askedStage{code}, End: "out"}, "stricter signs_in_no_more: no longer signs in, but asks code (the code) and ends at out"},
		"stays":             {in(), stays, "stricter signs_in_no_more: no longer signs in, but stays at form (no)"},
		"ends otherwise":    {out, stays, "neither ends: comes to stays at form: no instead of out"},
		"still turned away": {stays, stays, ""},
	} {
		var got []string
		for _, x := range changed(c.was, c.is) {
			got = append(got, x.Direction+" "+x.What+": "+x.Text)
		}
		if text := strings.Join(got, "; "); text != c.want {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
	}
}

// TestCompareOwnStages compares matrices with facts of outside packages, whose values
// differ too.
func TestCompareOwnStages(t *testing.T) {
	was, is := gatedMatrix(t, "new", "old"), gatedMatrix(t, "new", "vip", "old")
	if got := Compare(was, is); len(got) != 0 {
		t.Errorf("a value nobody had: %s", PrintChanges(got))
	}
	set, survey := gated("new", "old")
	set.Graphs[0].Nodes["terms_due"].Next["old"] = "active"
	form := set.Graphs[0].Nodes["form"]
	delete(form.Stage.Exits, "unknown")
	delete(form.Next, "unknown")
	delete(set.Graphs[0].Nodes, "pretend")
	delete(set.Graphs[0].Nodes, "terms")
	delete(set.Handlers, "acme.terms")
	fs, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	lax, err := fs.matrix(survey)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := PrintChanges(Compare(was, lax)), `weaker
  signs in, and no longer asks terms (the terms) and ends at out
    login (in)
      for terms: decline, terms_due: old
neither
  no longer asks terms (the terms)
    login (in)
      for terms: agree or later, terms_due: old
`; got != want {
		t.Errorf("without the terms:\n%s\nwant\n%s", got, want)
	}
	if got := PrintChanges(Compare(lax, was)); !strings.HasPrefix(got, "stricter\n  no longer signs in, but asks terms (the terms) and ends at out\n") {
		t.Errorf("with the terms:\n%s", got)
	}
}

// TestCompareWays: a way in that comes or goes is said so, with what it is entered
// through, and one that nobody can enter is none.
func TestCompareWays(t *testing.T) {
	set, _ := gated("new", "old")
	fs, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	via := func(names ...string) Matrix {
		m, err := fs.matrix(survey{via: func(FlowID) []string { return names }})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	none := Matrix{Ways: []Way{}}
	for name, c := range map[string]struct {
		was, is Matrix
		want    string
	}{
		"comes":       {none, via(), "weaker\n  new way in\n    login (in): come in\n"},
		"goes":        {via(), none, "stricter\n  no way in any more\n    login (in): come in\n"},
		"one more":    {via("a"), via("a", "b"), "weaker\n  new way in\n    login (in) by b: come in\n"},
		"one for one": {via("a"), via("b"), "weaker\n  new way in\n    login (in) by b: come in\nstricter\n  no way in any more\n    login (in) by a: come in\n"},
		"the same":    {via("a"), via("a"), ""},
	} {
		if got := PrintChanges(Compare(c.was, c.is)); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
