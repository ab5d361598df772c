package headless

import (
	"encoding/json"
	"net/http"
	"testing"

	"pgregory.net/rapid"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
)

// TestSessionIsWrittenAsItIsDeclared holds the quick way to write a session against the
// structs that documents are made of, byte by byte.
func TestSessionIsWrittenAsItIsDeclared(t *testing.T) {
	text := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.StringMatching(`[a-z<>&"\\\x00-\x1f]{0,8}@example\.com`))
	rapid.Check(t, func(t *rapid.T) {
		c := &call{fresh: text.Draw(t, "token"), pair: token.Pair{Access: text.Draw(t, "access"), Refresh: text.Draw(t, "refresh")}}
		c.Kind = rapid.SampledFrom([]token.Kind{token.Browser, token.App}).Draw(t, "kind")
		id := state.AccountID(rapid.OneOf(text, rapid.StringMatching(`-?[0-9]{0,18}`)).Draw(t, "id"))
		c.Visit = contract.Visit{SignedIn: true, Ticket: state.Ticket{Account: id}, Account: state.Snapshot{
			Account: id, Username: text.Draw(t, "username"), Email: text.Draw(t, "email"), HasPassword: rapid.Bool().Draw(t, "password"),
			Profile: state.Profile{Name: text.Draw(t, "name"), GivenName: text.Draw(t, "given"), FamilyName: text.Draw(t, "family"), Picture: text.Draw(t, "picture")},
		}}
		var log []engine.Method
		for range rapid.IntRange(0, 3).Draw(t, "methods") {
			log = append(log, engine.Method{
				Method: text.Draw(t, "method"), At: rapid.Int64Range(-1<<45, 1<<45).Draw(t, "at"), Email: text.Draw(t, "email"), Phone: text.Draw(t, "phone"),
				Username: text.Draw(t, "username"), Type: text.Draw(t, "type"), ID: rapid.Int64().Draw(t, "id"), Provider: text.Draw(t, "provider"),
				UID: text.Draw(t, "uid"), Passwordless: rapid.Bool().Draw(t, "passwordless"), Reauthenticated: rapid.Bool().Draw(t, "reauthenticated"),
				Verified: rapid.Bool().Draw(t, "verified"),
			})
		}
		c.Visit.Entry.Record.Log(engine.AccountID(id), log...)
		want, err := json.Marshal(c.signedIn(http.StatusOK, nil))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.encodedSession(); string(got.encoded) != string(want) || got.Status != http.StatusOK {
			t.Fatalf("written as\n%s\nwant\n%s", got.encoded, want)
		}
	})
}
