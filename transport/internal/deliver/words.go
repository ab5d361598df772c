package deliver

import (
	"fmt"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// wordsFor puts a message into words for a sender of one channel, which can do nothing
// with another's messages; what fails here fails for good.
func wordsFor(t *notify.Templates, channel state.Channel, m state.Message) (notify.Rendered, error) {
	if m.Channel != channel {
		return notify.Rendered{}, permanent(fmt.Errorf("notify: a message for %q was given to the sender for %q", m.Channel, channel))
	}
	words, err := t.Render(m)
	if err != nil {
		return notify.Rendered{}, permanent(err)
	}
	return words, nil
}

// permanent marks an error that no later attempt will cure.
func permanent(err error) error {
	return fmt.Errorf("%w: %w", notify.ErrPermanent, err)
}
