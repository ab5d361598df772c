package provider

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// overridable are the members of metadata that a configuration can replace.
func overridable() []string {
	return []string{
		"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "pushed_authorization_request_endpoint",
		"end_session_endpoint",
	}
}

// overridden is metadata with what the configuration says instead.
func (p *Provider) overridden(m metadata) metadata {
	for name, to := range map[string]*string{
		"issuer": &m.Issuer, "authorization_endpoint": &m.Auth, "token_endpoint": &m.Token, "jwks_uri": &m.Keys,
		"userinfo_endpoint": &m.UserInfo, "pushed_authorization_request_endpoint": &m.Push,
		"end_session_endpoint": &m.EndSession,
	} {
		*to = cmp.Or(p.overrides[name], *to)
	}
	return m
}

// overridesAll tells whether the configuration says all that metadata must: then none is asked for.
func (p *Provider) overridesAll() bool {
	for _, name := range overridable()[:3] {
		if p.overrides[name] == "" {
			return false
		}
	}
	return p.overrides["jwks_uri"] != "" || p.idAlgs.secret()
}

// checkOverrides judges what is to stand in place of metadata.
func checkOverrides(cfg Config, k kind) []error {
	var out []error
	if len(cfg.Overrides) > 0 && !k.openID() {
		return []error{fmt.Errorf("openid_configuration_overrides: %s has no metadata", k.ID)}
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Overrides)) {
		value := cfg.Overrides[name]
		u, err := url.Parse(value)
		switch {
		case !slices.Contains(overridable(), name):
			out = append(out, fmt.Errorf("openid_configuration_overrides: %s cannot be replaced: it may have %s", clip(name), strings.Join(overridable(), ", ")))
		case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Fragment != "":
			out = append(out, fmt.Errorf("openid_configuration_overrides.%s: %s is not an http or https URL", name, clip(value)))
		}
	}
	return out
}
