package headless

import (
	"context"
	"log/slog"
	"net/http"

	"stagedoor/engine"
	"stagedoor/transport/internal/token"
)

// setTrust has the browser keep a trust.
func (c *call) setTrust(value string) {
	cookie := c.TrustCookie
	cookie.Value = value
	http.SetCookie(c.w, &cookie)
}

// keepTrust makes good a trust that has waited for the browser's session to be bound, as it is now:
// this request has shown its key. Where that cannot be found out the next request does it.
func (c *call) keepTrust(ctx context.Context) {
	if c.KeepTrust == nil || c.Kind != token.Browser || c.Trust == "" || c.Visit.ReadOnly || c.Visit.Unshown || !c.Visit.Ticket.Binding.Bound() {
		return
	}
	value, err := c.KeepTrust(ctx, engine.AccountID(c.Visit.Ticket.Account), c.Visit.Key, c.Trust, c.Now)
	switch {
	case err != nil:
		c.Log.WarnContext(ctx, "the trust of a browser could not be made good; it is tried again", slog.String("error", err.Error()))
	case value != "":
		c.setTrust(value)
	}
}
