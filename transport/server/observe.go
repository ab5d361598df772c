package server

import (
	"context"
	"log/slog"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
)

// observe passes on the engine's report of a turn: to the log, to the keeper of trails,
// and to the program around the server. The turn is stored by then: an observer that fails
// must not take its answer from the client.
func (s *Server) observe(ctx context.Context, t engine.TurnEvent) {
	s.logTurn(ctx, t)
	if s.trails != nil {
		s.trails.Note(t)
	}
	if s.recorder != nil {
		s.recorder.Observe(ctx, t)
	}
	if s.events != nil {
		s.events.queueUp(eventsOfTurn(s.flows, t)...)
	}
	if s.options.Observe == nil {
		return
	}
	defer func() {
		if fault := recover(); fault != nil {
			s.options.Log.ErrorContext(ctx, "an observer of turns panicked", slog.Any("fault", fault), slog.String("flow", string(t.Flow)))
		}
	}()
	s.options.Observe(ctx, t)
}

// logTurn writes one line for a turn: where it was, what came of it, and which exits were
// taken for what reason. Nothing that was submitted is in it.
func (s *Server) logTurn(ctx context.Context, t engine.TurnEvent) {
	if !s.options.Log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	attrs := []slog.Attr{
		slog.String("flow", string(t.Flow)), slog.String("stage", string(t.Node)), slog.String("client", t.Client.Kind),
		slog.String("outcome", t.Outcome.String()),
	}
	text := func(name, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(name, value))
		}
	}
	text("action", t.Action)
	text("end", string(t.End))
	if t.Run != nil {
		text("run", t.Run.ID)
		if t.End == "" && t.Outcome == engine.Advanced {
			text("waits", string(t.Run.Node))
		}
		if t.From < len(t.Run.Trail) {
			// A trail that cannot be written is stored nowhere either.
			marks, _ := t.Run.Trail[t.From:].MarshalText()
			text("marks", string(marks))
		}
	}
	if t.Subject != "" {
		attrs = append(attrs, slog.Any("account", t.Subject))
	}
	var codes []string
	for _, e := range t.Errors {
		codes = append(codes, strings.TrimPrefix(e.Param+":"+e.Code, ":"))
	}
	text("errors", strings.Join(codes, ","))
	text("why", t.Why)
	var noted []string
	for _, w := range t.Writes {
		if a, ok := w.(state.Audit); ok {
			noted = append(noted, a.Event)
		}
	}
	text("noted", strings.Join(noted, ","))
	if t.Refusal != nil {
		text("limit", t.Refusal.Take.Action()+" by "+t.Refusal.Take.By)
	}
	if t.Spent {
		attrs = append(attrs, slog.Bool("spent", true))
	}
	s.options.Log.LogAttrs(ctx, slog.LevelInfo, "turn", attrs...)
}
