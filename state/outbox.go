package state

import (
	"context"
	"time"
)

// Channel says how a message reaches a person.
type Channel string

// The channels that exist.
const (
	ByMail Channel = "mail"
	BySMS  Channel = "sms"
	// ToNobody is the channel of a message that is stored like any other and goes
	// nowhere: what a turn that pretends takes time for.
	ToNobody Channel = "nobody"
)

// Message is one mail or text message to one person. Its words are made from the
// template when it is sent; Data holds what the template needs, secrets such as a
// code among it, so that a message is stored sealed only.
type Message struct {
	// Channel is how it travels.
	Channel Channel `json:"channel"`
	// Template names the words.
	Template Template `json:"template"`
	// To is a mail address, or a phone number in E.164.
	To string `json:"to"`
	// Data is what the template puts in: key, code, url, ...
	Data map[string]string `json:"data,omitempty"`
}

// OutgoingMessage marks it as what a turn may send: see engine.Message.
func (Message) OutgoingMessage() {}

// Queued is a message that waits in the outbox for its delivery.
type Queued struct {
	// ID is unique within the outbox.
	ID int64
	// Attempts counts the deliveries that were begun, this one included.
	Attempts int
	// QueuedAt is when the turn that wanted the message was committed.
	QueuedAt time.Time
	Message
}

// Outbox hands out the messages that a committed turn has released. A claimed
// message belongs to the claimer until the lease is over; after that it can be
// claimed again, so that a message survives a crash and may, rarely, go out twice.
type Outbox interface {
	// ClaimMessages takes at most limit released messages that are due at now, oldest
	// first, for the length of the lease. None due is an empty list and no error.
	ClaimMessages(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Queued, error)
	// MessageDone forgets a delivered (or given up) message; an unknown id is no error.
	MessageDone(ctx context.Context, id int64) error
	// RetryMessage gives a claimed message back, due again at the given time.
	RetryMessage(ctx context.Context, id int64, due time.Time) error
}
