package engine

import (
	"cmp"
	"fmt"
	"math/bits"
	"reflect"
	"slices"
)

// space is all that was assumed on the ways of one start: variables with few values each.
type space struct {
	vars  []variable
	index map[string]int
}

// variable is a fact, a custom fact, or the choice of an exit.
type variable struct {
	// key is its name among all variables; fact is the field of Facts, or empty.
	key, fact string
	values    []string
}

// maxValues is how many values a variable can have: a bit each.
const maxValues = 64

// fact returns the variable of a field of Facts.
func (s *space) fact(name string, t reflect.Type, values int) int {
	v := variable{key: "fact " + name, fact: name}
	for i := range values {
		v.values = append(v.values, factWord(name, t, 1<<i))
	}
	return s.add(v)
}

// variable returns the variable of a node: its custom fact, or by what it is left.
func (s *space) variable(name string, values []string) int {
	return s.add(variable{key: name, values: values})
}

// add returns the variable of a key, which gains the values it does not have.
func (s *space) add(v variable) int {
	i, ok := s.index[v.key]
	if !ok {
		i = len(s.vars)
		s.index[v.key] = i
		s.vars = append(s.vars, variable{key: v.key, fact: v.fact})
	}
	for _, x := range v.values {
		if !slices.Contains(s.vars[i].values, x) {
			s.vars[i].values = append(s.vars[i].values, x)
		}
	}
	return i
}

// region is a set of combinations: for every variable, which of its values, as bits. A
// variable that is zero or beyond the end has any value.
type region []uint64

// with returns the region where a variable has a value.
func (r region) with(v, value int) region {
	out := make(region, max(len(r), v+1))
	copy(out, r)
	out[v] = 1 << value
	return out
}

// at returns the values of a variable.
func (r region) at(v int, full region) uint64 {
	if v >= len(r) || r[v] == 0 {
		return full[v]
	}
	return r[v]
}

// full is the region of everything.
func (s *space) full() region {
	out := make(region, len(s.vars))
	for i, v := range s.vars {
		out[i] = ^uint64(0) >> (maxValues - len(v.values))
	}
	return out
}

// meet returns what two regions have in common, and whether that is anything.
func (r region) meet(other, full region) (region, bool) {
	out := make(region, len(full))
	for i := range full {
		if out[i] = r.at(i, full) & other.at(i, full); out[i] == 0 {
			return nil, false
		}
	}
	return out, true
}

// meets reports whether two regions have anything in common.
func (r region) meets(other, full region) bool {
	for i := range full {
		if r.at(i, full)&other.at(i, full) == 0 {
			return false
		}
	}
	return true
}

// holds reports whether a region has all of another.
func (r region) holds(other, full region) bool {
	for i := range full {
		if other.at(i, full)&^r.at(i, full) != 0 {
			return false
		}
	}
	return true
}

// cover describes regions by few large ones that meet none of the others. What neither
// has cannot be, and may be anything: so a description names only what matters. It is the
// expansion of prime implicants, each variable widened as far as it goes.
func cover(full region, on, off []region) []region {
	var out []region
	for _, r := range on {
		if !slices.ContainsFunc(out, func(o region) bool { return o.holds(r, full) }) {
			out = append(out, widen(r, full, on, off))
		}
	}
	for i := len(out) - 1; i >= 0; i-- {
		rest := slices.Delete(slices.Clone(out), i, i+1)
		needless := !slices.ContainsFunc(on, func(r region) bool {
			return out[i].meets(r, full) && !slices.ContainsFunc(rest, func(o region) bool { return o.holds(r, full) })
		})
		if needless {
			out = rest
		}
	}
	return out
}

// widen gives every variable as many values as it can have without meeting what is off,
// the last one first: what is looked at late matters least. Where that is not all of
// them, only such that somebody has.
func widen(r, full region, on, off []region) region {
	out, _ := r.meet(full, full)
	meets := func(o region) bool { return out.meets(o, full) }
	free := func() bool { return !slices.ContainsFunc(off, meets) }
	for v := range slices.Backward(full) {
		had := out[v]
		if out[v] = full[v]; free() {
			continue
		}
		out[v] = had
		for bit := uint64(1); bit != 0 && bit <= full[v]; bit <<= 1 {
			was := out[v]
			if out[v] = bit; slices.ContainsFunc(on, meets) && free() {
				was |= bit
			}
			out[v] = was | had
		}
	}
	return out
}

// facts names what a region was assumed to be.
func (s *space) facts(r region) map[string]string {
	out := make(map[string]string)
	for i := range r {
		if r[i] == 0 {
			continue
		}
		v := s.vars[i]
		name := v.key
		if v.fact != "" {
			name = v.fact
		}
		out[name] = v.values[bits.TrailingZeros64(r[i])]
	}
	return out
}

// join returns a space that has the variables of both, the same one whichever comes
// first, and what becomes of the regions of each in it.
func (s *space) join(other *space) (both *space, mine, theirs func(region) region) {
	both = &space{index: make(map[string]int)}
	moved := func(from *space) func(region) region {
		return func(r region) region {
			out := make(region, len(both.vars))
			for i, mask := range r {
				to := both.index[from.vars[i].key]
				for bit := range from.vars[i].values {
					if mask>>bit&1 == 1 {
						out[to] |= 1 << slices.Index(both.vars[to].values, from.vars[i].values[bit])
					}
				}
			}
			return out
		}
	}
	all := append(slices.Clone(s.vars), other.vars...)
	slices.SortFunc(all, func(a, b variable) int { return cmp.Or(says(a.fact)-says(b.fact), cmp.Compare(a.key, b.key)) })
	for _, v := range all {
		both.add(v)
	}
	for i, v := range both.vars {
		// The values of a fact have an order of their own.
		if v.fact == "" {
			slices.Sort(both.vars[i].values)
		}
	}
	return both, moved(s), moved(other)
}

// tooMany is the error of a variable with more values than there are bits.
func tooMany(name string, n int) error {
	return fmt.Errorf("%s has %d values, and a matrix takes at most %d", name, n, maxValues)
}
