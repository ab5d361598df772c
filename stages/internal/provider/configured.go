package provider

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// The settings of the kind oauth2. Those that end with _field are paths in the profile, or in a
// row of the list of addresses.
const (
	authorizeURL, tokenURL, profileURL = "authorize_url", "token_url", "profile_url"
	profileMethod, profileRoot         = "profile_method", "profile_root"
	scopeSeparator, usePKCE            = "scope_separator", "pkce"

	usernameField, nameField, givenNameField, familyNameField = "username_field", "name_field", "given_name_field", "family_name_field"
	emailField, emailVerifiedField, pictureField              = "email_field", "email_verified_field", "picture_field"
	phoneField, phoneVerifiedField                            = "phone_field", "phone_verified_field"

	emailsURL, emailsRoot                                   = "emails_url", "emails_root"
	emailsAddressField, emailsPrimaryField, emailsTrueField = "emails_email_field", "emails_primary_field", "emails_verified_field"
)

// configuredSettings are all of them but uid_field, which every kind has.
func configuredSettings() []string {
	return []string{
		authorizeURL, tokenURL, profileURL, profileMethod, profileRoot, scopeSeparator, usePKCE,
		usernameField, nameField, givenNameField, familyNameField, emailField, emailVerifiedField, pictureField, phoneField, phoneVerifiedField,
		emailsURL, emailsRoot, emailsAddressField, emailsPrimaryField, emailsTrueField,
	}
}

// configured is the row that the table would have for a server that the settings describe. What
// they do not name stands where the standard claims do (OpenID Connect Core, section 5.1), but
// that an address or a number is verified is believed only where the settings say who says so.
func (k kind) configured(s map[string]string) kind {
	path := func(setting, usual string) string { return cmp.Or(s[setting], usual) }
	paths := func(setting string) []string {
		if s[setting] == "" {
			return nil
		}
		return []string{s[setting]}
	}
	k.Auth, k.Token, k.Profile, k.Root = s[authorizeURL], s[tokenURL], s[profileURL], s[profileRoot]
	k.ProfilePost, k.Separator, k.NoPKCE = s[profileMethod] == "post", s[scopeSeparator], s[usePKCE] == "false"
	k.Map = fields{
		Username: path(usernameField, "preferred_username"),
		Name:     path(nameField, "name"), Given: path(givenNameField, "given_name"), Family: path(familyNameField, "family_name"),
		Email: path(emailField, "email"), Verified: paths(emailVerifiedField),
		Phone: path(phoneField, "phone_number"), PhoneVerified: paths(phoneVerifiedField),
		Picture: path(pictureField, "picture"), Says: yesAny,
	}
	k.Emails = emailList{
		URL: s[emailsURL], List: s[emailsRoot], Address: path(emailsAddressField, "email"),
		Primary: path(emailsPrimaryField, "primary"), Verified: path(emailsTrueField, "verified"),
		Says: yesAny,
	}
	return k
}

// checkConfigured judges the settings of the kind oauth2.
func checkConfigured(cfg Config) []error {
	var out []error
	wrong := func(setting, what string) { out = append(out, fmt.Errorf("settings.%s: %s", setting, what)) }
	s := cfg.Settings
	for setting, what := range map[string]string{
		authorizeURL: "where browsers are sent", tokenURL: "where codes are exchanged", profileURL: "what says who an access token is of",
		"uid_field": "where in the profile the id stands that is one person's for ever",
	} {
		if s[setting] == "" {
			wrong(setting, "missing: "+what)
		}
	}
	for _, setting := range []string{authorizeURL, tokenURL, profileURL, emailsURL} {
		u, err := url.Parse(s[setting])
		switch {
		case s[setting] == "":
		case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
			wrong(setting, "not an http or https URL")
		case u.User != nil || u.Fragment != "":
			wrong(setting, "not a plain URL: no fragment, no password")
		case u.Scheme == "http" && strings.HasPrefix(s[authorizeURL], "https:"):
			// As a provider's metadata may not lead from https to http.
			wrong(setting, "plain http, though "+authorizeURL+" is https")
		}
	}
	if !slices.Contains([]string{"", "true", "false"}, s[usePKCE]) {
		wrong(usePKCE, "neither true nor false")
	}
	if !slices.Contains([]string{"", "get", "post"}, s[profileMethod]) {
		wrong(profileMethod, "neither get nor post")
	}
	if !slices.Contains([]string{"", " ", ",", ";"}, s[scopeSeparator]) {
		wrong(scopeSeparator, "neither a space nor a comma nor a semicolon")
	}
	for _, setting := range []string{emailsRoot, emailsAddressField, emailsPrimaryField, emailsTrueField} {
		if s[setting] != "" && s[emailsURL] == "" {
			wrong(setting, "there is no "+emailsURL)
		}
	}
	for setting, path := range s {
		isPath := strings.HasSuffix(setting, "_field") && setting != "picture_field" || strings.HasSuffix(setting, "_root")
		if isPath && (strings.HasPrefix(path, "$.") || strings.HasPrefix(path, ".") || strings.HasPrefix(path, "{")) {
			wrong(setting, "not a path: names and indices joined by dots, such as names.first")
		}
	}
	slices.SortFunc(out, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return []error{errors.Join(out...)}
}
