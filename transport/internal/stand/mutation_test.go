package stand_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/player"
	"stagedoor/transport/internal/stand"
	"stagedoor/transport/server"
)

// way is an edge of the shipped flows as it is written down: flows that share a part
// share its edges.
type way struct {
	Stage engine.StageID
	Node  engine.NodeID
	Exit  engine.Exit
}

func (w way) String() string { return fmt.Sprintf("%s.%s (%s)", w.Node, w.Exit, w.Stage) }

// witnesses is how many plays are asked about an edge at most: one that takes it need not
// look at what comes of it.
const witnesses = 8

// atlas knows the edges of the flows and which play takes each.
type atlas struct {
	mu sync.Mutex
	// flows are where an edge is, taken are some plays that take it.
	flows map[way][]engine.FlowID
	taken map[way][]player.Play
	live  map[way]bool
	// graphs are all that a story has met, by fingerprint.
	graphs map[string]engine.Graph
	// heard is what was said to servers, and answered.
	heard *listener
}

// chart notes the edges of a set of flows.
func (a *atlas) chart(s *engine.Set) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, g := range s.Graphs {
		name := string(g.Flow) + " " + g.Fingerprint()
		if _, known := a.graphs[name]; known {
			continue
		}
		a.graphs[name] = g
		dead := engine.Check(g).Dead
		for id, n := range g.Nodes {
			for exit := range n.Next {
				w := way{n.Stage.ID, id, exit}
				if !slices.Contains(a.flows[w], g.Flow) {
					a.flows[w] = append(a.flows[w], g.Flow)
				}
				if !slices.Contains(dead, engine.Edge{Node: id, Exit: exit}) {
					a.live[w] = true
				}
			}
		}
	}
}

// note notes the ways of a turn.
func (a *atlas) note(s *engine.Set, turn engine.TurnEvent, one player.Play) {
	if turn.Run == nil || s == nil {
		return
	}
	i := slices.IndexFunc(s.Graphs, func(g engine.Graph) bool { return g.Flow == turn.Flow })
	if i < 0 || turn.From > len(turn.Run.Trail) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	marks := turn.Run.Trail[turn.From:]
	if turn.Spent && turn.Run.As != "" {
		// The last wrong code of a run that pretends leaves no mark, since the run is over.
		marks = []engine.TrailEntry{{Node: turn.Run.Node, Exit: engine.Spent}}
	}
	for _, m := range marks {
		w := way{s.Graphs[i].Nodes[m.Node].Stage.ID, m.Node, m.Exit}
		if has := a.taken[w]; len(has) < witnesses && !slices.Contains(has, one) {
			a.taken[w] = append(has, one)
		}
	}
}

// without returns a change that takes an edge out of every flow that has it, with the exit
// and the waivers that name it: the graphs look as if nobody had ever thought of that way.
func without(w way) func(*engine.Set) error {
	edge := engine.Edge{Node: w.Node, Exit: w.Exit}
	return func(s *engine.Set) error {
		for i, g := range s.Graphs {
			n, has := g.Nodes[w.Node]
			if !has || n.Stage.ID != w.Stage || n.Next[w.Exit] == "" {
				continue
			}
			g = g.Clone()
			n = g.Nodes[w.Node]
			delete(n.Next, w.Exit)
			n.Stage.Exits = maps.Clone(n.Stage.Exits)
			delete(n.Stage.Exits, w.Exit)
			g.Nodes[w.Node] = n
			for id, end := range g.Nodes {
				for j, r := range end.Rules {
					end.Rules[j].WaivedBy = slices.DeleteFunc(slices.Clone(r.WaivedBy), func(e engine.Edge) bool { return e == edge })
				}
				g.Nodes[id] = end
			}
			s.Graphs[i] = g
		}
		return nil
	}
}

// starts plays a story against a server whose flows are changed. It returns what the story
// came to, or why the server does not start.
func (a *atlas) starts(t *testing.T, one player.Play, change func(*engine.Set) error) (r player.Result, refused error) {
	target := stand.New(stand.Config{Change: func(_ *config.Config, o *server.Options) { o.Change = change }})
	tried := func(ctx context.Context, s *player.Story, client string) (*player.World, error) {
		world, err := target(ctx, s, client)
		if err != nil {
			refused = err
		}
		return world, err
	}
	r = player.Run(t.Context(), one, tried)
	return r, refused
}

// notices reports who finds a change out: the proof at start, or one of the stories.
func (a *atlas) notices(t *testing.T, plays []player.Play, change func(*engine.Set) error) (byProof, byStory bool) {
	for _, one := range plays {
		switch r, err := a.starts(t, one, change); {
		case err != nil:
			return true, false
		case !r.Passed:
			return false, true
		}
	}
	return false, false
}

// complete fails the test where no story has met a shipped flow: those are the tables
// beside the stories.
func (a *atlas) complete(t *testing.T) {
	tables, err := filepath.Glob("../../../testdata/graphs/*.txt")
	if err != nil || len(tables) == 0 {
		t.Fatalf("no tables of graphs: %v", err)
	}
	for _, table := range tables {
		flow, _, _ := strings.Cut(filepath.Base(table), ".")
		met := func(g engine.Graph) bool { return g.Flow == engine.FlowID(flow) }
		if !slices.ContainsFunc(slices.Collect(maps.Values(a.graphs)), met) {
			t.Errorf("no story has met the flow %s", flow)
		}
	}
}

// cut takes every edge out of every graph by itself, and leaves its exit with nowhere to
// go. It returns how many edges those are; the proof must refuse each graph.
func (a *atlas) cut(t *testing.T) int {
	var n atomic.Int64
	beside(slices.Collect(maps.Keys(a.graphs)), func(name string) {
		g := a.graphs[name]
		for id, node := range g.Nodes {
			for exit := range node.Next {
				n.Add(1)
				less := g.Clone()
				delete(less.Nodes[id].Next, exit)
				if engine.Check(less).OK() {
					t.Errorf("%s holds without %s.%s", name, id, exit)
				}
			}
		}
	})
	return int(n.Load())
}

// beside does something with each of a list, as many at once as there are processors.
func beside[T any](list []T, do func(T)) {
	var all sync.WaitGroup
	queue := make(chan T)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for one := range queue {
				do(one)
			}
		})
	}
	for _, one := range list {
		queue <- one
	}
	close(queue)
	all.Wait()
}

// TestNoEdgeIsIdle takes every edge of the shipped flows out, one at a time. An edge that
// is only cut off is always refused by the proof. One that is taken out without a trace,
// from all flows that share it, is refused at start, or a story that takes it fails.
// None survives both.
func TestNoEdgeIsIdle(t *testing.T) {
	if testing.Short() || raced {
		t.Skip("it starts a thousand servers; without -race and -short it does")
	}
	a := firstReplay(t).atlas
	a.complete(t)
	t.Logf("%d edges cut off in %d graphs: every one is refused by the proof", a.cut(t), len(a.graphs))
	var refused, replayed, dead atomic.Int64
	beside(slices.SortedFunc(maps.Keys(a.flows), func(x, y way) int { return strings.Compare(x.String(), y.String()) }), func(w way) {
		if !a.live[w] {
			dead.Add(1)
			return
		}
		taken := a.taken[w]
		if len(taken) == 0 {
			t.Errorf("no story takes %s of %v", w, a.flows[w])
			return
		}
		switch byProof, byStory := a.notices(t, taken, without(w)); {
		case byProof:
			refused.Add(1)
		case byStory:
			replayed.Add(1)
		default:
			t.Errorf("%s is gone, and neither the proof nor any of %d stories that take it notices", w, len(taken))
		}
	})
	t.Logf("%d edges taken out without a trace: %d refused at start, %d noticed by a story, %d of no use in any flow",
		len(a.flows), refused.Load(), replayed.Load(), dead.Load())
}
