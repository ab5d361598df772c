package provider

// workshopKinds are where people write, draw and build together.
func workshopKinds() []kind {
	return []kind{
		{
			// The token endpoint takes JSON, with nothing in it that it does not know, and its answer
			// says who it is. Somebody is another person in each workspace.
			ID: "notion", Name: "Notion", Basic: true, NoPKCE: true, Desk: &desk{JSON: true},
			Source: "https://developers.notion.com/reference/create-a-token, 2026-11-30",
			Auth:   "https://api.notion.com/v1/oauth/authorize", Token: "https://api.notion.com/v1/oauth/token",
			AuthParams: map[string]string{"owner": "user"},
			Map: fields{
				UID: []string{"owner.user.id", "workspace_id"}, Shape: "user-{0}_workspace-{1}", Name: "owner.user.name", Email: "owner.user.person.email",
				Picture: "owner.user.avatar_url",
			},
		},
		{
			ID: "figma", Name: "Figma", Basic: true,
			Source: "https://developers.figma.com/docs/rest-api/authentication, 2026-11-30",
			Auth:   "https://www.figma.com/oauth", Token: "https://api.figma.com/v1/oauth/token",
			Scope: []string{"current_user:read"}, Profile: "https://api.figma.com/v1/me",
			Map: fields{UID: []string{"id"}, Name: "handle", Email: "email", Picture: "img_url"},
		},
		{
			ID: "atlassian", Name: "Atlassian", NoPKCE: true,
			Source: "https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/, 2026-11-30",
			Auth:   "https://auth.atlassian.com/authorize", Token: "https://auth.atlassian.com/oauth/token",
			Scope: []string{"read:me"}, AuthParams: map[string]string{"audience": "api.atlassian.com", "prompt": "consent"},
			Profile: "https://api.atlassian.com/me",
			Map:     fields{UID: []string{"account_id"}, Username: "nickname", Name: "name", Email: "email", Picture: "picture"},
		},
		{
			ID: "gitea", Name: "Gitea", Hosted: mayMove, Vars: map[string]string{"base": "https://gitea.com"},
			Source: "https://docs.gitea.com/development/oauth2-provider, 2026-11-30",
			Auth:   "{base}/login/oauth/authorize", Token: "{base}/login/oauth/access_token", Scope: []string{"read:user"}, Profile: "{base}/api/v1/user",
			Emails: emailList{URL: "{base}/api/v1/user/emails", Address: "email", Primary: "primary", Verified: "verified"},
			Map:    fields{UID: []string{"id"}, Username: "login", Name: "full_name", Email: "email", Picture: "avatar_url"},
		},
		{
			// With index.php there is no need to know whether its URLs are pretty.
			ID: "nextcloud", Name: "Nextcloud", Hosted: selfHosted,
			Source: "https://docs.nextcloud.com/server/26/developer_manual/client_apis/OCS/ocs-api-overview.html, 2026-11-30",
			Auth:   "{base}/index.php/apps/oauth2/authorize", Token: "{base}/index.php/apps/oauth2/api/v1/token",
			Profile: "{base}/ocs/v2.php/cloud/user?format=json", Root: "ocs.data", Headers: map[string]string{"OCS-APIRequest": "true"},
			Map: fields{UID: []string{"id"}, Username: "id", Name: "display-name", Email: "email"},
		},
		{
			ID: "digitalocean", Name: "DigitalOcean",
			Source: "https://docs.digitalocean.com/reference/api/oauth, 2026-11-30",
			Auth:   "https://cloud.digitalocean.com/v1/oauth/authorize", Token: "https://cloud.digitalocean.com/v1/oauth/token",
			Scope: []string{"account:read"}, Profile: "https://api.digitalocean.com/v2/account", Root: "account",
			Map: fields{UID: []string{"uuid"}, Name: "name", Email: "email", Verified: []string{"email_verified"}},
		},
	}
}

// tradeKinds are where people buy and sell.
func tradeKinds() []kind {
	return []kind{
		{
			// Whose account it is stands in the token endpoint's answer.
			ID: "stripe", Name: "Stripe", NoPKCE: true, Desk: &desk{},
			Source: "https://docs.stripe.com/connect/oauth-standard-accounts, 2026-11-30",
			Auth:   "https://connect.stripe.com/oauth/authorize", Token: "https://connect.stripe.com/oauth/token",
			Scope: []string{"read_only"}, Profile: "https://api.stripe.com/v1/accounts/{answer.stripe_user_id}",
			Map: fields{UID: []string{"id"}, Name: "settings.dashboard.display_name", Email: "email"},
		},
		{
			// host is sandbox.paypal.com for its sandbox.
			ID: "paypal", Name: "PayPal", Basic: true, NoPKCE: true, Vars: map[string]string{"host": "paypal.com"},
			Source: "https://developer.paypal.com/api/identity/v1/userinfo-get/, 2026-11-30",
			Auth:   "https://www.{host}/signin/authorize", Token: "https://api-m.{host}/v1/oauth2/token",
			Scope: profileScope(), EmailScope: emailScope(), AuthParams: map[string]string{"flowEntry": "static"},
			Profile: "https://api-m.{host}/v1/identity/openidconnect/userinfo?schema=openid",
			Map: fields{
				UID: []string{"user_id"}, Name: "name", Given: "given_name", Family: "family_name", Email: "email", Verified: []string{"email_verified"}, Says: yesText,
				Picture: "picture",
			},
		},
		{
			// The endpoint of before had the access token in its path.
			ID: "hubspot", Name: "HubSpot", Desk: &desk{},
			Source: "https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/token-introspect, 2026-11-30",
			Auth:   "https://app.hubspot.com/oauth/authorize", Token: "https://api.hubapi.com/oauth/2026-03/token",
			Scope: []string{"oauth"}, Profile: "https://api.hubapi.com/oauth/2026-03/token/introspect", Access: "-",
			ProfileBody: "client_id={client_id}&client_secret={client_secret}&token={access_token}&token_type_hint=access_token",
			Map:         fields{UID: []string{"user_id"}, Email: "user"},
		},
		{
			// server_url is the shop, whose account it is; with auth_params grant_options[]: per-user it
			// is that of who is signed in there (shopify.go).
			ID: "shopify", Name: "Shopify", special: isShopify, Hosted: selfHosted, NoPKCE: true, Desk: &desk{},
			Source: "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant, 2026-11-30",
			Vars:   map[string]string{"version": "2026-10"},
			Auth:   "{base}/admin/oauth/authorize", Token: "{base}/admin/oauth/access_token", Separator: ",",
			Profile: "{base}/admin/api/{version}/graphql.json", ProfileBody: `{"query":"{ shop { id name email myshopifyDomain } }"}`,
			Access: "X-Shopify-Access-Token: {access_token}",
			Map: fields{
				UID: []string{"id"}, Name: "name", Given: "first_name", Family: "last_name", Email: "email", Verified: []string{"email_verified"},
			},
		},
		{
			// Everybody is asked in one place and then belongs to the data centre of their country,
			// which the callback names (zoho.go).
			ID: "zoho", Name: "Zoho", special: isZoho, Hosted: mayMove, NoPKCE: true, Desk: &desk{},
			Source: "https://zoho.com/accounts/protocol/oauth/multi-dc/client-authorization.html, 2026-11-30",
			Vars:   map[string]string{"base": "https://accounts.zoho.com"},
			Auth:   "{base}/oauth/v2/auth", Token: "{base}/oauth/v2/token", Scope: []string{"AaaServer.profile.READ"}, Separator: ",",
			Profile: "{base}/oauth/user/info",
			Map:     fields{UID: []string{"ZUID"}, Name: "Display_Name", Given: "First_Name", Family: "Last_Name", Email: "Email"},
		},
	}
}
