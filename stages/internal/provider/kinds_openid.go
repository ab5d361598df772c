package provider

import "slices"

// claims are the standard claims (OpenID Connect Core, section 5.1).
func claims(says truth) fields {
	return fields{
		UID:      []string{"sub"},
		Username: "preferred_username",
		Name:     "name", Given: "given_name", Family: "family_name",
		Email: "email", Verified: []string{"email_verified"},
		Phone: "phone_number", PhoneVerified: []string{"phone_number_verified"},
		Says: says, Picture: "picture",
	}
}

// from is the same fields with other paths of the UID.
func (f fields) from(uid ...string) fields {
	f.UID = uid
	return f
}

// profileScope and emailScope are the standard scopes (OpenID Connect Core, section 5.4).
func profileScope() []string { return []string{"openid", "profile"} }
func emailScope() []string   { return []string{"email"} }

// openIDKinds are the providers that speak OpenID Connect. UIDs are what django-allauth
// takes, so that accounts that were connected there stay connected.
func openIDKinds() []kind {
	return slices.Concat(hostedKinds(), deviceKinds(), officeKinds(), idKinds())
}

// hostedKinds are servers that anybody can run, or rent.
func hostedKinds() []kind {
	return []kind{
		{
			ID: "openid_connect", Name: "OpenID Connect", Hosted: selfHosted, Issuer: "{base}",
			Scope: profileScope(), EmailScope: emailScope(), UserInfo: true, Tokens: true, Announced: true,
			// Amazon Cognito says "true" as text.
			Map: claims(yesText),
		},
		{
			ID: "auth0", Name: "Auth0", Hosted: selfHosted, Issuer: "{base}",
			Scope: profileScope(), EmailScope: emailScope(), UserInfo: true, Tokens: true, Announced: true,
			Map: func() fields { f := claims(yes); f.Username = "nickname"; return f }(),
		},
		{
			ID: "okta", Name: "Okta", Hosted: selfHosted, Issuer: "{base}",
			Scope: profileScope(), EmailScope: emailScope(), UserInfo: true, Tokens: true, Announced: true,
			Map: claims(yes),
		},
		{
			ID: "keycloak", Name: "Keycloak", Hosted: selfHosted, Issuer: "{base}",
			Scope: profileScope(), EmailScope: emailScope(), UserInfo: true, Tokens: true, Announced: true,
			Map: claims(yes),
		},
	}
}

// deviceKinds come with a telephone.
func deviceKinds() []kind {
	return []kind{
		{
			ID: "google", Name: "Google", Source: "https://developers.google.com/identity/openid-connect/reference, 2026-11-30", Issuer: "https://accounts.google.com",
			Scope: profileScope(), EmailScope: emailScope(), Tokens: true, Map: claims(yes),
		},
		{
			// Sign in with Apple: the answer is a form post from Apple's site, booleans may
			// be text, and the name comes beside the code, at the first time only.
			ID: "apple", Name: "Apple", Issuer: "https://appleid.apple.com", special: isApple,
			Settings: []string{"team_id", "key_id", "private_key"},
			Scope:    []string{"name"}, EmailScope: emailScope(),
			AuthParams: map[string]string{"response_mode": "form_post"},
			Tokens:     true, Map: claims(yesText),
		},
	}
}

// officeKinds are where people work, and Yahoo.
func officeKinds() []kind {
	return []kind{
		{
			// The UID is Microsoft Graph's. Addresses are whatever a tenant's administrator
			// typed, so they are never verified; who has no mailbox there has a sign-in name.
			ID: "microsoft", Name: "Microsoft", Hosted: mayMove, Issuer: "{base}/{tenant}/v2.0", Tenants: true,
			Vars: map[string]string{
				"base": "https://login.microsoftonline.com", "tenant": "common", "graph": "https://graph.microsoft.com",
			},
			Scope: []string{"openid", "profile", "User.Read"}, EmailScope: emailScope(),
			Profile: "{graph}/v1.0/me?$select=id,displayName,givenName,surname,mail,mailNickname,userPrincipalName,preferredLanguage",
			Map: fields{
				UID: []string{"id"}, Username: "mailNickname", Name: "displayName", Given: "givenName", Family: "surname",
				Email: "mail", SignInName: "userPrincipalName",
			},
		},
		{
			// LinkedIn answers invalid_client to a code_verifier and forgets the nonce.
			ID: "linkedin", Aliases: []string{"linkedin_oauth2"}, Name: "LinkedIn", Issuer: "https://www.linkedin.com/oauth",
			Scope: profileScope(), EmailScope: emailScope(), NoPKCE: true, NoNonce: true, Map: claims(yesText),
		},
		{
			// Somebody's sub may be the same in two workspaces.
			ID: "slack", Name: "Slack", Issuer: "https://slack.com",
			Scope: profileScope(), EmailScope: emailScope(),
			Map: claims(yes).from("https://slack.com/team_id", "https://slack.com/user_id"),
		},
		{
			ID: "yahoo", Name: "Yahoo", Issuer: "https://api.login.yahoo.com",
			Scope: profileScope(), EmailScope: emailScope(), UserInfo: true, Map: claims(yes),
		},
		{
			ID: "salesforce", Name: "Salesforce", Hosted: mayMove, Issuer: "{base}",
			Vars:  map[string]string{"base": "https://login.salesforce.com"},
			Scope: []string{"openid", "id"}, EmailScope: emailScope(), UserInfo: true,
			Map: claims(yes).from("user_id"),
		},
	}
}

// idKinds are accounts that are made to be shown elsewhere.
func idKinds() []kind {
	return []kind{
		{
			// The issuer is https://cognito-idp.REGION.amazonaws.com/POOL. Booleans may be text.
			ID: "amazon_cognito", Aliases: []string{"cognito"}, Name: "Amazon Cognito", Hosted: selfHosted, Issuer: "{base}",
			Source: "https://docs.aws.amazon.com/cognito/latest/developerguide/userinfo-endpoint.html, 2026-11-30",
			Scope:  profileScope(), EmailScope: emailScope(), UserInfo: true, Tokens: true, Map: claims(yesText),
		},
		{
			// The sub is the ORCID iD. ORCID tells no address here; openid is all that it has.
			ID: "orcid", Name: "ORCID", Hosted: mayMove, Issuer: "{base}", Vars: map[string]string{"base": "https://orcid.org"},
			Source: "https://github.com/ORCID/ORCID-Source/blob/main/orcid-web/ORCID_AUTH_WITH_OPENID_CONNECT.md, 2026-11-30",
			Scope:  []string{"openid"}, Map: claims(yes),
		},
		{
			// The sub is for OpenID Connect alone; id is the number that Telegram has for everything else.
			ID: "telegram", Name: "Telegram", Issuer: "https://oauth.telegram.org",
			Source: "https://core.telegram.org/bots/telegram-login, 2026-11-30",
			Scope:  profileScope(), Map: claims(yes).from("id"),
		},
	}
}
