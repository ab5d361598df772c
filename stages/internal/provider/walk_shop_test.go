package provider

import "net/url"

func shopWalks() []walk {
	const (
		shopURL = "https://acme.myshopify.com"
		graph   = "POST " + shopURL + "/admin/api/2026-10/graphql.json"
	)
	callback := signedByShop("secret", url.Values{
		"code": {testCode}, "state": {testState}, "shop": {"acme.myshopify.com"}, "timestamp": {"1337178173"}, "host": {"YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvYWNtZQ"},
	})
	return []walk{
		{
			kind: "shopify", cfg: Config{ServerURL: shopURL + "/"}, auth: shopURL + "/admin/oauth/authorize", token: shopURL + "/admin/oauth/access_token", noPKCE: true,
			form: callback, answer: `{"access_token": "SlAV32hkKG", "scope": ""}`, access: "X-Shopify-Access-Token: SlAV32hkKG",
			asked: map[string]string{graph: `? {"query":"{ shop { id name email myshopifyDomain } }"}`},
			apis: map[string]string{graph: `{"data": {"shop": {"id": "gid://shopify/Shop/548380009", "name": "John Smith Test Store", "email": "j.smith@example.com",
				"myshopifyDomain": "acme.myshopify.com"}}, "extensions": {"cost": {"requestedQueryCost": 1}}}`},
			want: Assertion{UID: "548380009", Display: "j.smith@example.com", Name: "John Smith Test Store", Emails: primary("j.smith@example.com", false)},
		},
		{
			kind: "shopify", cfg: Config{ServerURL: shopURL, AuthParams: map[string]string{"grant_options[]": "per-user"}},
			auth: shopURL + "/admin/oauth/authorize", token: shopURL + "/admin/oauth/access_token", noPKCE: true,
			params: url.Values{"grant_options[]": {"per-user"}}, form: callback,
			answer: `{"access_token": "SlAV32hkKG", "scope": "", "expires_in": 86399, "associated_user_scope": "", "associated_user": {"id": 902541635,
				"first_name": "John", "last_name": "Smith", "email": "john@example.com", "email_verified": true, "account_owner": true, "locale": "en", "collaborator": false}}`,
			want: Assertion{UID: "902541635", Display: "john@example.com", GivenName: "John", FamilyName: "Smith", Emails: primary("john@example.com", true)},
		},
		{
			kind: "zoho", auth: "https://accounts.zoho.com/oauth/v2/auth", token: "https://accounts.zoho.com/oauth/v2/token", noPKCE: true, scope: "AaaServer.profile.READ",
			form:   url.Values{"location": {"us"}, "accounts-server": {"https://accounts.zoho.com"}},
			answer: `{"access_token": "SlAV32hkKG", "api_domain": "https://www.zohoapis.com", "token_type": "Bearer", "expires_in": 3600}`,
			apis: map[string]string{"GET https://accounts.zoho.com/oauth/user/info": `{"First_Name": "Ada", "Email": "ada@example.com", "Last_Name": "King",
				"Display_Name": "Ada King", "ZUID": 1234567890}`},
			want: Assertion{UID: "1234567890", Display: "ada@example.com", Name: "Ada King", GivenName: "Ada", FamilyName: "King", Emails: primary("ada@example.com", false)},
		},
		{
			// Who lives in India is asked for there.
			kind: "zoho", auth: "https://accounts.zoho.com/oauth/v2/auth", token: "https://accounts.zoho.in/oauth/v2/token", noPKCE: true, scope: "AaaServer.profile.READ",
			form:   url.Values{"location": {"in"}, "accounts-server": {"https://accounts.zoho.in"}},
			answer: `{"access_token": "SlAV32hkKG", "api_domain": "https://www.zohoapis.in", "token_type": "Bearer", "expires_in": 3600}`,
			apis:   map[string]string{"GET https://accounts.zoho.in/oauth/user/info": `{"First_Name": "Ada", "ZUID": 60001}`},
			want:   Assertion{UID: "60001", Display: "Ada", GivenName: "Ada"},
		},
	}
}
