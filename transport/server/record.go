package server

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"time"

	"stagedoor/stages"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/record"
	"stagedoor/transport/internal/rest"
)

// saveEvery is how soon a recorded story is in its folder.
const saveEvery = 2 * time.Second

// recording reports whether what goes through the server is recorded.
func recording(c config.Config) bool { return c.Record.Enabled || c.Record.Dir != "" || c.Dev.Enabled }

// newRecorder makes what records, nil where nothing is to be recorded. From here on it
// sees which messages are stored.
func (s *Server) newRecorder() (*record.Recorder, error) {
	if !recording(s.config) {
		return nil, nil
	}
	r, err := record.New(record.Config{
		Flows: s.flows, Accounts: s.database, Now: s.options.Now, Rand: s.options.Rand, Mount: s.config.Headless.Mount, Rest: rest.Mount,
		Network: network(s.config), TrustCookie: s.config.MFA.TrustCookieName, TOTPDigits: s.config.MFA.TOTPDigits, Settings: recordedSettings(s.config),
		Passwordless: stages.Passwordless,
	})
	if err != nil {
		return nil, err
	}
	s.database.Ledger = r.Ledger(s.database.Ledger)
	return r, nil
}

// recorded puts the recorder before a handler.
func (s *Server) recorded(next http.Handler) http.Handler {
	if s.recorder == nil {
		return next
	}
	return s.recorder.Handler(next)
}

// save writes recorded stories into their folder, until the context ends.
func (s *Server) save(ctx context.Context) error {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for {
		var over error
		select {
		case <-ctx.Done():
			over = ctx.Err()
		case <-tick.C:
		}
		if err := s.recorder.Save(s.config.Record.Dir); err != nil {
			s.options.Log.Warn("recorded stories could not be written", slog.String("error", err.Error()))
		}
		if over != nil {
			return over
		}
	}
}

// recordedSettings are what this configuration has otherwise than the defaults, as far as
// it bears on what a story tells: no secret, no key and no place of this server's own.
func recordedSettings(c config.Config) map[string]any {
	mine, plain := c.Settings(), config.Default().Settings()
	out := make(map[string]any)
	for section, leftOut := range map[string][]string{
		"account": nil, "usersessions": nil, "serve": nil,
		"socialaccount": {"providers", "requests_timeout"},
		"mfa":           {"webauthn_rp_id", "webauthn_rp_name", "webauthn_origins", "webauthn_allow_insecure_origin", "totp_issuer"},
		"headless":      {"frontend_urls", "jwt_private_key", "jwt_previous_key_files", "serve_specification", "clients", "mount"},
		"rest":          {"redirect_uris"},
		"session":       {"cookie_domain", "device_bound_initiators"},
	} {
		if differs := otherwise(mine[section], plain[section], leftOut); len(differs) > 0 {
			out[section] = differs
		}
	}
	if providers := recordedProviders(c); len(providers) > 0 {
		section, _ := out["socialaccount"].(map[string]any)
		out["socialaccount"] = joined(section, map[string]any{"providers": providers})
	}
	if c.BindsBrowsers() { // which do so over https alone
		out["public_url"] = "https://recorded.example"
		section, _ := out["mfa"].(map[string]any)
		out["mfa"] = joined(section, map[string]any{"webauthn_allow_insecure_origin": false})
	}
	return out
}

// otherwise are the keys of a section that have another value.
func otherwise(mine, plain any, leftOut []string) map[string]any {
	out := make(map[string]any)
	section, _ := mine.(map[string]any)
	defaults, _ := plain.(map[string]any)
	for key, value := range section {
		if !slices.Contains(leftOut, key) && !reflect.DeepEqual(value, defaults[key]) {
			out[key] = value
		}
	}
	return out
}

func joined(a, b map[string]any) map[string]any {
	out := maps.Clone(b)
	maps.Copy(out, a)
	return out
}

// recordedProviders are the third parties, each as the one that there is in a test.
func recordedProviders(c config.Config) []any {
	var out []any
	for _, p := range c.SocialAccount.Providers {
		out = append(out, map[string]any{
			"id": p.Key(), "provider": "openid_connect", "name": "Mock", "client_id": "client", "secret": "secret",
			"server_url": "http://127.0.0.1:2590", "email_authentication": p.EmailAuthentication, "verified_email": p.VerifiedEmail,
		})
	}
	return out
}
