package bench

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"stagedoor/transport/internal/device"
)

// visitor is one connection with whoever uses it.
type visitor struct {
	target Target
	ctx    context.Context
	conn   *conn
	people *people
	keys   *device.Passkeys
	// want is how many accounts a journey with codes makes before.
	want     int
	accounts []*account
	// token is of the session that goes on, "" for nobody's, or of the run where a contract has one
	// for both; else run is of the run. wrong is a body with a code that is wrong.
	token, run, wrong string

	raw    []byte
	header []string
	// excused is the time in this walk that the server was not asked for anything.
	excused time.Duration
	steps   map[string]*Histogram
	order   []string
}

func newVisitor(ctx context.Context, t Target, p *people, want int) *visitor {
	return &visitor{
		target: t, ctx: ctx, conn: newConn(t.Base, t.Timeout), people: p, want: want,
		keys: device.NewPasskeys(rand.Reader), steps: make(map[string]*Histogram),
	}
}

// agent is what visitors call themselves.
const agent = "stagedoor-bench"

// as makes the headers of the next request: who asks, and a header with a token, if there is one.
func (v *visitor) as(name, scheme, token string) []string {
	v.header = append(v.header[:0], "User-Agent", agent)
	if token != "" {
		v.header = append(v.header, name, scheme+token)
	}
	return v.header
}

// own makes the visitor's account, once.
func (v *visitor) own(made func() (*account, error)) error {
	if len(v.accounts) > 0 {
		return nil
	}
	a, err := made()
	if err == nil {
		v.accounts = []*account{a}
	}
	return err
}

// stock puts accounts into the pool, as many as are wanted of this connection, once.
func (v *visitor) stock(made func() (*account, error)) error {
	for ; v.want > 0; v.want-- {
		a, err := made()
		if err != nil {
			return err
		}
		v.people.pool <- a
	}
	return nil
}

// step sends one request of a journey, counts how long the answer takes under a name, and fails
// where its status is none of the wanted.
func (v *visitor) step(name, method, path string, header []string, body []byte, want ...int) (answer, error) {
	v.raw = encode(v.raw[:0], method, v.conn.host, path, header, body)
	begun := time.Now()
	a, err := v.conn.send(v.ctx, v.raw)
	if err != nil {
		return a, err
	}
	v.record(name, time.Since(begun))
	if !slices.Contains(want, a.status) {
		return a, unexpected(name, a, want...)
	}
	return a, nil
}

// pause waits, unless the run ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// letter waits for a letter with what a journey needs, a code or a key.
func (v *visitor) letter(a *account, has func(letter) bool) (letter, error) {
	if v.target.Letters == nil {
		return letter{}, &Failure{Kind: KindLetter, Err: errNoLetters}
	}
	begun := time.Now()
	for {
		l, err := v.target.Letters.next(v.ctx, a.email)
		if err != nil {
			return letter{}, err
		}
		if has(l) {
			v.record("the letter", time.Since(begun))
			return l, nil
		}
	}
}

// record counts a time under the name of a step.
func (v *visitor) record(name string, d time.Duration) {
	h := v.steps[name]
	if h == nil {
		h = new(Histogram)
		v.steps[name], v.order = h, append(v.order, name)
	}
	h.Record(d)
}
