package bench

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"

	"stagedoor/transport/internal/device"
)

// margin is how long a code of an authenticator app must stay current to be sent.
const margin = 2 * time.Second

// account is somebody a run has made.
type account struct {
	email, password string
	// secret is of the authenticator app, "" where there is none; app says that there is to be one.
	secret string
	app    bool
}

// people makes the accounts of one run.
type people struct {
	run, password string
	n             atomic.Int64
	// app shows the codes of all of them.
	app device.App
	// pool has those with an app that nobody signs in with at the moment, the one whose last code was
	// shown longest ago first.
	pool chan *account
}

// newPeople draws the names of a run and the password of all its accounts, which stay behind. At
// most size of them have an app.
func newPeople(size int) *people {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	text := hex.EncodeToString(b[:])
	return &people{run: text[:8], password: "bench " + text[8:], pool: make(chan *account, size)}
}

// next is somebody new.
func (p *people) next() *account {
	return &account{email: fmt.Sprintf("bench-%s-%d@example.org", p.run, p.n.Add(1)), password: p.password}
}

// untilFresh waits until the app of an account shows a code that it has not shown yet.
func (v *visitor) untilFresh(a *account) error {
	now, begun := v.target.now(), time.Now()
	d := v.people.app.Fresh(a.secret, now, margin).Sub(now)
	if d <= 0 {
		return nil
	}
	err := v.target.wait(v.ctx, d)
	v.excused += time.Since(begun)
	return err
}

// code is what an account's app shows now.
func (v *visitor) code(a *account) (string, error) {
	return v.people.app.Code(a.secret, v.target.now())
}

// withAccount lends the visitor the account of the pool whose code is fresh soonest.
func (v *visitor) withAccount(do func(*account) error) error {
	a := <-v.people.pool
	defer func() { v.people.pool <- a }()
	return do(a)
}

// wrongCode is a code that an account's app does not show.
func (v *visitor) wrongCode(a *account) (string, error) {
	return device.WrongTOTP(a.secret, v.target.now())
}
