package notify

import (
	"context"
	"errors"

	"stagedoor/state"
)

// Sender delivers one message now. It returns nil once somebody else is responsible for
// the message, and gives up when ctx ends. An error that wraps [ErrPermanent] says that
// no later attempt can succeed; after any other the message is tried again. It is safe
// for concurrent use.
type Sender interface {
	Send(ctx context.Context, m state.Message) error
}

// ErrPermanent marks an error that no later attempt will cure: the recipient does not
// exist, the message is refused, the template is unknown.
var ErrPermanent = errors.New("refused for good")
