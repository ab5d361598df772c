package server

import (
	"context"
	"errors"
	"fmt"
	"io"

	"stagedoor/state"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
)

// keyring is made of the configured secrets, or of the one that the data directory keeps.
func keyring(c config.Config, random io.Reader) (*state.Keyring, error) {
	secret, err := c.ServerKey(random)
	if err != nil {
		return nil, err
	}
	secrets := [][]byte{[]byte(secret.Reveal())}
	if c.SecretKeyFallback != "" {
		secrets = append(secrets, []byte(c.SecretKeyFallback.Reveal()))
	}
	keys, err := state.NewKeyring(random, secrets...)
	if err != nil {
		return nil, fmt.Errorf("secret_key: %w", err)
	}
	return keys, nil
}

// knowSecret refuses a server whose secret key is another than that of the others with this
// database: each would give out tokens, codes and authenticators that the others cannot open.
func (s *Server) knowSecret(ctx context.Context, db *stores.SQL, keys *state.Keyring) error {
	prints := keys.Fingerprints()
	err := db.KnowSecret(ctx, prints[0], prints[1:], s.options.Now())
	if !errors.Is(err, stores.ErrOtherSecret) {
		return err
	}
	where := "give every server the same one"
	if s.config.SecretKey == "" {
		where = "put the file secret_key back into " + s.config.DataDir
	}
	return fmt.Errorf("secret_key: %w; %s, or name the other one as secret_key_fallback to change it; "+
		"where that is lost, stagedoor secret accept ends what was made with it: sessions, codes, authenticator apps", err, where)
}

// AcceptSecret makes the configured secret key the only one that servers with the configured
// database may have, and returns its fingerprint. What was made with another one is lost:
// sessions, codes and authenticator apps. Of the options Log, Now and Rand count.
func AcceptSecret(ctx context.Context, c config.Config, o Options) (string, error) {
	o.setDefaults()
	keys, err := keyring(c, o.Rand)
	if err != nil {
		return "", err
	}
	db, err := existingDatabase(ctx, c, keys, o.Log)
	if err != nil {
		return "", err
	}
	print := keys.Fingerprints()[0]
	return print, errors.Join(db.AcceptSecret(ctx, print, o.Now()), db.Close())
}
