package notify

import (
	"time"

	"stagedoor/state"
)

// kind says what a message carries, hence for how long it is worth sending.
type kind int

const (
	notice kind = iota
	withCode
	withLink
)

// entry is what is fixed about a template.
type entry struct {
	channel state.Channel
	kind    kind
	// stranger is [state.Template.ToStranger].
	stranger bool
	// own is true for a template of a program: it sees all data of the message.
	own bool
}

// catalogue has the server's own templates.
func catalogue() map[state.Template]entry {
	out := make(map[state.Template]entry)
	for _, t := range state.Templates() {
		e := entry{channel: t.Channel(), stranger: t.ToStranger()}
		switch {
		case t.BringsCode():
			e.kind = withCode
		case t.BringsLink():
			e.kind = withLink
		}
		out[t] = e
	}
	return out
}

// MaxAge is how long after it was queued a message is still worth sending: 15 minutes
// for a code, 24 hours for a link or a notice. A code that is older has expired, or the
// person has long asked for another one.
func MaxAge(template state.Template) time.Duration { return catalogue()[template].kind.maxAge() }

func (k kind) maxAge() time.Duration {
	if k == withCode {
		return 15 * time.Minute
	}
	return 24 * time.Hour
}
