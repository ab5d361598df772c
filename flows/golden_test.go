package flows_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
)

var update = flag.Bool("update", false, "write the golden tables and pictures anew")

const tables = "../testdata/graphs"

// TestTables holds every shipped graph against its table in testdata/graphs. A graph of
// which servers with links and with codes have different ones has a table for each.
func TestTables(t *testing.T) {
	graphs := shipped()
	for _, name := range sortedNames(graphs) {
		keep(t, filepath.Join(tables, name+".txt"), graphs[name].Table())
	}
	stale(t, tables, ".txt", graphs)
}

// keep holds a text against the file that keeps it, or writes the file.
func keep(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is not there; go test ./flows -update writes it", file)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s has changed; is it meant? go test ./flows -update writes it anew\nwant -, got +\n%s", file, diff)
	}
}

// stale tells of files in a folder that no graph has any more.
func stale(t *testing.T, folder, extension string, graphs map[string]engine.Graph) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"+extension))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, ok := graphs[strings.TrimSuffix(filepath.Base(file), extension)]; ok {
			continue
		}
		if !*update {
			t.Errorf("%s is of no graph", file)
		} else if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNoOtherTable: whatever is switched on, every graph is one of those whose table is
// kept, and the whole set compiles.
func TestNoOtherTable(t *testing.T) {
	known := make(map[string]string)
	for name, g := range shipped() {
		known[g.Table()] = name
	}
	of := shaping()
	var names []string
	for _, g := range of {
		names = append(names, g.name)
	}
	sets, graphs := 0, 0
	seen := make(map[string]bool)
	handlers := (&stages.Env{}).Handlers()
	eachSetting(of, func(s stages.Settings) {
		all := flows.All(s)
		if _, err := engine.Compile(flows.Bind(all, handlers)); err != nil {
			t.Fatalf("%+v does not compile:\n%v", s, err)
		}
		for _, g := range all {
			name, ok := known[g.Table()]
			if !ok {
				t.Fatalf("%+v has a graph without a table:\n%s", s, g.Table())
			}
			seen[name] = true
			graphs++
		}
		sets++
	})
	if len(seen) != len(known) {
		t.Errorf("%d tables are kept, and only %d are of any server", len(known), len(seen))
	}
	t.Logf("%d graphs of %d sets pass; what shapes them: %s", graphs, sets, strings.Join(names, ", "))
}

// TestProvidersOnly: where third parties are the one way in, there is no flow for anything else,
// and those that there are stay as they are.
func TestProvidersOnly(t *testing.T) {
	for _, s := range bases() {
		s.ProvidersOnly = true
		got, before := flows.All(s), byFlow(everything())
		if _, err := engine.Compile(flows.Bind(got, (&stages.Env{}).Handlers())); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, g := range got {
			names = append(names, string(g.Flow))
			if _, known := before[g.Flow]; !known {
				t.Errorf("%s is a flow of no other server", g.Flow)
			}
		}
		if want := "provider_redirect provider_token provider_signup reauthenticate disown"; strings.Join(names, " ") != want {
			t.Errorf("flows %s, want %s", names, want)
		}
	}
}

// TestEveryToggle: each setting alone, on or off, leaves a set that compiles.
func TestEveryToggle(t *testing.T) {
	handlers := (&stages.Env{}).Handlers()
	for _, g := range toggles() {
		for _, s := range bases() {
			for _, on := range []bool{true, false} {
				g.set(&s, on)
				if _, err := engine.Compile(flows.Bind(flows.All(s), handlers)); err != nil {
					t.Errorf("%s, %t: %v", g.name, on, err)
				}
			}
		}
	}
}

// TestFieldsDoNotShape: what names there are to sign in with, and what a signup asks for,
// changes fields and no graph.
func TestFieldsDoNotShape(t *testing.T) {
	handlers := (&stages.Env{}).Handlers()
	for _, methods := range [][]string{{"email"}, {"username"}, {"phone"}, {"email", "phone"}, {"email", "phone", "username"}} {
		for _, fields := range []map[string]bool{
			{"email": true}, {"phone": true, "password": true}, {"username": true, "email": false, "password": true},
		} {
			s := everything()
			s.LoginMethods, s.SignupFields = methods, fields
			all := flows.All(s)
			if _, err := engine.Compile(flows.Bind(all, handlers)); err != nil {
				t.Errorf("%v, %v: %v", methods, fields, err)
			}
			for _, g := range all {
				if want := byFlow(everything())[g.Flow]; g.Fingerprint() != want.Fingerprint() {
					t.Errorf("%v, %v: %s has another print", methods, fields, g.Flow)
				}
			}
		}
	}
}

// TestFlowsAreNamedOnce: on every server each flow and each title is one, and what an
// end is called says what it does.
func TestFlowsAreNamedOnce(t *testing.T) {
	for _, s := range bases() {
		flowIDs, titles := make(map[engine.FlowID]bool), make(map[string]engine.FlowID)
		for _, g := range flows.All(s) {
			if flowIDs[g.Flow] {
				t.Errorf("%s is there twice", g.Flow)
			}
			if other, ok := titles[g.Title]; ok || g.Title == "" {
				t.Errorf("%s has the title %q of %q", g.Flow, g.Title, other)
			}
			flowIDs[g.Flow], titles[g.Title] = true, g.Flow
			for id, n := range g.Nodes {
				if n.Stage.Title == "" {
					t.Errorf("%s.%s has no title", g.Flow, id)
				}
			}
		}
	}
}

// TestOffer: to anonymous clients ways in are offered, to signed-in ones what proves
// them again, and a closed signup is not offered.
func TestOffer(t *testing.T) {
	for _, s := range bases() {
		for _, g := range flows.All(s) {
			switch {
			case g.Offer == engine.Anonymous && (g.OfSession || !grants(g)):
				t.Errorf("%s is offered to anonymous clients and is no way in", g.Flow)
			case g.Offer == engine.SignedIn && !g.OfSession:
				t.Errorf("%s is offered to signed-in clients and is not of their session", g.Flow)
			case g.Flow == flows.SignupFlow && (g.Offer == engine.Anonymous) != s.SignupOpen:
				t.Errorf("signup is offered: %d, open: %t", g.Offer, s.SignupOpen)
			}
		}
	}
}
