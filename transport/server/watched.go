package server

import (
	"context"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/devpage"
)

// watched makes what a development server keeps of bound sessions, nil where none are bound. It
// hears of events before the program does: which cookies were refused, and which sessions of apps
// were bound, no answer says by itself.
func watched(c config.Config, o *Options) *devpage.Bindings {
	if !c.BindsSessions() {
		return nil
	}
	seen, hook := devpage.NewBindings(o.Now), o.Events
	o.Events = func(ctx context.Context, e Event) {
		switch {
		case e.Kind == SessionBound && e.Binding == state.BoundDPoP:
			seen.Note(devpage.Happening{Kind: e.Binding, What: "bound", Agent: e.UserAgent})
		case e.Kind == SessionRefused && e.Binding != state.BoundDPoP:
			seen.Note(devpage.Happening{Kind: state.BoundDBSC, What: "refused", Why: e.Why, Agent: e.UserAgent})
		}
		if hook != nil {
			hook(ctx, e)
		}
	}
	return seen
}
