package draw

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stagedoor/engine"
)

// sketch is a graph of edges "a>b", from its first node: a node without edges is an end.
func sketch(edges ...string) engine.Graph {
	g := engine.Graph{Flow: "sketch", Start: engine.NodeID(edges[0][:1]), Nodes: make(engine.Nodes)}
	for _, e := range edges {
		for _, id := range []engine.NodeID{engine.NodeID(e[:1]), engine.NodeID(e[2:])} {
			if _, ok := g.Nodes[id]; !ok {
				g.Nodes[id] = engine.Node{Stage: engine.Stage{ID: engine.StageID(id), Kind: engine.Ends, Exits: engine.Exits{}}, Next: engine.Next{}}
			}
		}
		from := g.Nodes[engine.NodeID(e[:1])]
		from.Stage.Kind = engine.Asks
		exit := engine.Exit("to_" + e[2:])
		from.Stage.Exits[exit], from.Next[exit] = engine.ExitSpec{}, engine.NodeID(e[2:])
		g.Nodes[engine.NodeID(e[:1])] = from
	}
	return g
}

// anySketch makes up a connected graph without circles.
func anySketch(r *rapid.T, most int) engine.Graph {
	count := rapid.IntRange(2, most).Draw(r, "nodes")
	var edges []string
	name := func(i int) string { return string(rune('a' + i)) }
	for i := 1; i < count; i++ {
		edges = append(edges, name(rapid.IntRange(0, i-1).Draw(r, "from"))+">"+name(i))
	}
	for range rapid.IntRange(0, 4).Draw(r, "more") {
		i := rapid.IntRange(0, count-2).Draw(r, "from")
		edges = append(edges, name(i)+">"+name(rapid.IntRange(i+1, count-1).Draw(r, "to")))
	}
	return sketch(edges...)
}

// measured is a picture whose nodes have their sizes.
func measured(g engine.Graph) *picture {
	p := newPicture(g)
	for _, n := range p.nodes {
		n.measure()
	}
	return p
}

// named finds a node.
func (p *picture) named(t *testing.T, id engine.NodeID) *node {
	t.Helper()
	i := slices.IndexFunc(p.nodes, func(n *node) bool { return n.id == id })
	if i < 0 {
		t.Fatalf("there is no node %s", id)
	}
	return p.nodes[i]
}

func TestLayers(t *testing.T) {
	p := newPicture(sketch("a>b", "a>c", "b>c", "c>d", "d>a", "a>d", "d>e", "c>b"))
	want := map[engine.NodeID]int{"a": 0, "b": 1, "c": 2, "d": 3, "e": 4}
	for id, layer := range want {
		if got := p.named(t, id).layer; got != layer {
			t.Errorf("%s stands in layer %d, want %d", id, got, layer)
		}
	}
	var back []string
	for _, k := range p.links {
		if k.back {
			back = append(back, string(k.from.id)+string(k.to.id))
		}
	}
	if !slices.Equal(back, []string{"cb", "da"}) && !slices.Equal(back, []string{"da", "cb"}) {
		t.Errorf("turned round are %q", back)
	}
}

// TestLayersAreLongestWays holds the layers against all ways there are.
func TestLayersAreLongestWays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		g := anySketch(r, 8)
		longest := make(map[engine.NodeID]int)
		var walk func(engine.NodeID, int)
		walk = func(id engine.NodeID, length int) {
			longest[id] = max(longest[id], length)
			for _, to := range g.Nodes[id].Next {
				walk(to, length+1)
			}
		}
		walk(g.Start, 0)
		for _, n := range newPicture(g).nodes {
			if n.layer != longest[n.id] {
				r.Errorf("%s stands in layer %d, and the longest way to it has %d edges", n.id, n.layer, longest[n.id])
			}
		}
	})
}

// TestLanes: every node and every link is in one lane, no two of a lane share a row, and
// the column leads from the start to the session.
func TestLanes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := measured(anySketch(r, 8))
		p.makeLanes()
		nodes, links := 0, 0
		for _, l := range p.lanes {
			nodes, links = nodes+len(l.nodes), links+len(l.links)
			taken := make(map[int]string)
			take := func(row int, who string) {
				if other, ok := taken[row]; ok {
					r.Errorf("%s and %s share row %d of a lane", who, other, row)
				}
				if !l.has(row) {
					r.Errorf("%s is in row %d, outside of its lane", who, row)
				}
				taken[row] = who
			}
			for _, n := range l.nodes {
				take(2*n.layer, string(n.id))
			}
			for _, k := range l.links {
				for row := 2*k.top().layer + 1; row < 2*k.bottom().layer; row++ {
					take(row, fmt.Sprintf("%s to %s", k.from.id, k.to.id))
				}
			}
		}
		if nodes != len(p.nodes) || links != len(p.links) {
			r.Errorf("%d of %d nodes and %d of %d links are in lanes", nodes, len(p.nodes), links, len(p.links))
		}
	})
	g := sketch("a>b", "b>c", "c>x", "a>s", "b>s")
	s := g.Nodes["s"]
	s.Stage.Grants = true
	g.Nodes["s"] = s
	p := measured(g)
	p.makeLanes()
	var column string
	for _, n := range p.lanes[0].nodes {
		column += string(n.id)
	}
	if column != "abs" {
		t.Errorf("the column is %s: a session is worth more than a longer way", column)
	}
}

// permutations calls yield with every order of n things.
func permutations(n int, yield func([]int)) {
	var next func(rest, order []int)
	next = func(rest, order []int) {
		if len(rest) == 0 {
			yield(order)
		}
		for i := range rest {
			next(slices.Delete(slices.Clone(rest), i, i+1), append(slices.Clone(order), rest[i]))
		}
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	next(all, nil)
}

// TestOrder holds the order of lanes against all there are: what is found has hardly ever
// a crossing more than the best, never two, and mostly it is the best.
func TestOrder(t *testing.T) {
	drawn, best := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		p := measured(anySketch(r, 7))
		p.makeLanes()
		if len(p.lanes) > 6 {
			return
		}
		got := p.order()
		if again := p.cost(); again != got {
			r.Fatalf("the order costs %d, and is said to cost %d", again, got)
		}
		least, gaps := got, p.gaps()
		permutations(len(p.lanes), func(order []int) {
			p.compact(order, gaps)
			least = min(least, p.cost())
		})
		drawn++
		if got == least {
			best++
		}
		if got >= least+2*costCrossing {
			r.Errorf("the order costs %d, the best one %d", got, least)
		}
	})
	if best*4 < drawn*3 {
		t.Errorf("of %d orders %d are the best", drawn, best)
	}
}

// TestCompact: whatever the order, lanes that share a row keep their distance.
func TestCompact(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := measured(anySketch(r, 8))
		p.makeLanes()
		p.order()
		order := make([]int, len(p.lanes))
		for i := range order {
			order[i] = i
		}
		order = rapid.Permutation(order).Draw(r, "order")
		gaps := p.gaps()
		p.compact(order, gaps)
		for i, a := range order {
			for _, b := range order[i+1:] {
				if gap := p.lanes[b].x - p.lanes[a].x; gaps[a][b] > 0 && gap < gaps[a][b] {
					r.Errorf("lanes %d and %d are %d apart, want %d", a, b, gap, gaps[a][b])
				}
			}
		}
		if p.lanes[0].x != 0 {
			r.Errorf("the column is at %d", p.lanes[0].x)
		}
	})
}

// TestCost: what is wrong with a picture counts.
func TestCost(t *testing.T) {
	p := measured(sketch("a>b", "b>c", "c>d", "a>c", "b>d"))
	p.makeLanes()
	p.order()
	if len(p.lanes) != 3 {
		t.Fatalf("there are %d lanes", len(p.lanes))
	}
	gaps := p.gaps()
	cost := func(order ...int) int {
		p.compact(order, gaps)
		return p.cost()
	}
	// Both pass the column: on two sides they are apart, on one they cross.
	if apart := cost(1, 0, 2); apart >= costCrossing {
		t.Errorf("on two sides it costs %d", apart)
	}
	if crossed := min(cost(0, 1, 2), cost(0, 2, 1)); crossed < costCrossing {
		t.Errorf("on one side it costs %d", crossed)
	}
	if left, right := cost(1, 0), cost(0, 1); len(p.lanes) == 2 && left <= right {
		t.Errorf("on the left it costs %d, on the right %d", left, right)
	}
	// A link to the other side of a node that stands beside runs into it.
	q := measured(sketch("a>b", "a>c", "c>d", "b>e", "b>d"))
	q.makeLanes()
	q.order()
	obstacle := 0
	all := q.gaps()
	permutations(len(q.lanes), func(order []int) {
		q.compact(order, all)
		if q.cost() >= costObstacle {
			obstacle++
		}
	})
	if obstacle == 0 {
		t.Error("in no order a line runs into a node")
	}
}

// TestEndsHangLower: an end takes a deeper place where that saves width, and never one
// that the picture does not have.
func TestEndsHangLower(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		g := anySketch(r, 8)
		p, free := measured(g), measured(g)
		p.arrange()
		free.makeLanes()
		before := free.order()
		if after := p.cost(); after > before {
			r.Errorf("hung lower it costs %d, before %d", after, before)
		}
		if p.bottom() != free.bottom() {
			r.Errorf("the picture has %d layers, before %d", p.bottom()+1, free.bottom()+1)
		}
		for i, n := range p.nodes {
			if n.layer < free.nodes[i].layer || n.layer > free.nodes[i].layer && !n.end() {
				r.Errorf("%s moved from layer %d to %d", n.id, free.nodes[i].layer, n.layer)
			}
		}
	})
}
