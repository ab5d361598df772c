package provider

import "net/url"

func workshopWalks() []walk {
	return []walk{
		{
			kind: "notion", auth: "https://api.notion.com/v1/oauth/authorize", token: "https://api.notion.com/v1/oauth/token", noPKCE: true, basic: true, json: true,
			params: url.Values{"owner": {"user"}},
			answer: `{"access_token": "SlAV32hkKG", "token_type": "bearer", "refresh_token": "nrt_1", "bot_id": "b3414d65", "workspace_icon": "https://website.domain/1.png",
				"workspace_id": "e2b0fd61-0d4f-4d2a-8d53-2c4fca8e7d3e", "workspace_name": "Acme", "duplicated_template_id": null, "request_id": "b7a6",
				"owner": {"type": "user", "user": {"object": "user", "id": "5389a034-eb5c-47b5-8a9e-f79c99ef166c", "name": "Ada King", "avatar_url": "https://s3.notion.example.com/1.jpg",
				"type": "person", "person": {"email": "ada@example.com"}}}}`,
			want: Assertion{
				UID: "user-5389a034-eb5c-47b5-8a9e-f79c99ef166c_workspace-e2b0fd61-0d4f-4d2a-8d53-2c4fca8e7d3e", Picture: "https://s3.notion.example.com/1.jpg",
				Display: "ada@example.com", Name: "Ada King", Emails: primary("ada@example.com", false),
			},
			flows: oneFlow(),
		},
		{
			kind: "figma", auth: "https://www.figma.com/oauth", token: "https://api.figma.com/v1/oauth/token", basic: true, scope: "current_user:read",
			answer: `{"user_id_string": "1001", "access_token": "SlAV32hkKG", "token_type": "bearer", "expires_in": 7776000, "refresh_token": "r"}`,
			apis:   map[string]string{"GET https://api.figma.com/v1/me": `{"id": "1001", "email": "ada@example.com", "handle": "Ada King", "img_url": "https://www.figma.com/1"}`},
			want:   Assertion{UID: "1001", Picture: "https://www.figma.com/1", Display: "Ada King", Name: "Ada King", Emails: primary("ada@example.com", false)},
		},
		{
			kind: "atlassian", auth: "https://auth.atlassian.com/authorize", token: "https://auth.atlassian.com/oauth/token", noPKCE: true, scope: "read:me",
			params: url.Values{"audience": {"api.atlassian.com"}, "prompt": {"consent"}},
			answer: `{"access_token": "SlAV32hkKG", "expires_in": 3600, "scope": "read:me", "token_type": "Bearer"}`,
			apis: map[string]string{"GET https://api.atlassian.com/me": `{"account_type": "atlassian", "account_id": "112233aa-bb11-cc22-33dd-445566abcabc",
				"email": "mia@example.com", "name": "Mia Krystof", "picture": "https://avatar-management.services.atlassian.com/1", "account_status": "active",
				"nickname": "mkrystof", "zoneinfo": "Australia/Sydney", "locale": "en-US"}`},
			want: Assertion{
				UID: "112233aa-bb11-cc22-33dd-445566abcabc", Picture: "https://avatar-management.services.atlassian.com/1", Display: "mia@example.com", Username: "mkrystof", Name: "Mia Krystof", Emails: primary("mia@example.com", false),
			},
		},
		{
			kind: "gitea", cfg: Config{ServerURL: "https://git.example.com/"},
			auth: "https://git.example.com/login/oauth/authorize", token: "https://git.example.com/login/oauth/access_token", scope: "read:user",
			answer: `{"access_token": "SlAV32hkKG", "token_type": "bearer", "expires_in": 3600, "refresh_token": "r"}`,
			apis: map[string]string{
				"GET https://git.example.com/api/v1/user": `{"id": 1, "login": "gitea", "login_name": "", "source_id": 0, "full_name": "Tea Git", "email": "gitea@noreply.example.com",
					"avatar_url": "https://git.example.com/avatars/1", "is_admin": false, "active": true, "username": "gitea"}`,
				"GET https://git.example.com/api/v1/user/emails": `[{"email": "tea@example.com", "verified": true, "primary": true, "user_id": 1, "username": "gitea"}]`,
			},
			want: Assertion{UID: "1", Picture: "https://git.example.com/avatars/1", Display: "gitea", Username: "gitea", Name: "Tea Git", Emails: []Email{
				{Address: "tea@example.com", Verified: true, Primary: true}, {Address: "gitea@noreply.example.com"},
			}},
		},
		{
			kind: "nextcloud", cfg: Config{ServerURL: "https://cloud.example.com/nextcloud"},
			auth: "https://cloud.example.com/nextcloud/index.php/apps/oauth2/authorize", token: "https://cloud.example.com/nextcloud/index.php/apps/oauth2/api/v1/token",
			answer: `{"access_token": "SlAV32hkKG", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r", "user_id": "ada"}`,
			asked:  map[string]string{"GET https://cloud.example.com/nextcloud/ocs/v2.php/cloud/user": "?format=json "},
			apis: map[string]string{"GET https://cloud.example.com/nextcloud/ocs/v2.php/cloud/user": `{"ocs": {"meta": {"status": "ok", "statuscode": 200, "message": "OK"},
				"data": {"enabled": true, "id": "ada", "email": "ada@example.com", "displayname": "Ada King", "display-name": "Ada King", "phone": "", "groups": ["staff"]}}}`},
			want: Assertion{UID: "ada", Display: "ada@example.com", Username: "ada", Name: "Ada King", Emails: primary("ada@example.com", false)},
		},
		{
			kind: "digitalocean", auth: "https://cloud.digitalocean.com/v1/oauth/authorize", token: "https://cloud.digitalocean.com/v1/oauth/token", scope: "account:read",
			answer: `{"access_token": "SlAV32hkKG", "token_type": "bearer", "expires_in": 2592000, "refresh_token": "r", "scope": "account:read",
				"info": {"name": "Sammy the Shark", "email": "sammy@digitalocean.com", "uuid": "e028b1b918853eca7fba208a9d7e9d29a6e93c57"}}`,
			apis: map[string]string{"GET https://api.digitalocean.com/v2/account": `{"account": {"droplet_limit": 25, "floating_ip_limit": 5,
				"email": "sammy@digitalocean.com", "name": "Sammy the Shark", "uuid": "b6fr89dbf6d9156cace5f3c78dc9851d957381ef", "email_verified": true,
				"status": "active", "status_message": " "}}`},
			want: Assertion{
				UID: "b6fr89dbf6d9156cace5f3c78dc9851d957381ef", Display: "sammy@digitalocean.com", Name: "Sammy the Shark", Emails: primary("sammy@digitalocean.com", true),
			},
		},
	}
}

func tradeWalks() []walk {
	return []walk{
		{
			kind: "stripe", auth: "https://connect.stripe.com/oauth/authorize", token: "https://connect.stripe.com/oauth/token", noPKCE: true, scope: "read_only",
			answer: `{"access_token": "SlAV32hkKG", "livemode": false, "refresh_token": "rt_1", "token_type": "bearer", "stripe_publishable_key": "pk_1",
				"stripe_user_id": "acct_1032D82eZvKYlo2C", "scope": "read_only"}`,
			apis: map[string]string{"GET https://api.stripe.com/v1/accounts/acct_1032D82eZvKYlo2C": `{"id": "acct_1032D82eZvKYlo2C", "object": "account",
				"business_type": null, "country": "US", "email": "site@stripe.com", "settings": {"dashboard": {"display_name": "Stripe.com", "timezone": "US/Pacific"}}}`},
			want: Assertion{UID: "acct_1032D82eZvKYlo2C", Display: "site@stripe.com", Name: "Stripe.com", Emails: primary("site@stripe.com", false)},
		},
		{
			kind: "paypal", cfg: Config{Settings: map[string]string{"host": "sandbox.paypal.com"}},
			auth: "https://www.sandbox.paypal.com/signin/authorize", token: "https://api-m.sandbox.paypal.com/v1/oauth2/token", basic: true, noPKCE: true,
			scope: openIDScope, params: url.Values{"flowEntry": {"static"}},
			answer: `{"scope": "openid profile email", "access_token": "SlAV32hkKG", "token_type": "Bearer", "expires_in": 28800, "refresh_token": "r", "nonce": "n"}`,
			asked:  map[string]string{"GET https://api-m.sandbox.paypal.com/v1/identity/openidconnect/userinfo": "?schema=openid "},
			apis: map[string]string{"GET https://api-m.sandbox.paypal.com/v1/identity/openidconnect/userinfo": `{
				"user_id": "https://www.paypal.com/webapps/auth/identity/user/mWq6_1sU85v5EG9yHdPxJRrhGHrnMJ-1PQKtX6pcsmA",
				"sub": "https://www.paypal.com/webapps/auth/identity/user/mWq6_1sU85v5EG9yHdPxJRrhGHrnMJ-1PQKtX6pcsmA",
				"name": "identity test", "given_name": "identity", "family_name": "test", "email": "user1@example.com", "email_verified": "true"}`},
			want: Assertion{
				UID:     "https://www.paypal.com/webapps/auth/identity/user/mWq6_1sU85v5EG9yHdPxJRrhGHrnMJ-1PQKtX6pcsmA",
				Display: "user1@example.com", Name: "identity test", GivenName: "identity", FamilyName: "test", Emails: primary("user1@example.com", true),
			},
		},
		{
			kind: "hubspot", auth: "https://app.hubspot.com/oauth/authorize", token: "https://api.hubapi.com/oauth/2026-03/token", scope: "oauth",
			answer: `{"access_token": "SlAV32hkKG", "expires_in": 1800, "refresh_token": "r", "token_type": "bearer", "token_use": "access_token", "hub_id": 1234567, "user_id": 293199}`,
			access: "-",
			asked: map[string]string{
				"POST https://api.hubapi.com/oauth/2026-03/token/introspect": "? client_id=client&client_secret=secret&token=SlAV32hkKG&token_type_hint=access_token",
			},
			apis: map[string]string{"POST https://api.hubapi.com/oauth/2026-03/token/introspect": `{"active": true, "token_use": "access_token", "token_type": "bearer",
				"token": "SlAV32hkKG", "client_id": "client", "app_id": 123456, "hub_id": 1234567, "hub_domain": "meowmix.com", "user_id": 293199,
				"user": "user@meowmix.com", "expires_in": 1754, "scopes": ["oauth"], "is_private_distribution": false, "signed_access_token": {"userId": 293199}}`},
			want: Assertion{UID: "293199", Display: "user@meowmix.com", Emails: primary("user@meowmix.com", false)},
		},
	}
}
