package flows_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
)

// timed are settings of a server on which nothing is switched on. What waits has time.
func timed() stages.Settings {
	const age = 15 * time.Minute
	return stages.Settings{
		LoginMethods: []string{"email"}, SignupFields: map[string]bool{"email": true, "password": true},
		PreventEnumeration: stages.Hidden, LoginTimeout: age, EmailLifetime: age, KeyLifetime: age, PhoneLifetime: age,
		CodeLifetime: age, ResetLifetime: age, ResetKeyLifetime: age, TrustLifetime: age,
		EmailTries: 3, PhoneTries: 3, CodeTries: 3, ResetTries: 3,
	}
}

// toggle is a setting that is on or off: a bool, or a count that is none or three.
type toggle struct {
	name  string
	index int
}

func (g toggle) set(s *stages.Settings, on bool) {
	switch f := reflect.ValueOf(s).Elem().Field(g.index); f.Kind() {
	case reflect.Bool:
		f.SetBool(on)
	default:
		f.SetInt(0)
		if on {
			f.SetInt(3)
		}
	}
}

// toggles are all settings that are on or off, but for the one that leaves only the flows of
// third parties: TestProvidersOnly is about it.
func toggles() []toggle {
	var out []toggle
	t := reflect.TypeFor[stages.Settings]()
	for i := range t.NumField() {
		if t.Field(i).Name == "ProvidersOnly" {
			continue
		}
		switch t.Field(i).Type.Kind() {
		case reflect.Bool, reflect.Int:
			out = append(out, toggle{t.Field(i).Name, i})
		}
	}
	return out
}

// everything has all on that can be switched on.
func everything() stages.Settings {
	s := timed()
	for _, g := range toggles() {
		g.set(&s, true)
	}
	return s
}

// byLink is everything, but with links in mails where there could be codes.
func byLink() stages.Settings {
	s := everything()
	s.EmailByCode, s.ResetByCode = false, false
	return s
}

// bases are servers where nothing is on, everything is on, and mails carry links.
func bases() []stages.Settings {
	return []stages.Settings{timed(), everything(), byLink()}
}

// shaping are the toggles that change the print of any graph, or which graphs there are,
// when they alone are changed on one of the bases.
func shaping() []toggle {
	prints := func(s stages.Settings) []string {
		var out []string
		for _, g := range flows.All(s) {
			out = append(out, string(g.Flow), g.Fingerprint())
		}
		return out
	}
	return slices.DeleteFunc(toggles(), func(g toggle) bool {
		for _, base := range bases() {
			on, off := base, base
			g.set(&on, true)
			g.set(&off, false)
			if !slices.Equal(prints(on), prints(off)) {
				return false
			}
		}
		return true
	})
}

// eachSetting calls yield with every combination of the toggles, all others off.
func eachSetting(of []toggle, yield func(stages.Settings)) {
	for bits := range 1 << len(of) {
		s := timed()
		for i, g := range of {
			g.set(&s, bits>>i&1 == 1)
		}
		yield(s)
	}
}

// shipped are all graphs there are, by the name of their table: the flow, and where
// servers that verify addresses by links and by codes have different ones, which it is.
func shipped() map[string]engine.Graph {
	link, code := byLink(), everything()
	mixed := everything()
	mixed.EmailByCode = false
	links, codes := byFlow(link), byFlow(code)
	for flow, g := range byFlow(mixed) {
		links[flow] = g
	}
	mixed.EmailByCode, mixed.ResetByCode = true, false
	for flow, g := range byFlow(mixed) {
		codes[flow] = g
	}
	out := make(map[string]engine.Graph)
	for flow, g := range links {
		if other, both := codes[flow]; both && g.Table() != other.Table() {
			out[string(flow)+".link"], out[string(flow)+".code"] = g, other
		} else {
			out[string(flow)] = g
		}
	}
	for flow, g := range codes {
		if _, both := links[flow]; !both {
			out[string(flow)] = g
		}
	}
	return out
}

func byFlow(s stages.Settings) map[engine.FlowID]engine.Graph {
	out := make(map[engine.FlowID]engine.Graph)
	for _, g := range flows.All(s) {
		out[g.Flow] = g
	}
	return out
}

// grants reports whether a session can be granted at any end of the graph.
func grants(g engine.Graph) bool {
	for _, n := range g.Nodes {
		if n.Stage.Grants {
			return true
		}
	}
	return false
}

// granting are the shipped graphs that sign in.
func granting() map[string]engine.Graph {
	out := shipped()
	for name, g := range out {
		if !grants(g) {
			delete(out, name)
		}
	}
	return out
}

func sortedNames[V any](m map[string]V) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func TestEverythingIsOn(t *testing.T) {
	s := reflect.ValueOf(everything())
	for _, g := range toggles() {
		if s.Field(g.index).IsZero() {
			t.Errorf("%s is off", g.name)
		}
	}
}
