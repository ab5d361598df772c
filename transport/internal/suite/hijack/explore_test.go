package hijack

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// lockedOut is the fault of a play after which the owner has no way in.
const lockedOut = "the owner cannot come in by any way"

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
	if h.fault == lockedOut {
		kinds = append(kinds, "and the owner is out")
	}
	return strings.Join(kinds, ", ")
}

// goesBy reports whether the hole has the moves of the other among its own, in order, with
// the same at the end.
func (h hole) goesBy(other hole) bool {
	left := other.moves
	for _, m := range h.moves {
		if len(left) > 0 && left[0] == m {
			left = left[1:]
		}
	}
	if (h.fault == lockedOut) != (other.fault == lockedOut) || len(left) > 0 {
		return false
	}
	return h.fault == lockedOut || h.moves[len(h.moves)-1] == other.moves[len(other.moves)-1]
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
	e.moves = slices.Concat(plants(), e.backs, e.ways)
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
	g := e.at(n)
	cameIn := g.cameIn
	already := cameIn
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
	if !cameIn {
		e.lockedOut(g)
	}
	return next
}

// end is what is still asked of a state at the greatest depth.
func (e *explorer) end(n node) {
	e.states++
	g, cameIn := e.at(n), false
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
	if !cameIn {
		e.lockedOut(g)
	}
}

// sweep has the stranger try all that he has, and the owner come in once more.
func (e *explorer) sweep(g *game) {
	if len(g.owned) == 0 {
		return
	}
	before := len(g.moves)
	g.comeBack(e.backs)
	if g.fault == "" && g.cameIn {
		g.comeIn(e.ways)
	}
	if e.made += len(g.moves) - before; g.fault != "" {
		e.note(g)
	}
}

// comeBack has the stranger try one thing after the other.
func (g *game) comeBack(all []*move) {
	for _, m := range all {
		if g.fault == "" && m.can(g) {
			g.make(m)
		}
	}
}

// comeIn has the owner come in by the first way that leads there.
func (g *game) comeIn(all []*move) {
	g.cameIn = false
	before := len(g.moves)
	for _, m := range all {
		if g.fault == "" && !g.cameIn && m.kind != opensLetter && m.can(g) {
			g.make(m)
		}
	}
	if g.fault == "" && !g.cameIn {
		g.moves, g.fault = g.moves[:before], lockedOut
	}
}

// lockedOut notes that the owner cannot come in from here.
func (e *explorer) lockedOut(g *game) {
	g.fault = lockedOut
	e.note(g)
}

// note keeps a hole, once it is as short as it goes. What only takes a longer way to a hole
// that is known is none.
func (e *explorer) note(g *game) {
	h := hole{slices.Clone(g.moves), g.fault}
	for _, known := range e.holes {
		if h.goesBy(known) {
			return
		}
	}
	for i := 0; i < len(h.moves); {
		if shorter, ok := e.again(slices.Delete(slices.Clone(h.moves), i, i+1), h.fault); ok {
			h = shorter
			continue
		}
		i++
	}
	if _, known := e.holes[h.kind()]; !known {
		e.holes[h.kind()] = h
	}
}

// again plays those of the moves that are possible, and reports whether they end in a hole
// of the same kind: the owner is out, or the stranger is in.
func (e *explorer) again(moves []*move, fault string) (hole, bool) {
	g := e.play(e.t, nil)
	for _, m := range moves {
		if g.fault == "" && m.can(g) {
			e.made++
			g.make(m)
		}
	}
	if fault == lockedOut && g.fault == "" {
		g.comeIn(e.ways)
	}
	return hole{g.moves, g.fault}, g.fault != "" && (g.fault == lockedOut) == (fault == lockedOut)
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
