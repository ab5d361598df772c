package server_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

var update = flag.Bool("update", false, "write the matrices anew")

const matrices = "../../testdata/matrix"

// TestMatrices holds the matrix of the profiles against testdata/matrix.
func TestMatrices(t *testing.T) {
	for _, name := range []string{"default", "default_alt", "codes", "codes_alt", "required", "phone", "username", "closed", "bound"} {
		began := time.Now()
		m, err := server.Matrix(profileOf(t, name), server.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s: takes %s", name, took)
		}
		file := filepath.Join(matrices, name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(m.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v; go test ./transport/server -run Matrices -update writes it", err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(m.String(), "\n")); diff != "" {
			t.Errorf("%s has changed; is it meant? go test ./transport/server -run Matrices -update writes it anew\nwant -, got +\n%s", name, diff)
		}
	}
}

// TestCheckOpensNothing: a proof and a matrix leave no trace, and tell of
// stages a program adds.
func TestCheckOpensNothing(t *testing.T) {
	c := suite.LabConfig(t.TempDir(), "127.0.0.1:0")
	o := server.Options{Extend: func(server.Parts) []engine.Extension { return []engine.Extension{suite.Vip()} }}
	x, err := server.Check(c, o)
	if err != nil || x.OK() {
		t.Errorf("the bypass passes: %v", err)
	}
	if _, err := server.Matrix(c, o); err == nil || !strings.Contains(err.Error(), "the flows do not hold") {
		t.Errorf("a matrix of flows that do not hold: %v", err)
	}
	if x, err = server.Check(c, server.Options{}); err != nil || !x.OK() {
		t.Errorf("the shipped flows: %v, %+v", err, x.Faults)
	}
	if _, err := os.Stat(c.DataDir); err == nil {
		t.Error("a data directory was made")
	}
}

// profileOf is a profile, or where sessions are bound and trust is for those that are.
func profileOf(t *testing.T, name string) config.Config {
	t.Helper()
	if name != "bound" {
		return loadProfile(t, name)
	}
	c := loadProfile(t, "default_alt")
	c.PublicURL, c.Session.DeviceBound, c.MFA.TrustEnabled, c.MFA.TrustBoundOnly = "https://id.example.org", "offer", true, true
	return c
}

// loadProfile reads one of the configurations that the contract was recorded under.
func loadProfile(t *testing.T, name string) config.Config {
	t.Helper()
	c, err := config.Load(filepath.Join("../../testdata/profiles", name+".yaml"), nil)
	if err != nil {
		t.Fatalf("profile %s:\n%v", name, err)
	}
	return c
}
