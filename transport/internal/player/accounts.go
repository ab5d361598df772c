package player

import (
	"context"
	"encoding/json"
	"fmt"
)

// makeAccounts makes the accounts that exist before the story. The second one's variables are
// email2, password2, secret2 and so on.
func (p *play) makeAccounts(ctx context.Context) error {
	if len(p.story.Accounts) == 0 {
		return nil
	}
	if p.world.Add == nil {
		return fmt.Errorf("%w: accounts cannot be given to a server behind an address", ErrSkip)
	}
	for i, spec := range p.story.Accounts {
		suffix := ""
		if i > 0 {
			suffix = itoa(i + 1)
		}
		a, err := p.account(spec, suffix)
		if err != nil {
			return fmt.Errorf("given, account %d: %w", i+1, err)
		}
		made, err := p.world.Add(ctx, a)
		if err != nil {
			return fmt.Errorf("given, account %d: %w", i+1, err)
		}
		p.vars["user_id"+suffix] = made.ID
		if made.Secret != "" {
			p.keep("secret"+suffix, made.Secret)
		}
		if len(made.RecoveryCodes) > 0 {
			var codes []any
			for _, code := range made.RecoveryCodes {
				codes = append(codes, code)
			}
			p.vars["recovery_codes"+suffix], p.vars["recovery_code"+suffix] = codes, codes[0]
		}
	}
	return nil
}

// account is an account as the story has it, with what it leaves open made up.
func (p *play) account(spec AccountSpec, suffix string) (Account, error) {
	a := Account{
		EmailVerified: spec.Verified == nil || *spec.Verified, PhoneVerified: spec.PhoneVerified == nil || *spec.PhoneVerified,
		Disabled: spec.Disabled, TOTP: spec.TOTP, RecoveryCodes: spec.RecoveryCodes, Attributes: spec.Attributes, Providers: map[string]string{},
	}
	c := p.client("")
	for _, f := range []struct {
		name, said string
		always     bool
		into       *string
	}{
		{"email", spec.Email, true, &a.Email}, {"password", spec.Password, true, &a.Password},
		{"username", spec.Username, false, &a.Username}, {"phone", spec.Phone, false, &a.Phone},
	} {
		said := f.said
		if said == "true" || said == "" && f.always {
			said = "{{" + f.name + suffix + "}}"
		}
		if said == "" || said == "none" {
			continue
		}
		value, err := p.text(said, c)
		if err != nil {
			return a, err
		}
		*f.into = value
		if p.vars[f.name+suffix] != value {
			p.keep(f.name+suffix, value)
		}
	}
	for provider, id := range spec.Provider {
		uid, err := p.text(id, c)
		if err != nil {
			return a, err
		}
		a.Providers[provider] = uid
	}
	for _, key := range []struct {
		name    string
		passkey bool
	}{{spec.Passkey, true}, {spec.SecurityKey, false}} {
		if key.name != "" {
			a.Credentials = append(a.Credentials, Credential{Name: key.name, Passkey: key.passkey, Answer: p.makeKey(key.name)})
		}
	}
	return a, nil
}

// makeKey answers creation options with a new key.
func (p *play) makeKey(name string) func(json.RawMessage) (json.RawMessage, error) {
	return func(options json.RawMessage) (json.RawMessage, error) {
		return p.keys.New(options, name, nil, p.world.Origin)
	}
}
