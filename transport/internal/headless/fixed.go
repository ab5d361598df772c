package headless

import (
	"net/http"

	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
)

// fixed are the answers that are the same for every client of a kind, encoded once.
type fixed struct {
	// public is that of GET config, offers the same with what is switched on.
	public, offers *answer
	// stranger and gone are those of clients that hold nothing: without a token, or with one
	// that is not valid.
	stranger, gone *answer
}

func (a *API) newFixed(kind token.Kind) fixed {
	c := &call{API: a, Call: contract.Call{Base: &a.Base, Kind: kind}}
	return fixed{
		public: encodedOnce(ok(a.Public)), offers: encodedOnce(ok(a.Offers)),
		stranger: encodedOnce(c.anonymous(http.StatusUnauthorized, ref(false))), gone: encodedOnce(c.anonymous(http.StatusGone, nil)),
	}
}

// encodedOnce is the answer with its body.
func encodedOnce(ans *answer) *answer {
	ans.encoded = encoded(ans)[0]
	return ans
}

// holdsNothing reports whether nothing waits for the client, and it gets no token either.
func (c *call) holdsNothing() bool {
	return !c.Visit.SignedIn && !c.Visit.Entry.Found && c.fresh == ""
}
