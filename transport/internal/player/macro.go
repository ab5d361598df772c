package player

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// macros are named runs of steps; NAME@PROFILE goes before NAME.
type macros map[string]macro

// macro is a run of steps with arguments. The steps are kept as they were written, since
// arguments are put in as text.
type macro struct {
	Args  map[string]string `yaml:"args"`
	Steps yaml.Node         `yaml:"steps"`
}

// parseMacros reads a file of macros.
func parseMacros(text []byte) (macros, error) {
	m := macros{}
	if err := yaml.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	for name, one := range m {
		if one.Steps.Kind != yaml.SequenceNode {
			return nil, &fault{max(one.Steps.Line, 1), fmt.Sprintf("macro %s has no list of steps", name)}
		}
		if _, err := one.fill(one.Args); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// find is the macro for a profile.
func (m macros) find(name, profile string) (macro, bool) {
	if one, ok := m[name+"@"+profile]; ok {
		return one, true
	}
	one, ok := m[name]
	return one, ok
}

// fill puts arguments in the place of {{$name}}.
func (m macro) fill(args map[string]string) ([]Step, error) {
	var pairs []string
	for name, value := range args {
		pairs = append(pairs, "{{$"+name+"}}", value)
	}
	var out []Step
	return out, replaced(&m.Steps, strings.NewReplacer(pairs...)).Decode(&out)
}

// replaced is a copy of a node with texts replaced.
func replaced(n *yaml.Node, r *strings.Replacer) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	c := *n
	c.Anchor = ""
	if n.Kind == yaml.ScalarNode {
		c.Value = r.Replace(n.Value)
	}
	c.Content = nil
	for _, child := range n.Content {
		c.Content = append(c.Content, replaced(child, r))
	}
	return &c
}

// maxDepth is how deeply macros may nest.
const maxDepth = 8

// expand lists the steps that a client plays, macros and repetitions written out; with no
// client named, those of all.
func (s *Story) expand(client string) ([]Step, error) {
	return s.expandSteps(s.Steps, client, "", "", 0)
}

func (s *Story) expandSteps(steps []Step, client, prefix, as string, depth int) ([]Step, error) {
	var out []Step
	for i, step := range steps {
		step.path = fmt.Sprintf("%s%d", prefix, i+1)
		if client != "" && step.Only != "" && step.Only != client {
			continue
		}
		if step.As == "" {
			step.As = as
		}
		if step.Do != "" {
			inner, err := s.expandMacro(step, client, depth)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
			continue
		}
		for k := range max(step.Repeat, 1) {
			one := step
			if step.Repeat > 1 {
				one.path = fmt.Sprintf("%s#%d", step.path, k+1)
			}
			out = append(out, one)
		}
	}
	return out, nil
}

func (s *Story) expandMacro(step Step, client string, depth int) ([]Step, error) {
	if depth == maxDepth {
		return nil, &fault{step.Line, fmt.Sprintf("macros nest too deeply; does %s play itself?", step.Do)}
	}
	m, ok := s.macros.find(step.Do, s.Profile)
	if !ok {
		return nil, &fault{step.Line, fmt.Sprintf("there is no macro %q for profile %s; macros stand in %s", step.Do, s.Profile, MacroFile)}
	}
	args := maps.Clone(m.Args)
	for name, value := range step.With {
		if _, ok := m.Args[name]; !ok {
			return nil, &fault{step.Line, fmt.Sprintf("macro %s has no argument %q", step.Do, name)}
		}
		args[name] = value
	}
	steps, err := m.fill(args)
	if err != nil {
		return nil, err
	}
	for i := range steps {
		steps[i].Line = step.Line
	}
	return s.expandSteps(steps, client, step.path+".", step.As, depth+1)
}

// Waits is how long a story lets time pass by its steps, at least.
func (s *Story) Waits() time.Duration {
	steps, err := s.expand("")
	if err != nil {
		return 0
	}
	var d time.Duration
	for _, step := range steps {
		d += time.Duration(step.Sleep + step.Advance)
	}
	return d
}
