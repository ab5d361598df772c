// Package trails keeps the trails of runs: what the engine reports to an observer of each turn is
// folded, run by run, and stored beside the requests in batches. A trail explains and proves
// nothing, so that one is dropped rather than waited for.
package trails

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"stagedoor/engine"
	"stagedoor/state"
)

const (
	// trailsEvery is how long a trail waits to be stored, trailsAtOnce how many may wait
	// before they are stored sooner.
	trailsEvery  = 200 * time.Millisecond
	trailsAtOnce = 200
	// nobodysMost is how many trails of nobody, who asks for codes for unknown addresses, say,
	// are kept at once, and nobodysEvery how often one more is: a flood of them fills no
	// database.
	nobodysMost  = 5000
	nobodysEvery = time.Second
	// trailsMost is how many may wait at all: no turn waits for the database to keep up.
	trailsMost = 4096
	// lastTrails is how long the last of them may take at the server's end.
	lastTrails = 5 * time.Second
)

// Keeper keeps trails, beside the turns they are of. One too many is dropped, and the log
// says so. It is safe for concurrent use.
type Keeper struct {
	store state.Trails
	flows *engine.Flows
	log   *slog.Logger

	mu sync.Mutex
	// waiting are trails by run, the newest of each, with the wrong tries since it was
	// stored last.
	waiting map[string]state.Trail
	dropped int
	// spent is up to when the trails of nobody that were kept have used up their allowance.
	spent time.Time
	// full has a value when there is enough to store at once.
	full chan struct{}
	// storing lets one batch be stored at a time, so that a later turn is not overtaken.
	storing sync.Mutex
}

// New makes a keeper of the trails that runs of flows leave. Nothing is stored before
// [Keeper.Run] or [Keeper.Flush].
func New(store state.Trails, flows *engine.Flows, log *slog.Logger) *Keeper {
	return &Keeper{store: store, flows: flows, log: log, waiting: make(map[string]state.Trail), full: make(chan struct{}, 1)}
}

// Note takes what the engine reports of a turn. It asks nobody and does not wait.
func (k *Keeper) Note(t engine.TurnEvent) {
	trail, ok := k.trailOf(t)
	if !ok {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	before, known := k.waiting[trail.Run]
	if !known && (len(k.waiting) >= trailsMost || trail.Account == "" && !k.allowed(t.Now)) {
		k.dropped++
		return
	}
	for node, wrong := range before.Wrong {
		if trail.Wrong == nil {
			trail.Wrong = make(map[string]int)
		}
		trail.Wrong[node] += wrong
	}
	k.waiting[trail.Run] = trail
	if len(k.waiting) >= trailsAtOnce {
		select {
		case k.full <- struct{}{}:
		default:
		}
	}
}

// allowed reports whether one more trail of nobody is kept at now.
func (k *Keeper) allowed(now time.Time) bool {
	if k.spent.Before(now) {
		k.spent = now
	}
	if k.spent.Sub(now) > (nobodysMost-1)*nobodysEvery {
		return false
	}
	k.spent = k.spent.Add(nobodysEvery)
	return true
}

// trailOf is what is kept of a turn. A first submission that was wrong began no run, and is
// kept only for why; an action moves none.
func (k *Keeper) trailOf(t engine.TurnEvent) (state.Trail, bool) {
	wrong := t.Outcome == engine.Wrong
	if t.Run == nil || t.Started && (wrong && t.Why == "" || t.Outcome == engine.Limited) || t.Action != "" && !t.Counted {
		return state.Trail{}, false
	}
	marks, err := t.Run.Trail.MarshalText()
	if err != nil {
		// The engine stores no such trail either.
		return state.Trail{}, false
	}
	kept := state.Trail{
		Run: t.Run.ID, Account: state.AccountID(t.Subject), Flow: string(t.Flow), Print: t.Fingerprint, Client: t.Client.Kind,
		Node: string(t.Run.Node), As: string(t.Run.As), Over: overOf(t), Marks: string(marks), Why: oneLine(t.Why),
		Started: time.UnixMilli(t.Run.Started), Updated: t.Now,
	}
	if kept.Over == "" {
		kept.Deadline = waitsUntil(t.Run)
	}
	if wrong && (t.Counted || k.unlimited(t)) {
		kept.Wrong = map[string]int{string(t.Node): 1}
	}
	return kept, true
}

// mostWhy is how many characters of why a submission was refused are kept.
const mostWhy = 500

// oneLine is a text that any database keeps, whoever wrote it: a trail that is none would take those
// beside it along.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
	if r := []rune(text); len(r) > mostWhy {
		text = string(r[:mostWhy]) + "..."
	}
	return text
}

// unlimited reports whether the stage of a turn has no limit of its own for wrong tries:
// then each of them counts for a reader of the trail.
func (k *Keeper) unlimited(t engine.TurnEvent) bool {
	f := k.flows.Flow(t.Flow)
	return f != nil && f.Graph.Nodes[t.Node].Stage.Tries == 0
}

func overOf(t engine.TurnEvent) state.Over {
	switch {
	case t.Started && t.Outcome == engine.Wrong:
		return state.Refused
	case t.Spent:
		return state.Spent
	case t.End != "":
		return state.Reached
	case t.Outcome == engine.Finished:
		return state.Withdrawn
	}
	return ""
}

// waitsUntil is when a run's time, or that of its stage, is over.
func waitsUntil(r *engine.Run) time.Time {
	ms := r.Deadline
	if r.Until != 0 && r.Until < ms {
		ms = r.Until
	}
	return time.UnixMilli(ms)
}

// Run stores trails until the context ends, then those that are left.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(trailsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTrails)
			defer cancel()
			k.Flush(last)
			return ctx.Err()
		case <-tick.C:
		case <-k.full:
		}
		k.Flush(ctx)
	}
}

// Flush stores the trails that wait.
func (k *Keeper) Flush(ctx context.Context) {
	k.storing.Lock()
	defer k.storing.Unlock()
	k.mu.Lock()
	waiting, dropped := k.waiting, k.dropped
	k.waiting, k.dropped = make(map[string]state.Trail), 0
	k.mu.Unlock()
	if dropped > 0 {
		k.log.Warn("trails were dropped: the database does not keep up, or a flood of them is of nobody", slog.Int("dropped", dropped))
	}
	if len(waiting) == 0 {
		return
	}
	list := make([]state.Trail, 0, len(waiting))
	for _, t := range waiting {
		list = append(list, t)
	}
	if err := k.store.KeepTrails(ctx, list); err != nil {
		k.log.Warn("trails could not be kept", slog.Int("dropped", len(list)), slog.String("error", err.Error()))
	}
}
