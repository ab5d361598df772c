package bench

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
)

// Kind is why a journey failed.
type Kind string

// The kinds there are besides "status 503" and the like, of an answer that was not the expected one.
const (
	// KindConnect says that no connection came about.
	KindConnect Kind = "no connection"
	// KindTimeout says that an answer took longer than it may.
	KindTimeout Kind = "timeout"
	// KindClosed says that the connection ended where an answer was due.
	KindClosed Kind = "connection closed"
	// KindAnswer says that something came that is no answer, or lacks what the journey needs to go on.
	KindAnswer Kind = "unreadable answer"
	// KindLetter says that no letter came.
	KindLetter Kind = "no letter"
	// KindNotBegun says that the journey was due and no connection was free until the end.
	KindNotBegun Kind = "not begun"
)

// Failure is a journey that did not come to its end.
type Failure struct {
	Kind Kind
	Err  error
}

// Error says why.
func (f *Failure) Error() string { return string(f.Kind) + ": " + f.Err.Error() }

// Unwrap is the error behind it.
func (f *Failure) Unwrap() error { return f.Err }

// failed makes a failure of an error of the network.
func failed(err error) *Failure {
	kind := KindClosed
	var timeout net.Error
	switch {
	case errors.Is(err, errAnswer), errors.Is(err, bufio.ErrBufferFull):
		kind = KindAnswer
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		kind = KindTimeout
	}
	return &Failure{Kind: kind, Err: err}
}

// unexpected is the failure of an answer with another status than the wanted one. What it
// quotes of an answer is of those that refuse: others may hold a token.
func unexpected(step string, a answer, want ...int) *Failure {
	text := ""
	if a.status >= 400 {
		text = ", " + strings.ToValidUTF8(string(a.body[:min(len(a.body), 200)]), "")
	}
	return &Failure{
		Kind: Kind(fmt.Sprintf("status %d", a.status)),
		Err:  fmt.Errorf("%s answered %d, want %s%s", step, a.status, strings.Trim(fmt.Sprint(want), "[]"), text),
	}
}

// Failures counts failed journeys of one kind.
type Failures struct {
	Kind  Kind   `json:"kind"`
	Count int    `json:"count"`
	First string `json:"first"`
}

// failures counts by kind.
type failures map[Kind]*Failures

// add counts a failed journey.
func (f failures) add(err error) {
	kind := KindAnswer
	if known, ok := errors.AsType[*Failure](err); ok {
		kind, err = known.Kind, known.Err
	}
	f.count(kind, 1, err.Error())
}

func (f failures) count(kind Kind, n int, first string) {
	if f[kind] == nil {
		f[kind] = &Failures{Kind: kind, First: first}
	}
	f[kind].Count += n
}

// merge adds what another has counted.
func (f failures) merge(other failures) {
	for kind, o := range other {
		f.count(kind, o.Count, o.First)
	}
}

// list is all of it, the most frequent first.
func (f failures) list() []Failures {
	out := []Failures{}
	for _, o := range f {
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b Failures) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Kind, b.Kind)) })
	return out
}
