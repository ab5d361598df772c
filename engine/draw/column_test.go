package draw

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stagedoor/engine"
)

// stackedIDs are the nodes of a graph in the order of a narrow picture.
func stackedIDs(g engine.Graph) string {
	var out []string
	for _, n := range newPicture(g).stacked() {
		out = append(out, string(n.id))
	}
	return strings.Join(out, " ")
}

// TestStacked: a way past a stage is written below the stage it passes, and what ends
// without a session is the last of all.
func TestStacked(t *testing.T) {
	pretends := sketch("a>p", "a>b", "p>d", "b>s")
	for id, change := range map[engine.NodeID]func(*engine.Stage){"p": func(s *engine.Stage) { s.Pretending = true }, "s": func(s *engine.Stage) { s.Grants = true }} {
		n := pretends.Nodes[id]
		change(&n.Stage)
		pretends.Nodes[id] = n
	}
	for want, g := range map[string]engine.Graph{
		"a b c":     sketch("a>b", "a>c", "b>c"),
		"a b d e c": sketch("a>b", "a>c", "b>d", "d>e"),
		"a b s p d": pretends,
		"a b d c e": sketch("a>b", "a>c", "b>d", "c>e", "d>e"),
	} {
		if got := stackedIDs(g); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestColumn: every node has one place, links that lead down in the picture do so in the
// column, and no two rails share a place though they lead to different nodes.
func TestColumn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := newPicture(anySketch(r, 8))
		c := p.newColumn()
		if len(c.nodes) != len(p.nodes) || len(c.place) != len(p.nodes) || !c.nodes[0].start {
			r.Fatalf("%d of %d nodes have a place, the first: %s", len(c.nodes), len(p.nodes), c.nodes[0].id)
		}
		on := make(map[[2]int]*node)
		for _, k := range p.links {
			if !k.back && c.place[k.from] >= c.place[k.to] {
				r.Errorf("%s stands above %s", k.to.id, k.from.id)
			}
			if c.next(k) {
				continue
			}
			rail, ok := c.rails[k.to]
			if !ok || rail >= c.count {
				r.Errorf("%s has rail %d of %d", k.to.id, rail, c.count)
			}
			for at := min(2*c.place[k.from]+1, 2*c.place[k.to]); at <= max(2*c.place[k.from]+1, 2*c.place[k.to]); at++ {
				if other := on[[2]int{rail, at}]; other != nil && other != k.to {
					r.Errorf("what leads to %s and to %s shares rail %d", other.id, k.to.id, rail)
				}
				on[[2]int{rail, at}] = k.to
			}
		}
	})
}

// TestLeaving: what leads to the next node is written last, where its line goes on.
func TestLeaving(t *testing.T) {
	p := newPicture(sketch("a>b", "a>c", "a>d", "b>c", "c>d"))
	c := p.newColumn()
	var got []string
	for _, k := range c.leaving(p.links, c.nodes[0]) {
		got = append(got, string(k.to.id))
	}
	if !slices.Equal(got, []string{"d", "c", "b"}) {
		t.Errorf("got %q", got)
	}
}
