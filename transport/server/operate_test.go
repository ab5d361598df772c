package server_test

import (
	"errors"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestExplainDamaged: a trail that cannot be read is an error, and no half explanation.
func TestExplainDamaged(t *testing.T) {
	l := suite.NewLab(t)
	if err := l.Database().KeepTrails(t.Context(), []state.Trail{{Run: "r", Flow: "login", Marks: "nonsense", Updated: l.Clock.Read()}}); err != nil {
		t.Fatal(err)
	}
	x, err := l.Explainer().Run(t.Context(), "r")
	if err == nil || errors.Is(err, server.ErrNoRun) || x.Flow != "" {
		t.Errorf("%v\n%s", err, x)
	}
}

// TestNoTrails: where none are kept nothing is noted, and what was kept goes.
func TestNoTrails(t *testing.T) {
	l := suite.NewLab(t, func(c *config.Config, _ *server.Options) { c.Trails.KeepDays = 0 })
	l.Member("app", "ada@example.com")
	if l.Trails() != nil || l.Explainer() != nil || l.Count(`SELECT COUNT(*) FROM runs`) != 0 {
		t.Error("trails are kept")
	}
	if err := l.Database().KeepTrails(t.Context(), []state.Trail{{Run: "r", Updated: l.Clock.Read().Add(-time.Second)}}); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Database().Sweep(t.Context(), l.Clock.Read()); err != nil || l.Count(`SELECT COUNT(*) FROM runs`) != 0 {
		t.Errorf("swept %d, %v", n, err)
	}
}
