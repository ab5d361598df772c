package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// hole is a play that ends in what must not be, made as short as it goes.
type hole struct {
	moves []*move
	fault string
}

func (h hole) String() string {
	var b strings.Builder
	for _, m := range h.moves {
		fmt.Fprintf(&b, "  %s\n", m)
	}
	return b.String() + "  -> " + h.fault
}

// kind is what the hole is about: the kinds of its moves.
func (h hole) kind() string {
	var kinds []string
	for _, m := range h.moves {
		who := ""
		if m.owners {
			who = "owner: "
		}
		kinds = append(kinds, who+m.kind)
	}
	return strings.Join(kinds, ", ")
}

// explorer plays every order of moves, the short ones first, and takes plays that come to
// the same for one.
type explorer struct {
	*ground
	t     testing.TB
	depth int
	// moves are all moves, backs those of a stranger who comes back.
	moves, ways, backs []*move
	seen               map[string]bool
	holes              map[string]hole
	states, made       int
}

// node is a state by the moves that lead to it.
type node struct {
	moves []*move
	key   string
}

func newExplorer(t testing.TB, w *ground, depth int) *explorer {
	e := &explorer{ground: w, t: t, depth: depth, ways: ways(), backs: returns(), seen: map[string]bool{}, holes: map[string]hole{}}
	e.moves = slicesOf(plants(), e.backs, e.ways)
	return e
}

// run explores to the depth, and sees from every state that is left whether the owner can
// come in and what the stranger can do then.
func (e *explorer) run() {
	begin := e.play(e.t, nil)
	level := []node{{nil, begin.key()}}
	e.seen[level[0].key] = true
	for range e.depth {
		var next []node
		for _, n := range level {
			next = append(next, e.expand(n)...)
		}
		level = next
	}
	for _, n := range level {
		e.end(n)
	}
}

// at plays up to a state.
func (e *explorer) at(n node) *game {
	e.made += len(n.moves)
	return e.play(e.t, n.moves)
}

// try makes one more move, and reports whether the game is still where it was.
func (e *explorer) try(g *game, n node, m *move) (key string, same bool) {
	e.made++
	g.make(m)
	if g.fault != "" {
		e.note(g)
		return "", false
	}
	if key = g.key(); key == n.key {
		g.moves = g.moves[:len(n.moves)]
		return key, true
	}
	return key, false
}

// expand makes every move from a state and returns the states that are new.
func (e *explorer) expand(n node) (next []node) {
	e.states++
	g, cameIn, known := e.at(n), false, len(e.holes)
	already := g.cameIn
	for _, m := range e.moves {
		if already && m.owners || !m.can(g) {
			continue
		}
		key, same := e.try(g, n, m)
		cameIn = cameIn || g.cameIn
		if same {
			continue
		}
		if g.fault == "" && !e.seen[key] {
			e.seen[key] = true
			next = append(next, node{append(slices.Clone(n.moves), m), key})
		}
		g = e.at(n)
	}
	if !cameIn && len(e.holes) == known {
		e.lockedOut(g)
	}
	return next
}

// end is what is still asked of a state at the greatest depth.
func (e *explorer) end(n node) {
	e.states++
	g, cameIn, known := e.at(n), false, len(e.holes)
	if g.cameIn {
		e.sweep(g)
		return
	}
	for _, m := range e.ways {
		if !m.can(g) {
			continue
		}
		_, same := e.try(g, n, m)
		cameIn = cameIn || g.cameIn
		if same {
			continue
		}
		if g.fault == "" {
			e.sweep(g)
		}
		g = e.at(n)
	}
	if !cameIn && len(e.holes) == known {
		e.lockedOut(g)
	}
}

// sweep has the stranger try all that he has, one thing after the other.
func (e *explorer) sweep(g *game) {
	for _, m := range e.backs {
		if g.fault == "" && len(g.owned) > 0 && m.can(g) {
			e.made++
			g.make(m)
		}
	}
	if g.fault != "" {
		e.note(g)
	}
}

// lockedOut notes that the owner cannot come in from here.
func (e *explorer) lockedOut(g *game) {
	h := hole{slices.Clone(g.moves), "the owner cannot come in by any way"}
	e.holes[h.kind()+", and out"] = h
}

// note keeps a hole, once it is as short as it goes.
func (e *explorer) note(g *game) {
	h := hole{slices.Clone(g.moves), g.fault}
	for i := 0; i < len(h.moves); {
		if shorter, ok := e.again(slices.Delete(slices.Clone(h.moves), i, i+1)); ok {
			h = shorter
			continue
		}
		i++
	}
	if _, known := e.holes[h.kind()]; !known {
		e.holes[h.kind()] = h
	}
}

// again plays moves that may not all be possible, and reports whether they end in a hole.
func (e *explorer) again(moves []*move) (hole, bool) {
	g := e.play(e.t, nil)
	for i, m := range moves {
		if !m.can(g) {
			return hole{}, false
		}
		e.made++
		g.make(m)
		if g.fault != "" {
			return hole{slices.Clone(moves[:i+1]), g.fault}, true
		}
	}
	return hole{}, false
}

// shortest lists the holes, the shortest first.
func (e *explorer) shortest() []hole {
	var out []hole
	for _, h := range e.holes {
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b hole) int {
		if d := len(a.moves) - len(b.moves); d != 0 {
			return d
		}
		return strings.Compare(a.kind(), b.kind())
	})
	return out
}
