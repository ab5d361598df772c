package server

import (
	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/diff"
)

// Graphs are the flows that a configuration switches on, with what the program adds, in
// the order the wire lists them. They are not proved, and nothing is started; the error
// is of a configuration or an extension that makes no flows.
func Graphs(c config.Config, o Options) ([]engine.Graph, error) {
	s, env, err := plan(c, o)
	if err != nil {
		return nil, err
	}
	set, err := s.set(env)
	return set.Graphs, err
}

// Check examines the flows that a configuration switches on, with what the program adds,
// without starting anything: no store is opened, no key made. Faults are in the
// examination; the error is of a configuration or an extension that makes no flows.
func Check(c config.Config, o Options) (engine.Examination, error) {
	s, env, err := plan(c, o)
	if err != nil {
		return engine.Examination{}, err
	}
	set, err := s.set(env)
	if err != nil {
		return engine.Examination{}, err
	}
	return engine.Examine(set), nil
}

// CheckRules holds what proving an address or a number does to an account, over all small
// accounts, against what it promises; see [state.CheckContactRules]. It returns how many
// cases there are, and the first that breaks a promise.
func CheckRules() (cases int, err error) { return state.CheckContactRules() }

// Matrix says for every way in and every kind of account and client which stages ask
// under a configuration, by the server's own decisions. It fails where the flows do not
// hold; see [Check].
func Matrix(c config.Config, o Options) (engine.Matrix, error) {
	s, env, err := plan(c, o)
	if err != nil {
		return engine.Matrix{}, err
	}
	compiled, err := s.compile(env)
	if err != nil {
		return engine.Matrix{}, err
	}
	return compiled.Matrix(env.FixedFacts, env.ProviderIDs)
}

// Diff compares what two configurations ask for, each with what the program adds.
func Diff(was, is config.Config, o Options) (diff.Difference, error) {
	return diff.Of(was, is, func(c config.Config) (engine.Matrix, error) { return Matrix(c, o) })
}

// plan is a server that is never started, and what its stages work with. Its keys are
// made of nothing: they open and sign nothing that counts.
func plan(c config.Config, o Options) (*Server, *stages.Env, error) {
	o.setDefaults()
	if err := o.supply(&c).ValidateWithoutSecrets(); err != nil {
		return nil, nil, err
	}
	o.Rand = zeroes{}
	s := &Server{config: c, options: o}
	if _, err := theme(c); err != nil {
		return nil, nil, err
	}
	keys, err := state.NewKeyring(o.Rand, make([]byte, state.MinSecret))
	if err != nil {
		return nil, nil, err
	}
	env, err := s.env(keys)
	return s, env, err
}

// zeroes is entropy for what is thrown away.
type zeroes struct{}

// Read fills with zeroes.
func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
