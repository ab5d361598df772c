package provider

import "strings"

// displayIn is a name to show for the account that a profile is of, or "": what tells it from
// others, in the order in which django-allauth looks. preferred_username is not among it: it
// need not be unique (OpenID Connect Core, section 5.7).
func displayIn(profile object) string {
	first := func(names ...string) string {
		for _, name := range names {
			if text, _ := profile[name].(string); tidy(text) != "" {
				return tidy(text)
			}
		}
		return ""
	}
	name := first(
		"username", "userName", "user_name", "login", "handle",
		"email", "Email", "mail", "email_address",
		"name", "display_name", "displayName", "displayname", "Display_Name", "nickname",
		"full_name", "fullName",
	)
	if name != "" {
		return name
	}
	given := first("first_name", "firstname", "firstName", "First_Name", "given_name", "givenName")
	family := first("last_name", "lastname", "lastName", "Last_Name", "family_name", "familyName", "surname")
	return strings.TrimSpace(given + " " + family)
}

// displayOf is a name to show for an account whose profile has none under its usual names,
// or "". hint is a username that need not be unique.
func displayOf(a Assertion, hint string) string {
	switch {
	case a.Username != "" && a.Username != hint:
		return a.Username
	case len(a.Emails) > 0:
		return a.Emails[0].Address
	case a.Name != "":
		return a.Name
	}
	return strings.TrimSpace(a.GivenName + " " + a.FamilyName)
}
