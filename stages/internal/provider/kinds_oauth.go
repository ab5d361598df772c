package provider

import "slices"

// oauthKinds are the providers that speak OAuth 2.0 and have a profile of their own.
func oauthKinds() []kind {
	return slices.Concat(
		codeHosts(), socialKinds(), easternKinds(), placeKinds(), dummyKinds(), configuredKinds(),
		feedKinds(), playKinds(), cyrillicKinds(), chineseKinds(), workshopKinds(), tradeKinds(),
	)
}

// codeHosts keep repositories.
func codeHosts() []kind {
	return []kind{
		{
			ID: "github", Name: "GitHub", Hosted: mayMove,
			Vars:  map[string]string{"base": "https://github.com", "api": "https://api.github.com"},
			Moved: map[string]string{"api": "{base}/api/v3"},
			Auth:  "{base}/login/oauth/authorize", Token: "{base}/login/oauth/access_token",
			EmailScope: []string{"user:email"}, Profile: "{api}/user",
			Emails: emailList{URL: "{api}/user/emails", Address: "email", Primary: "primary", Verified: "verified"},
			Map:    fields{UID: []string{"id"}, Username: "login", Name: "name", Email: "email", Picture: "avatar_url"},
		},
		{
			ID: "gitlab", Name: "GitLab", Source: "https://docs.gitlab.com/api/oauth2/, 2026-11-30", Hosted: mayMove, Vars: map[string]string{"base": "https://gitlab.com"},
			Auth: "{base}/oauth/authorize", Token: "{base}/oauth/token",
			Scope: []string{"read_user"}, Profile: "{base}/api/v4/user",
			Map: fields{UID: []string{"id"}, Username: "username", Name: "name", Email: "email", Picture: "avatar_url"},
		},
		{
			// The account's id is that of Atlassian, and what django-allauth takes. Usernames can
			// be given up and taken by others.
			ID: "bitbucket_oauth2", Aliases: []string{"bitbucket"}, Name: "Bitbucket",
			Auth: "https://bitbucket.org/site/oauth2/authorize", Token: "https://bitbucket.org/site/oauth2/access_token",
			Scope: []string{"account"}, EmailScope: []string{"email"}, Profile: "https://api.bitbucket.org/2.0/user",
			Emails: emailList{
				URL: "https://api.bitbucket.org/2.0/user/emails", List: "values",
				Address: "email", Primary: "is_primary", Verified: "is_confirmed",
			},
			Map: fields{UID: []string{"account_id"}, Username: "username", Name: "display_name", Picture: "links.avatar.href"},
		},
	}
}

// socialKinds are where people meet.
func socialKinds() []kind {
	return []kind{
		{
			// The secret proves each call (Graph API, "Securing Requests"). An app may bring an
			// access token, or the id_token of Limited Login.
			ID: "facebook", Name: "Facebook", special: isFacebook, Vars: map[string]string{"version": "v23.0"},
			Auth: "https://www.facebook.com/{version}/dialog/oauth", Token: "https://graph.facebook.com/{version}/oauth/access_token",
			Scope: []string{"public_profile"}, EmailScope: []string{"email"}, Separator: ",", Proof: true,
			Profile: "https://graph.facebook.com/{version}/me?fields=id,name,first_name,last_name,email,picture",
			Map: fields{
				UID: []string{"id"}, Name: "name", Given: "first_name", Family: "last_name", Email: "email", Picture: "picture.data.url",
			},
			Tokens: true, TokenIssuer: "https://www.facebook.com",
			TokenKeys: "https://limited.facebook.com/.well-known/oauth/openid/jwks/",
			TokenMap: fields{
				UID: []string{"sub"}, Name: "name", Given: "given_name", Family: "family_name", Email: "email", Picture: "picture",
			},
		},
		{
			ID: "discord", Name: "Discord",
			Source: "https://github.com/discord/discord-api-docs/blob/main/developers/topics/oauth2.mdx, 2026-11-30",
			Auth:   "https://discord.com/oauth2/authorize", Token: "https://discord.com/api/oauth2/token",
			Scope: []string{"identify"}, EmailScope: []string{"email"}, Profile: "https://discord.com/api/users/@me",
			Map: fields{
				UID: []string{"id"}, Username: "username", Name: "global_name", Email: "email", Verified: []string{"verified"},
				Picture: "https://cdn.discordapp.com/avatars/{id}/{avatar}.png",
			},
		},
		{
			ID: "twitch", Name: "Twitch",
			Auth: "https://id.twitch.tv/oauth2/authorize", Token: "https://id.twitch.tv/oauth2/token",
			EmailScope: []string{"user:read:email"}, Profile: "https://api.twitch.tv/helix/users", Root: "data.0",
			Headers: map[string]string{"Client-Id": "{client_id}"},
			Map:     fields{UID: []string{"id"}, Username: "login", Name: "display_name", Email: "email", Picture: "profile_image_url"},
		},
		{
			ID: "twitter_oauth2", Aliases: []string{"x"}, Name: "X",
			Source: "https://github.com/xdevplatform/docs/blob/main/fundamentals/authentication/oauth-2-0/authorization-code.mdx, 2026-11-30",
			Auth:   "https://x.com/i/oauth2/authorize", Token: "https://api.x.com/2/oauth2/token", Basic: true,
			// An address is said where the scope users.email was granted, and only once it was
			// confirmed there.
			Scope: []string{"users.read", "tweet.read"}, EmailScope: []string{"users.email"},
			Profile: "https://api.x.com/2/users/me?user.fields=id,name,username,verified,profile_image_url,created_at", EmailFields: ",confirmed_email", Root: "data",
			Map: fields{
				UID: []string{"id"}, Username: "username", Name: "name", Picture: "profile_image_url",
				Email: "confirmed_email", Verified: []string{"confirmed_email"}, Says: said,
			},
		},
		{
			// Reddit turns away clients that do not name themselves. Names are for ever.
			ID: "reddit", Name: "Reddit", Vars: map[string]string{"user_agent": "server:stagedoor:1 (sign-in)"},
			Auth: "https://www.reddit.com/api/v1/authorize", Token: "https://www.reddit.com/api/v1/access_token", Basic: true,
			Scope: []string{"identity"}, Profile: "https://oauth.reddit.com/api/v1/me",
			Headers: map[string]string{"User-Agent": "{user_agent}"},
			Map:     fields{UID: []string{"name"}, Username: "name"},
		},
	}
}

// easternKinds are where people meet in Korea and Japan.
func easternKinds() []kind {
	return []kind{
		{
			// Scopes are ticked in the app's own console; asking for one that is not is an error.
			ID: "kakao", Name: "Kakao",
			Auth: "https://kauth.kakao.com/oauth/authorize", Token: "https://kauth.kakao.com/oauth/token",
			Profile: "https://kapi.kakao.com/v2/user/me",
			Map: fields{
				UID: []string{"id"}, Username: "kakao_account.profile.nickname", Email: "kakao_account.email",
				Verified: []string{"kakao_account.is_email_valid", "kakao_account.is_email_verified"},
				Picture:  "kakao_account.profile.profile_image_url",
			},
		},
		{
			ID: "naver", Name: "Naver",
			Auth: "https://nid.naver.com/oauth2.0/authorize", Token: "https://nid.naver.com/oauth2.0/token",
			Profile: "https://openapi.naver.com/v1/nid/me", Root: "response",
			Map: fields{UID: []string{"id"}, Username: "nickname", Name: "name", Email: "email", Picture: "profile_image"},
		},
		{
			// The id_token of a web login is signed with the secret; LINE checks it for us.
			ID: "line", Name: "LINE", special: isLine,
			Auth: "https://access.line.me/oauth2/v2.1/authorize", Token: "https://api.line.me/oauth2/v2.1/token",
			Scope: []string{"openid", "profile"}, EmailScope: []string{"email"}, Profile: "https://api.line.me/oauth2/v2.1/verify",
			Map: fields{UID: []string{"sub"}, Name: "name", Email: "email", Picture: "picture"},
		},
	}
}

// dummyKinds are for development: anybody is who they say (dummy.go).
func dummyKinds() []kind {
	return []kind{
		{
			ID: "dummy", Name: "Dummy", Hosted: mayMove, special: isDummy,
			Vars: map[string]string{"base": "/accounts/dummy/authenticate/"}, Auth: "{base}", Tokens: true,
			Map: fields{
				UID: []string{"id"}, Username: "username", Given: "first_name", Family: "last_name",
				Email: "email", Verified: []string{"email_verified"},
				Phone: "phone", PhoneVerified: []string{"phone_verified"}, Says: yesForm,
			},
		},
	}
}

// configuredKinds are servers of which the configuration alone knows (configured.go).
func configuredKinds() []kind {
	return []kind{
		// The header is what every server takes (RFC 6749 section 2.3.1).
		{ID: "oauth2", Name: "OAuth 2.0", special: isConfigured, Settings: configuredSettings(), Basic: true},
	}
}

// placeKinds are where people work, listen, shop and keep things.
func placeKinds() []kind {
	return []kind{
		{
			// Spotify says itself that addresses are not verified.
			ID: "spotify", Name: "Spotify",
			Auth: "https://accounts.spotify.com/authorize", Token: "https://accounts.spotify.com/api/token", Basic: true,
			EmailScope: []string{"user-read-email"}, Profile: "https://api.spotify.com/v1/me",
			Map: fields{UID: []string{"id"}, Name: "display_name", Email: "email", Picture: "images.0.url"},
		},
		{
			ID: "amazon", Name: "Amazon",
			Auth: "https://www.amazon.com/ap/oa", Token: "https://api.amazon.com/auth/o2/token",
			Scope: []string{"profile"}, Profile: "https://api.amazon.com/user/profile",
			Map: fields{UID: []string{"user_id"}, Name: "name", Email: "email"},
		},
		{
			ID: "dropbox", Name: "Dropbox",
			Source: "https://github.com/dropbox/dropbox-api-spec/blob/main/users.stone, 2026-11-30",
			Auth:   "https://www.dropbox.com/oauth2/authorize", Token: "https://api.dropboxapi.com/oauth2/token",
			Scope: []string{"account_info.read"}, ProfilePost: true,
			Profile: "https://api.dropboxapi.com/2/users/get_current_account",
			Map: fields{
				UID: []string{"account_id"}, Name: "name.display_name", Given: "name.given_name", Family: "name.surname",
				Email: "email", Verified: []string{"email_verified"}, Picture: "profile_photo_url",
			},
		},
		{
			ID: "zoom", Name: "Zoom",
			Auth: "https://zoom.us/oauth/authorize", Token: "https://zoom.us/oauth/token", Basic: true,
			Profile: "https://api.zoom.us/v2/users/me",
			Map: fields{
				UID: []string{"id"}, Name: "display_name", Given: "first_name", Family: "last_name",
				Email: "email", Verified: []string{"verified"}, Says: yesOne, Picture: "pic_url",
			},
		},
	}
}
