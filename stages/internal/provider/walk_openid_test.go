package provider

import (
	"net/url"
	"slices"
)

// openIDWalks are those of providers with id_tokens. The claims and userinfo are shaped
// as in each provider's documents.
func openIDWalks() []walk {
	return slices.Concat(hostedWalks(), moreWalks(), microsoftWalks(), officeWalks())
}

const openIDScope = "openid profile email"

func bothFlows() []string { return []string{FlowRedirect, FlowToken} }
func oneFlow() []string   { return []string{FlowRedirect} }

func hostedWalks() []walk {
	return []walk{
		{
			kind: "openid_connect", issuer: "https://login.example.com/realm", scope: openIDScope, flows: bothFlows(),
			cfg: Config{ServerURL: "https://login.example.com/realm"}, basic: true,
			meta:   map[string]any{"userinfo_endpoint": "https://login.example.com/userinfo"},
			claims: map[string]any{"sub": "248289761001"},
			apis: map[string]string{"GET https://login.example.com/userinfo": `{"sub": "248289761001", "name": "Jane Doe",
				"given_name": "Jane", "family_name": "Doe", "preferred_username": "j.doe", "email": "JaneDoe@Example.com",
				"email_verified": "true", "phone_number": "+4930123456", "phone_number_verified": true, "picture": "http://example.com/janedoe/me.jpg"}`},
			want: Assertion{
				UID: "248289761001", Display: "JaneDoe@Example.com", Username: "j.doe", Name: "Jane Doe", GivenName: "Jane", FamilyName: "Doe",
				Emails: primary("janedoe@example.com", true), Phone: "+4930123456", PhoneVerified: true,
				Picture: "http://example.com/janedoe/me.jpg",
			},
		},
		{
			// Auth0's issuer ends in a slash, which nobody types.
			kind: "auth0", issuer: "https://acme.eu.auth0.com/", scope: openIDScope, flows: bothFlows(),
			cfg: Config{ServerURL: "https://acme.eu.auth0.com"},
			meta: map[string]any{
				"userinfo_endpoint":                     "https://acme.eu.auth0.com/userinfo",
				"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
			},
			claims: map[string]any{"sub": "auth0|5f7c8ec7c33c6c004bbafe82"},
			apis: map[string]string{"GET https://acme.eu.auth0.com/userinfo": `{"sub": "auth0|5f7c8ec7c33c6c004bbafe82",
				"nickname": "j+smith", "name": "j+smith@example.com", "picture": "https://s.gravatar.com/avatar/1.png",
				"updated_at": "2026-01-05T14:19:18.858Z", "email": "j+smith@example.com", "email_verified": true}`},
			want: Assertion{
				UID: "auth0|5f7c8ec7c33c6c004bbafe82", Display: "j+smith@example.com", Username: "j+smith", Name: "j+smith@example.com",
				Emails: primary("j+smith@example.com", true), Picture: "https://s.gravatar.com/avatar/1.png",
			},
		},
		{
			kind: "okta", issuer: "https://acme.okta.com", scope: openIDScope, flows: bothFlows(),
			cfg: Config{ServerURL: "https://acme.okta.com/.well-known/openid-configuration", TokenAuthMethod: "client_secret_post"},
			meta: map[string]any{
				"userinfo_endpoint":                     "https://acme.okta.com/oauth2/v1/userinfo",
				"token_endpoint_auth_methods_supported": []string{"client_secret_basic"},
			},
			claims: map[string]any{"sub": "00uid4BxXw6I6TV4m0g3"},
			apis: map[string]string{"GET https://acme.okta.com/oauth2/v1/userinfo": `{"sub": "00uid4BxXw6I6TV4m0g3", "name": "John Doe",
				"nickname": "Jimmy", "given_name": "John", "middle_name": "James", "family_name": "Doe", "preferred_username": "john.doe@example.com",
				"email": "john.doe@example.com", "email_verified": true, "zoneinfo": "America/Los_Angeles", "locale": "en-US", "updated_at": 1311280970}`},
			want: Assertion{
				UID: "00uid4BxXw6I6TV4m0g3", Display: "john.doe@example.com", Username: "john.doe@example.com", Name: "John Doe", GivenName: "John", FamilyName: "Doe",
				Emails: primary("john.doe@example.com", true),
			},
		},
	}
}

func moreWalks() []walk {
	return []walk{
		{
			kind: "keycloak", issuer: "https://sso.example.com/realms/acme", scope: openIDScope, flows: bothFlows(),
			cfg:  Config{ServerURL: "https://sso.example.com/realms/acme"},
			meta: map[string]any{"token_endpoint_auth_methods_supported": []string{"private_key_jwt", "client_secret_basic", "client_secret_post"}},
			claims: map[string]any{
				"sub": "f:8d3ad1b3:42", "typ": "ID", "azp": "client", "sid": "b6dd", "email_verified": false,
				"name": "Alice Liddell", "preferred_username": "alice", "given_name": "Alice", "family_name": "Liddell", "email": "alice@example.com",
			},
			want: Assertion{
				UID: "f:8d3ad1b3:42", Display: "alice@example.com", Username: "alice", Name: "Alice Liddell", GivenName: "Alice", FamilyName: "Liddell",
				Emails: primary("alice@example.com", false),
			},
		},
		{
			kind: "google", issuer: "https://accounts.google.com", scope: openIDScope, flows: bothFlows(),
			meta: map[string]any{"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"}},
			claims: map[string]any{
				// Google may leave out the scheme.
				"iss": "accounts.google.com", "azp": "client", "sub": "10769150350006150715113082367", "hd": "example.com",
				"email": "jsmith@example.com", "email_verified": true, "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q", "name": "J Smith",
				"given_name": "J", "family_name": "Smith", "picture": "https://lh3.googleusercontent.com/a/x",
			},
			want: Assertion{
				UID: "10769150350006150715113082367", Display: "jsmith@example.com", Name: "J Smith", GivenName: "J", FamilyName: "Smith",
				Emails: primary("jsmith@example.com", true), Picture: "https://lh3.googleusercontent.com/a/x",
			},
		},
		{
			kind: "apple", issuer: "https://appleid.apple.com", scope: "name email", flows: bothFlows(),
			meta: map[string]any{
				"token_endpoint_auth_methods_supported": []string{"client_secret_post"}, "code_challenge_methods_supported": nil,
			},
			params: url.Values{"response_mode": {"form_post"}},
			claims: map[string]any{
				"sub": "001999.7ed6bd8b0cf24fe7a95ac14b4b3b1a0c.1017", "at_hash": "-g0Ck", "email": "qh4q9@privaterelay.appleid.com",
				"email_verified": "true", "is_private_email": "true", "auth_time": noon().Unix(), "nonce_supported": true,
			},
			// What comes through the browser may say any address.
			form: url.Values{"user": {`{"name": {"firstName": "Johnny", "lastName": "Appleseed"}, "email": "somebody@else.example.com"}`}},
			want: Assertion{
				UID: "001999.7ed6bd8b0cf24fe7a95ac14b4b3b1a0c.1017", Display: "qh4q9@privaterelay.appleid.com", GivenName: "Johnny", FamilyName: "Appleseed",
				Emails: primary("qh4q9@privaterelay.appleid.com", true), AuthTime: noon().Unix(),
			},
		},
	}
}

func microsoftWalks() []walk {
	return []walk{
		{
			kind: "microsoft", issuer: "https://login.microsoftonline.com/common/v2.0", scope: "openid profile User.Read email", flows: oneFlow(),
			meta: map[string]any{
				"issuer":                                "https://login.microsoftonline.com/{tenantid}/v2.0",
				"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
				"code_challenge_methods_supported":      nil,
				"userinfo_endpoint":                     "https://graph.microsoft.com/oidc/userinfo",
			},
			claims: map[string]any{
				"iss": "https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0", "tid": "9122040d-6c67-4c5b-b112-36a304b66dad",
				"ver": "2.0", "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "oid": "00000000-0000-0000-66f3-3332eca7ea81",
				"email": "abeli@microsoft.com", "preferred_username": "abeli@microsoft.com", "email_verified": true,
			},
			apis: map[string]string{"GET https://graph.microsoft.com/v1.0/me": `{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/$entity",
				"displayName": "Abe Lincoln", "givenName": "Abe", "id": "87d349ed-44d7-43e1-9a83-5f2406dee5bd", "mail": "AbeLi@contoso.com",
				"mailNickname": "abeli", "surname": "Lincoln", "userPrincipalName": "abeli@contoso.onmicrosoft.com", "preferredLanguage": null}`},
			want: Assertion{
				UID: "87d349ed-44d7-43e1-9a83-5f2406dee5bd", Display: "AbeLi@contoso.com", Username: "abeli", Name: "Abe Lincoln", GivenName: "Abe", FamilyName: "Lincoln",
				Emails: primary("abeli@contoso.com", false),
			},
		},
	}
}

func officeWalks() []walk {
	return []walk{
		{
			kind: "linkedin", issuer: "https://www.linkedin.com/oauth", scope: openIDScope, flows: oneFlow(), noPKCE: true,
			meta: map[string]any{
				"token_endpoint_auth_methods_supported": []string{"client_secret_post"}, "code_challenge_methods_supported": nil,
			},
			claims: map[string]any{
				"sub": "782bbtaQ", "nonce": nil, "name": "John Doe", "given_name": "John", "family_name": "Doe", "locale": "en-US",
				"picture": "https://media.licdn-ei.com/1", "email": "doe@email.com", "email_verified": "true",
			},
			want: Assertion{
				UID: "782bbtaQ", Display: "doe@email.com", Name: "John Doe", GivenName: "John", FamilyName: "Doe", Emails: primary("doe@email.com", true),
				Picture: "https://media.licdn-ei.com/1",
			},
		},
		{
			kind: "slack", issuer: "https://slack.com", scope: openIDScope, flows: oneFlow(),
			meta:   map[string]any{"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"}},
			answer: `{"ok": true, "access_token": "SlAV32hkKG", "token_type": "Bearer", "id_token": "%ID%"}`,
			claims: map[string]any{
				"sub": "U0R7MFMJM", "at_hash": "hsZEMQ", "email": "krane@slack-corp.com", "email_verified": true, "name": "krane",
				"given_name": "Bront", "family_name": "Labradoodle", "https://slack.com/team_id": "T0R7GR", "https://slack.com/user_id": "U0R7MFMJM",
			},
			want: Assertion{
				UID: "T0R7GR_U0R7MFMJM", Display: "krane@slack-corp.com", Name: "krane", GivenName: "Bront", FamilyName: "Labradoodle", Emails: primary("krane@slack-corp.com", true),
			},
		},
		{
			kind: "yahoo", issuer: "https://api.login.yahoo.com", scope: openIDScope, flows: oneFlow(),
			meta: map[string]any{
				"userinfo_endpoint":                     "https://api.login.yahoo.com/openid/v1/userinfo",
				"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
			},
			claims: map[string]any{"sub": "FSVIDUW3D7FSVIDUW3D72F2F", "at_hash": "x"},
			apis: map[string]string{"GET https://api.login.yahoo.com/openid/v1/userinfo": `{"sub": "FSVIDUW3D7FSVIDUW3D72F2F", "name": "Jane Doe",
				"given_name": "Jane", "family_name": "Doe", "preferred_username": "j.doe", "email": "janedoe@example.com", "email_verified": true, "locale": "en-US"}`},
			want: Assertion{
				UID: "FSVIDUW3D7FSVIDUW3D72F2F", Display: "janedoe@example.com", Username: "j.doe", Name: "Jane Doe", GivenName: "Jane", FamilyName: "Doe",
				Emails: primary("janedoe@example.com", true),
			},
		},
		{
			kind: "salesforce", issuer: "https://login.salesforce.com", scope: "openid id email", flows: oneFlow(),
			meta: map[string]any{
				"userinfo_endpoint":                     "https://login.salesforce.com/services/oauth2/userinfo",
				"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic", "private_key_jwt"},
			},
			claims: map[string]any{"sub": "https://login.salesforce.com/id/00Dx0000001T0zk/005x0000001S2b9"},
			apis: map[string]string{"GET https://login.salesforce.com/services/oauth2/userinfo": `{
				"sub": "https://login.salesforce.com/id/00Dx0000001T0zk/005x0000001S2b9", "user_id": "005x0000001S2b9", "organization_id": "00Dx0000001T0zk",
				"preferred_username": "admin@example.com.dev", "nickname": "admin", "name": "Pat Patterson", "email": "ppatterson@salesforce.com",
				"email_verified": true, "given_name": "Pat", "family_name": "Patterson", "zoneinfo": "America/Los_Angeles",
				"phone_number": "+1 555 0100", "phone_number_verified": false, "active": true, "is_app_installed": true}`},
			want: Assertion{
				UID: "005x0000001S2b9", Display: "ppatterson@salesforce.com", Username: "admin@example.com.dev", Name: "Pat Patterson", GivenName: "Pat", FamilyName: "Patterson",
				Emails: primary("ppatterson@salesforce.com", true), Phone: "+1 555 0100",
			},
		},
	}
}
