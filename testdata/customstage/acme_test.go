package acme

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// TestEveryWayIn: every flow that grants a session has both stages, its proof names what
// they demand, and its picture shows them.
func TestEveryWayIn(t *testing.T) {
	l := newLab(t)
	ways := 0
	for _, f := range l.Flows().All() {
		report := engine.Check(f.Graph)
		if !report.OK() {
			t.Errorf("%s", report)
		}
		if !report.Grants() {
			continue
		}
		ways++
		for _, proof := range []engine.Proof{"acme.terms", "acme.network"} {
			if !report.Holds(proof) {
				t.Errorf("%s does not prove %s:\n%s", f.Graph.Flow, proof, report)
			}
		}
		for _, line := range []string{"acme.terms (asks)", "acme.network_due (decides)", "due -> acme.terms", "acme.terms    by acme.terms.ok, unless acme.terms_due.accepted"} {
			if !strings.Contains(f.Graph.Table(), line) {
				t.Errorf("the picture of %s does not show %q:\n%s", f.Graph.Flow, line, f.Graph.Table())
			}
		}
	}
	if ways < 4 {
		t.Errorf("%d ways in", ways)
	}
}

// TestCheckAndMatrix: both decisions are asked over all values of their facts, and the
// matrix tells whom they ask, without a server.
func TestCheckAndMatrix(t *testing.T) {
	c := config.Dev()
	o := server.Options{Extend: Extensions}
	x, err := server.Check(c, o)
	if err != nil || !x.OK() {
		t.Fatalf("%v, %v", err, x.Faults)
	}
	for stage, want := range map[engine.StageID]int{"acme.terms_due": 2, "acme.network_due": 2 * 2 * 2 * 3 * 3} {
		found := false
		for _, d := range x.Decisions {
			found = found || d.Stage == stage && d.Valuations == want && len(d.Never) == 0
		}
		if !found {
			t.Errorf("%s: %+v", stage, x.Decisions)
		}
	}
	m, err := server.Matrix(c, o)
	if err != nil {
		t.Fatal(err)
	}
	if text := m.String(); !strings.Contains(text, "acme.terms") || !strings.Contains(text, "login_by_code") {
		t.Errorf("the matrix is\n%s", text)
	}
}

// TestDocuments: both contracts write the stages and the flow down.
func TestDocuments(t *testing.T) {
	l := newLab(t)
	for path, wants := range map[string][]string{
		"/_allauth/openapi.json": {
			`"/app/v1/auth/stages/acme.terms"`, `"/browser/v1/auth/stages/acme.terms"`, `"PassAcmeTermsRequest"`,
			`"/app/v1/auth/stages/acme.leave"`, `"/app/v1/auth/stages/acme.leave_code/resend"`, "the version that was shown",
		},
		"/auth/openapi.yaml": {"/auth/stages/acme.terms:", "/auth/stages/acme.leave:", "/auth/stages/acme.leave_code/resend:"},
	} {
		doc := l.send("GET", path, "", nil).is(200).Raw
		for _, want := range wants {
			if !strings.Contains(strings.ReplaceAll(doc, `\/`, "/"), want) {
				t.Errorf("%s has no %s", path, want)
			}
		}
	}
}

// TestBypassIsRefused: terms that are asked instead of the second factor, not besides it,
// do not start, and the way around is shown.
func TestBypassIsRefused(t *testing.T) {
	c := config.Dev()
	c.DataDir, c.Mail.Supplied = t.TempDir(), true
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	_, err := server.Open(context.Background(), c, server.Options{
		Log: slog.New(slog.DiscardHandler), Mail: &mailer{},
		Extend: func(server.Parts) []engine.Extension {
			x := Terms(TermsVersion, "https://acme.example/terms")
			x.Splices[0].Before, x.Splices[0].At = "", engine.Edge{Node: "factor_due", Exit: "due"}
			form := x.Splices[0].Nodes["acme.terms"]
			form.Next = engine.Next{engine.OK: "session"}
			x.Splices[0].Nodes["acme.terms"] = form
			return []engine.Extension{x}
		},
	})
	if err == nil {
		t.Fatal("the server starts")
	}
	for _, want := range []string{
		"flow login, node session: ", "factor_due.due -> acme.terms_due.due -> acme.terms.ok -> session: nothing proves second",
		"factor_due.none -> trust_due.skip -> session: nothing proves acme.terms",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the refusal does not say %q:\n%v", want, err)
		}
	}
}
