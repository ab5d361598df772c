package sqlstore

import (
	"errors"
	"testing"

	"stagedoor/state"
	"stagedoor/state/statetest"
)

func TestRefreshesSQLite(t *testing.T) {
	t.Parallel()
	statetest.RunRefreshes(t, func(t *testing.T) (statetest.Stores, state.Refreshes) {
		s := openSQLite(t)
		return statetest.All(s), s
	})
}

func TestRefreshesPostgres(t *testing.T) {
	t.Parallel()
	url := statetest.StartPostgres(t)
	statetest.RunRefreshes(t, func(t *testing.T) (statetest.Stores, state.Refreshes) {
		s := openURL(t, url)
		empty(t, s)
		return statetest.All(s), s
	})
}

// A chain that somebody damaged is an error of the store, never a chain without used
// tokens: reuse would go unnoticed.
func TestDamagedRefreshChain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		signUp(t, s, "1", "a@example.org")
		granted := session("1", 7, "r")
		mustCommit(t, s, state.Batch{Run: "r", Account: "1", Session: granted})
		if _, err := s.write.exec(t.Context(), `UPDATE sessions SET refresh_token = $1, refresh_used = $2 WHERE id = $3`,
			[]byte("a"), `[{"t":`, 7); err != nil {
			t.Fatal(err)
		}
		f, err := s.RefreshFamily(t.Context(), granted.TokenHash, noon())
		if err == nil || errors.Is(err, state.ErrNotFound) {
			t.Errorf("a damaged chain reads as %+v, %v; want an error of its own", f, err)
		}
	})
}

// The tables of a server that ran before refresh tokens keep their sessions.
func TestSessionsFromBeforeRefreshTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		signUp(t, s, "1", "a@example.org")
		if _, err := s.write.exec(t.Context(), `INSERT INTO sessions (id, account_id, run, token_hash, client, epoch,
			created_at, last_seen, expires_at, ip, user_agent) VALUES (7, 1, 'r', $1, 'app', 0, $2, $2, $3, '', '')`,
			[]byte("old"), micros(noon()), micros(noon().AddDate(0, 0, 1))); err != nil {
			t.Fatal(err)
		}
		f, err := s.RefreshFamily(t.Context(), []byte("old"), noon())
		if err != nil || f.Session != 7 || f.Chain.Current != nil || len(f.Chain.Used) != 0 {
			t.Fatalf("family %+v, %v; want that of session 7 with nothing stored", f, err)
		}
		if err := s.ExchangeRefresh(t.Context(), 7, nil, state.RefreshChain{Current: []byte("b")}, noon()); err != nil {
			t.Errorf("first exchange: %v", err)
		}
	})
}
