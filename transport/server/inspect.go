package server

import (
	"context"
	"errors"

	"stagedoor/engine"
	"stagedoor/engine/explain"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/inspector"
	"stagedoor/transport/internal/operate"
)

// newInspector makes what shows runs, beside the page of a development server and to operators.
func (s *Server) newInspector() *inspector.Inspector {
	c := inspector.Config{Flows: s.flows, Recorded: operate.Stories{Recorder: s.recorder}.Has, Diff: s.wouldChange}
	if x := s.Explainer(); x != nil {
		c.Latest = x.Latest
		c.Run = func(ctx context.Context, id string) (explain.Explanation, bool, error) {
			one, err := x.Run(ctx, id)
			if errors.Is(err, ErrNoRun) {
				return one, false, nil
			}
			return one, err == nil, err
		}
	}
	return inspector.New(c)
}

// wouldChange says what a text changes that is laid over this server's configuration. The
// program's Extend and Change are asked again for it.
func (s *Server) wouldChange(text []byte) (inspector.Comparison, error) {
	is, err := config.Over(s.config, text)
	if err != nil {
		return inspector.Comparison{}, err
	}
	d, err := Diff(s.config, is, s.options)
	if d.Changes == nil {
		d.Changes = []engine.Change{}
	}
	return inspector.Comparison{Changes: d.Changes, Settings: d.Settings, Text: d.String()}, err
}
