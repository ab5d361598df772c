package server

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/wire"
)

// NewAccount is an account that a program makes by its own decision. Only what is given
// is made; an account without a password signs in by what else it has.
type NewAccount struct {
	// ID is one of the program's own, see [state.ParseAccountID]; where it is empty, one is
	// drawn. It must be nobody's yet.
	ID state.AccountID
	// Email and Phone are a mail address and a number in E.164. Username is made of the
	// address where it is empty.
	Email, Phone, Username       string
	EmailVerified, PhoneVerified bool
	// Password is stored as it is, whatever the policy thinks of it.
	Password string
	Disabled bool
	// TOTP makes a secret, RecoveryCodes a set of codes.
	TOTP, RecoveryCodes bool
	// Credentials are WebAuthn credentials, each made by answering creation options.
	Credentials []NewCredential
	// Providers are accounts of third parties, by the id of the provider in the
	// configuration to the id there. Attributes belong to custom stages; those of "profile" are
	// how the person is called and looks, see [state.Profile].
	Providers, Attributes map[string]string
}

// NewCredential is a WebAuthn credential to be made.
type NewCredential struct {
	Name string
	// Passkey asks for one that signs in by itself, not only beside a password.
	Passkey bool
	// Answer turns creation options into a RegistrationResponseJSON (WebAuthn Level 3,
	// section 5.1.8).
	Answer func(options json.RawMessage) (json.RawMessage, error)
}

// AddedAccount is what was made: the account's id, the TOTP secret in base32, and the
// recovery codes.
type AddedAccount struct {
	ID            state.AccountID
	TOTPSecret    string
	RecoveryCodes []string
}

// clean brings what an account is called by into the form the flows give it.
func (n *NewAccount) clean() error {
	for _, x := range []struct {
		what  string
		text  *string
		clean func(string) (string, bool)
	}{
		{"mail address", &n.Email, wire.CleanEmail}, {"phone number", &n.Phone, wire.CleanPhone},
		{"username", &n.Username, wire.CleanUsername},
	} {
		if *x.text == "" {
			continue
		}
		cleaned, ok := x.clean(*x.text)
		if !ok {
			return fmt.Errorf("%q is no %s", *x.text, x.what)
		}
		*x.text = cleaned
	}
	if n.ID != "" {
		_, err := state.ParseAccountID(string(n.ID))
		return err
	}
	return nil
}

// AddAccount makes an account past every flow, as an operator or a test does. It sends
// nothing. Errors: [state.ConflictError] for what belongs to somebody already.
func (s *Server) AddAccount(ctx context.Context, n NewAccount) (AddedAccount, error) {
	if err := n.clean(); err != nil {
		return AddedAccount{}, err
	}
	var seed engine.Seed
	if _, err := io.ReadFull(s.options.Rand, seed[:]); err != nil {
		return AddedAccount{}, err
	}
	now := s.options.Now()
	a := state.Account{
		ID: cmp.Or(n.ID, state.AccountID(seed.Account())), Active: !n.Disabled, CreatedAt: now, Phone: n.Phone, PhoneVerified: n.Phone != "" && n.PhoneVerified,
		Attributes: n.Attributes,
	}
	if n.Email != "" {
		a.Emails = []state.Email{{Address: strings.ToLower(n.Email), Verified: n.EmailVerified, Primary: true}}
	}
	for _, provider := range slices.Sorted(maps.Keys(n.Providers)) {
		a.Providers = append(a.Providers, state.ProviderAccount{
			Provider: provider, UID: n.Providers[provider], Display: n.Email, Extra: []byte("{}"), ConnectedAt: now,
		})
	}
	var err error
	if a.Username, err = s.freeUsername(ctx, n); err != nil {
		return AddedAccount{}, err
	}
	if n.Password != "" {
		if a.PasswordHash, err = s.contracts.accounts.Hasher.Hash(ctx, n.Password); err != nil {
			return AddedAccount{}, err
		}
	}
	added, err := s.addFactors(&a, n, seed, now)
	if err != nil {
		return AddedAccount{}, err
	}
	run := base64.RawURLEncoding.EncodeToString(seed.Bytes("run", 16))
	_, err = s.ledger().Commit(ctx, state.Batch{Run: run, Account: a.ID, Now: now, Writes: []state.Write{
		state.CreateAccount{Account: a}, state.Audit{Event: "account_added", Data: json.RawMessage(`{}`)},
	}})
	if err != nil {
		return AddedAccount{}, fmt.Errorf("add an account: %w", s.taken(ctx, &a, err))
	}
	return added, nil
}

// taken names what a conflict is about and the account that has it: an operator adding many
// accounts would have to guess.
func (s *Server) taken(ctx context.Context, a *state.Account, err error) error {
	conflict, is := errors.AsType[*state.ConflictError](err)
	if !is {
		return err
	}
	if conflict.Field == "id" {
		return fmt.Errorf("account %s is there already: %w", a.ID, err)
	}
	what := map[state.Key]string{{Kind: state.KeyUsername, Value: a.Username}: a.Username, {Kind: state.KeyPhone, Value: a.Phone}: a.Phone}
	for _, e := range a.Emails {
		what[state.Key{Kind: state.KeyEmail, Value: e.Address}] = e.Address
	}
	for _, p := range a.Providers {
		what[state.Key{Kind: state.KeyProvider, Value: p.Provider + "\x00" + p.UID}] = p.UID + " of " + p.Provider
	}
	for _, x := range a.Authenticators {
		if len(x.CredentialID) > 0 {
			what[state.Key{Kind: state.KeyCredential, Value: string(x.CredentialID)}] = fmt.Sprintf("%q (id %s)", x.Name, base64.RawURLEncoding.EncodeToString(x.CredentialID))
		}
	}
	for key, shown := range what {
		if key.Kind != conflict.Field {
			continue
		}
		if owner, missing := s.database.Find(ctx, key); missing == nil {
			return fmt.Errorf("%s %s belongs to account %s: %w", key.Kind, shown, owner.ID, err)
		}
	}
	return err
}

// freeUsername is the username asked for, or one made of the address that nobody has.
func (s *Server) freeUsername(ctx context.Context, n NewAccount) (string, error) {
	if n.Username != "" || n.Email == "" {
		return n.Username, nil
	}
	local, _, _ := strings.Cut(strings.ToLower(n.Email), "@")
	for i := 1; ; i++ {
		name := local
		if i > 1 {
			name += strconv.Itoa(i)
		}
		switch _, err := s.database.Find(ctx, state.Key{Kind: state.KeyUsername, Value: name}); {
		case errors.Is(err, state.ErrNotFound):
			return name, nil
		case err != nil:
			return "", err
		}
	}
}

// addFactors gives an account its authenticators.
func (s *Server) addFactors(a *state.Account, n NewAccount, seed engine.Seed, now time.Time) (AddedAccount, error) {
	out, mfa := AddedAccount{ID: a.ID}, s.contracts.accounts.MFA
	if n.TOTP {
		out.TOTPSecret = accounts.TOTPSecret(seed.Bytes("totp secret", 20))
		made, err := mfa.NewTOTP(seed.ID("totp"), out.TOTPSecret, now)
		if err != nil {
			return out, err
		}
		a.Authenticators = append(a.Authenticators, made)
	}
	for i, c := range n.Credentials {
		made, err := s.addCredential(a, c, seed.Bytes("challenge "+strconv.Itoa(i), 32), now)
		if err != nil {
			return out, fmt.Errorf("credential %s: %w", c.Name, err)
		}
		made.ID = seed.ID("credential " + strconv.Itoa(i))
		a.Authenticators = append(a.Authenticators, made)
	}
	if !n.RecoveryCodes {
		return out, nil
	}
	made, err := mfa.NewRecoveryCodes(seed.ID("recovery codes"), seed.Bytes("recovery codes", 32), now)
	if err != nil {
		return out, err
	}
	a.Authenticators = append(a.Authenticators, made)
	out.RecoveryCodes, err = mfa.RecoveryCodes(&made)
	return out, err
}

// addCredential registers a credential in one go.
func (s *Server) addCredential(a *state.Account, c NewCredential, challenge []byte, now time.Time) (state.Authenticator, error) {
	made, err := s.contracts.stages.NewCredential(a, c.Passkey, c.Answer, challenge, now)
	made.Name = c.Name
	return made, err
}
