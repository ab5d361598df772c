package provider

func idWalks() []walk {
	const pool = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE"
	return []walk{
		{
			// The endpoints are in another place than the issuer, except for the keys.
			kind: "amazon_cognito", cfg: Config{ServerURL: pool}, issuer: pool, scope: openIDScope, flows: bothFlows(), basic: true,
			meta: map[string]any{
				"userinfo_endpoint": "https://acme.auth.us-east-1.amazoncognito.com/oauth2/userInfo", "code_challenge_methods_supported": nil,
				"token_endpoint_auth_methods_supported": []string{"client_secret_basic"},
			},
			claims: map[string]any{"sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "token_use": "id", "cognito:username": "janedoe"},
			apis: map[string]string{"GET https://acme.auth.us-east-1.amazoncognito.com/oauth2/userInfo": `{"sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
				"email_verified": "true", "email": "jane@example.com", "given_name": "Jane", "family_name": "Doe", "username": "janedoe"}`},
			want: Assertion{
				UID: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", Display: "janedoe", GivenName: "Jane", FamilyName: "Doe", Emails: primary("jane@example.com", true),
			},
		},
		{
			kind: "orcid", issuer: "https://orcid.org", scope: "openid", flows: oneFlow(),
			meta: map[string]any{
				"token_endpoint_auth_methods_supported": []string{"client_secret_post"}, "code_challenge_methods_supported": nil,
				"userinfo_endpoint": "https://orcid.org/oauth/userinfo",
			},
			answer: `{"access_token": "SlAV32hkKG", "token_type": "bearer", "refresh_token": "r", "expires_in": 631138518, "scope": "openid",
				"name": "Josiah Carberry", "orcid": "0000-0002-1825-0097", "id_token": "%ID%"}`,
			claims: map[string]any{"sub": "0000-0002-1825-0097", "at_hash": "x", "auth_time": noon().Unix(), "given_name": "Josiah", "family_name": "Carberry", "jti": "y"},
			want: Assertion{
				UID: "0000-0002-1825-0097", Display: "Josiah Carberry", GivenName: "Josiah", FamilyName: "Carberry", AuthTime: noon().Unix(),
			},
		},
		{
			kind: "telegram", issuer: "https://oauth.telegram.org", scope: "openid profile", flows: oneFlow(), basic: true,
			meta: map[string]any{
				"authorization_endpoint": "https://oauth.telegram.org/auth", "token_endpoint_auth_methods_supported": []string{"client_secret_basic"},
			},
			auth: "https://oauth.telegram.org/auth",
			claims: map[string]any{
				"sub": "5112233445566778899", "id": 987654321, "name": "John Doe", "preferred_username": "johndoe", "picture": "https://cdn4.telesco.pe/file/1.jpg",
			},
			want: Assertion{UID: "987654321", Picture: "https://cdn4.telesco.pe/file/1.jpg", Display: "John Doe", Username: "johndoe", Name: "John Doe"},
		},
	}
}
