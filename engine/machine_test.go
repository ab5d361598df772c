package engine

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/looplab/fsm"
	"pgregory.net/rapid"
)

// machineOf compiles a graph without checking it.
func machineOf(g Graph) *Flow {
	return &Flow{Graph: g, machines: newMachines(g)}
}

func TestFireFollowsTheTable(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := randomGraph(rt)
		f := machineOf(g)
		for id, n := range g.Nodes {
			for _, exit := range []Exit{"w", "x", "y", "z", "v", Again} {
				want, ok := n.Next[exit]
				got, err := f.fire(id, exit)
				if (err == nil) != ok || got != want {
					rt.Fatalf("%s.%s leads to %q, %v; the table says %q, %v", id, exit, got, err, want, ok)
				}
			}
		}
	})
}

func TestFireWalks(t *testing.T) {
	f := machineOf(checkLogin())
	at := f.Graph.Start
	for _, exit := range []Exit{OK, "active", "required", OK, "none", "off", "due", OK, "offer", OK} {
		to, err := f.fire(at, exit)
		if err != nil {
			t.Fatal(err)
		}
		at = to
	}
	if at != "session" {
		t.Errorf("the walk ends at %s", at)
	}
}

func TestFireOfASelfEdge(t *testing.T) {
	f := machineOf(next(checkLogin(), "mfa_trust", "again", "mfa_trust"))
	for range 3 {
		if to, err := f.fire("mfa_trust", "again"); err != nil || to != "mfa_trust" {
			t.Fatalf("the exit leads to %q, %v", to, err)
		}
		if to, err := f.fire("mfa_trust", OK); err != nil || to != "session" {
			t.Fatalf("after it, ok leads to %q, %v", to, err)
		}
	}
}

func TestFireRefuses(t *testing.T) {
	f := machineOf(checkLogin())
	for _, c := range []struct {
		from NodeID
		exit Exit
		want string
	}{
		{"mfa_trust", "skip", `flow login: node mfa_trust cannot be left by "skip": event skip inappropriate in current state mfa_trust`},
		{"mfa_trust", "wave", `flow login: node mfa_trust cannot be left by "wave": event wave does not exist`},
		{"mfa_trust", Again, `flow login: node mfa_trust cannot be left by ""`},
		{"session", OK, `flow login: node session cannot be left by "ok"`},
		{"nowhere", OK, `flow login: no node "nowhere" to leave by ok: the run is of another graph`},
		{"", OK, `flow login: no node "" to leave by ok: the run is of another graph`},
	} {
		to, err := f.fire(c.from, c.exit)
		if err == nil || to != "" || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s.%s leads to %q, error %v, want %s", c.from, c.exit, to, err, c.want)
		}
		// Whatever failed, the next turn finds a machine that works.
		if to, err := f.fire("trust_due", "skip"); err != nil || to != "session" {
			t.Errorf("after %s.%s: skip leads to %q, %v", c.from, c.exit, to, err)
		}
	}
}

// TestFireDropsAMachineAfterAnError counts the machines: one that failed is not lent
// again, one that worked is.
func TestFireDropsAMachineAfterAnError(t *testing.T) {
	if racing {
		t.Skip("the race detector drops pooled machines on purpose")
	}
	f := machineOf(next(checkLogin(), "mfa_trust", "again", "mfa_trust"))
	made, build := 0, f.machines.pool.New
	f.machines.pool.New = func() any {
		made++
		return build()
	}
	fire := func(exit Exit) int {
		before := made
		for range 100 {
			_, _ = f.fire("mfa_trust", exit)
		}
		return made - before
	}
	// A collection may empty the pool in between, hence not exactly 1 and 100.
	if n := fire(OK); n > 10 {
		t.Errorf("100 moves took %d machines", n)
	}
	if n := fire("again"); n > 10 {
		t.Errorf("100 moves back to the same node took %d machines", n)
	}
	if n := fire("wave"); n < 99 {
		t.Errorf("100 failures took %d machines: one that failed was lent again", n)
	}
}

func TestFireByManyAtOnce(t *testing.T) {
	f := machineOf(checkByCode())
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for worker := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(worker), 1))
			at := f.Graph.Start
			for range 2000 {
				n := f.Graph.Nodes[at]
				if len(n.Next) == 0 {
					at = f.Graph.Start
					continue
				}
				exits := sorted(n.Next)
				exit := exits[r.IntN(len(exits))]
				if r.IntN(10) == 0 {
					if _, err := f.fire(at, "wave"); err == nil {
						errs <- fmt.Errorf("%s.wave led somewhere", at)
						return
					}
				}
				to, err := f.fire(at, exit)
				if err != nil || to != n.Next[exit] {
					errs <- fmt.Errorf("%s.%s led to %q, %v, not to %s", at, exit, to, err, n.Next[exit])
					return
				}
				at = to
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}

func TestFireAllocations(t *testing.T) {
	if racing {
		t.Skip("the race detector drops pooled machines on purpose")
	}
	f := machineOf(next(checkLogin(), "mfa_trust", "again", "mfa_trust"))
	for _, exit := range []Exit{OK, "again"} {
		n := testing.AllocsPerRun(1000, func() {
			if _, err := f.fire("mfa_trust", exit); err != nil {
				t.Fatal(err)
			}
		})
		if n > 6 {
			t.Errorf("mfa_trust.%s takes %v allocations, at most 6 are allowed", exit, n)
		}
		t.Logf("mfa_trust.%s: %v allocations", exit, n)
	}
}

// TestEventsAreTheEdges keeps what is compiled in step with the graph, and in one order.
func TestEventsAreTheEdges(t *testing.T) {
	g := checkChange()
	want := []fsm.EventDesc{
		{Name: "ok", Src: []string{"email_code"}, Dst: "verified"},
		{Name: "ok", Src: []string{"email_request"}, Dst: "email_code"},
	}
	if got := newMachines(g).events; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func BenchmarkFire(b *testing.B) {
	f := machineOf(checkLogin())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.fire("mfa_trust", OK); err != nil {
			b.Fatal(err)
		}
	}
}
