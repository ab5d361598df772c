package provider

// feedKinds are where people show what they do.
func feedKinds() []kind {
	return []kind{
		{
			// The client id is the client key. PKCE is for desktop and mobile apps alone, and hex there.
			ID: "tiktok", Name: "TikTok", NoPKCE: true, Desk: &desk{ClientID: "client_key"},
			Source: "https://developers.tiktok.com/doc/oauth-user-access-token-management, 2026-11-30",
			Auth:   "https://www.tiktok.com/v2/auth/authorize/", Token: "https://open.tiktokapis.com/v2/oauth/token/",
			Scope: []string{"user.info.basic"}, Separator: ",",
			Profile: "https://open.tiktokapis.com/v2/user/info/?fields=open_id,union_id,display_name,avatar_url", Root: "data.user",
			Map: fields{UID: []string{"open_id"}, Name: "display_name", Picture: "avatar_url"},
		},
		{
			// Professional accounts only: there is no sign-in for others any more. The answer of the
			// token endpoint stands in a list. id is of the app; user_id, which does for uid_field,
			// is of the account.
			ID: "instagram", Name: "Instagram", Desk: &desk{Root: "data.0"},
			Source: "https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/business-login, 2026-11-30",
			Auth:   "https://www.instagram.com/oauth/authorize", Token: "https://api.instagram.com/oauth/access_token", NoPKCE: true,
			Scope: []string{"instagram_business_basic"}, Separator: ",", Access: "-",
			Profile: "https://graph.instagram.com/me?fields=id,user_id,username,name,profile_picture_url&access_token={access_token}", Root: "data.0",
			Map: fields{UID: []string{"id"}, Username: "username", Name: "name", Picture: "profile_picture_url"},
		},
		{
			// Scopes are URLs, and the profile is GraphQL.
			ID: "snapchat", Name: "Snapchat",
			Source: "https://developers.snap.com/snap-kit/login-kit/overview, 2026-11-30",
			Auth:   "https://accounts.snapchat.com/accounts/oauth2/auth", Token: "https://accounts.snapchat.com/accounts/oauth2/token",
			Scope:   []string{"https://auth.snapchat.com/oauth2/api/user.external_id", "https://auth.snapchat.com/oauth2/api/user.display_name"},
			Profile: "https://kit.snapchat.com/v1/me", ProfileBody: `{"query":"{ me { externalId displayName bitmoji { avatar } } }"}`, Root: "data.me",
			Map: fields{UID: []string{"externalId"}, Name: "displayName", Picture: "bitmoji.avatar"},
		},
		{
			ID: "pinterest", Name: "Pinterest", Basic: true,
			Source: "https://github.com/pinterest/api-description/blob/main/v5/openapi.yaml, 2026-11-30",
			Auth:   "https://www.pinterest.com/oauth/", Token: "https://api.pinterest.com/v5/oauth/token",
			Scope: []string{"user_accounts:read"}, Separator: ",", Profile: "https://api.pinterest.com/v5/user_account",
			Map: fields{UID: []string{"id"}, Username: "username", Name: "business_name", Picture: "profile_image"},
		},
		{
			ID: "patreon", Name: "Patreon",
			Source: "https://github.com/Patreon/platform-documentation/tree/master/source/includes, 2026-11-30",
			Auth:   "https://www.patreon.com/oauth2/authorize", Token: "https://www.patreon.com/api/oauth2/token",
			Scope: []string{"identity"}, EmailScope: []string{"identity[email]"},
			Profile: "https://www.patreon.com/api/oauth2/v2/identity?fields%5Buser%5D=email,first_name,full_name,image_url,is_email_verified,last_name,vanity",
			Root:    "data",
			Map: fields{
				UID: []string{"id"}, Username: "attributes.vanity", Name: "attributes.full_name", Given: "attributes.first_name",
				Family: "attributes.last_name", Email: "attributes.email", Verified: []string{"attributes.is_email_verified"},
				Picture: "attributes.image_url",
			},
		},
	}
}

// battlenetChina is Battle.net's server of China.
const battlenetChina = "https://oauth.battlenet.com.cn"

// playKinds are where people run and play. They tell no address.
func playKinds() []kind {
	return []kind{
		{
			ID: "strava", Name: "Strava",
			Source: "https://developers.strava.com/docs/authentication/, 2026-11-30",
			Auth:   "https://www.strava.com/oauth/authorize", Token: "https://www.strava.com/oauth/token",
			Scope: []string{"read"}, Separator: ",", Profile: "https://www.strava.com/api/v3/athlete",
			Map: fields{UID: []string{"id"}, Username: "username", Given: "firstname", Family: "lastname", Picture: "profile"},
		},
		{
			// China's accounts are others, with numbers that occur elsewhere, too: server_url is
			// that of China, and the UID says so.
			ID: "battlenet", Name: "Battle.net", Hosted: mayMove,
			Source: "https://develop.battle.net/documentation/guides/getting-started, 2026-11-30",
			Vars:   map[string]string{"base": "https://oauth.battle.net", "_mark": ""}, Moved: map[string]string{"_mark": "-cn"},
			Auth: "{base}/authorize", Token: "{base}/token", Basic: true, Scope: []string{"openid"}, Profile: "{base}/userinfo",
			Map: fields{UID: []string{"id"}, Shape: "{0}{_mark}", Username: "battletag"},
		},
		{
			// OpenID 2.0 (steam.go). The secret is the key of its API, which tells the names.
			ID: "steam", Name: "Steam", special: isSteam, NoClient: true, NoPKCE: true,
			Source: "https://partner.steamgames.com/doc/features/auth, 2026-11-30",
			Auth:   "https://steamcommunity.com/openid/login", Token: "https://steamcommunity.com/openid/login",
			Profile: "https://api.steampowered.com/ISteamUser/GetPlayerSummaries/v2/", Root: "response.players.0",
			Map: fields{UID: []string{"steamid"}, Username: "personaname", Name: "realname", Picture: "avatarfull"},
		},
	}
}

// cyrillicKinds are where people meet in Russia.
func cyrillicKinds() []kind {
	return []kind{
		{
			// VK ID wants the device that the callback names, and has the token in a form.
			ID: "vk", Name: "VK", Desk: &desk{Back: []string{"device_id", "state"}},
			Source: "https://id.vk.com/about/business/go/docs/ru/vkid/latest/vk-id/connection/api-integration/api-description, 2026-11-30",
			Auth:   "https://id.vk.ru/authorize", Token: "https://id.vk.ru/oauth2/auth",
			Scope: []string{"vkid.personal_info"}, EmailScope: []string{"email"}, Access: "-",
			Profile: "https://id.vk.ru/oauth2/user_info", ProfileBody: "client_id={client_id}&access_token={access_token}", Root: "user",
			Map: fields{UID: []string{"user_id"}, Given: "first_name", Family: "last_name", Email: "email", Picture: "avatar"},
		},
		{
			ID: "yandex", Name: "Yandex",
			Source: "https://yandex.ru/dev/id/doc/en/user-information, 2026-11-30",
			Auth:   "https://oauth.yandex.com/authorize", Token: "https://oauth.yandex.com/token",
			Scope: []string{"login:info"}, EmailScope: []string{"login:email"}, Access: "Authorization: OAuth {access_token}",
			Profile: "https://login.yandex.ru/info?format=json",
			Map: fields{
				UID: []string{"id"}, Username: "login", Name: "real_name", Given: "first_name", Family: "last_name", Email: "default_email",
				Picture: "https://avatars.yandex.net/get-yapic/{default_avatar_id}/islands-200",
			},
		},
		{
			// The platform of before, connect.mail.ru, had other numbers.
			ID: "mailru", Name: "Mail.ru", Desk: &desk{},
			Source: "https://id.vk.com/about/business/go/docs/ru/vkid/latest/oauth/oauth-mail/index, 2026-11-30",
			Auth:   "https://oauth.mail.ru/login", Token: "https://oauth.mail.ru/token", Scope: []string{"userinfo"}, Access: "-",
			Profile: "https://oauth.mail.ru/userinfo?access_token={access_token}",
			Map: fields{
				UID: []string{"id"}, Username: "nickname", Name: "name", Given: "first_name", Family: "last_name", Email: "email", Picture: "image",
			},
		},
	}
}

// chineseKinds are where people meet in China. They tell no address.
func chineseKinds() []kind {
	return []kind{
		{
			// unionid, which does for uid_field, is the same in all apps of an owner. In the app
			// itself the page is oauth2/authorize, with the scope snsapi_userinfo. Who says no
			// comes back with the state alone.
			ID: "weixin", Aliases: []string{"wechat"}, Name: "Weixin", NoPKCE: true, Silent: true, Desk: &desk{ClientID: "appid", Secret: "secret"},
			Source: "https://developers.weixin.qq.com/doc/oplatform/en/Website_App/WeChat_Login/Wechat_Login, 2026-11-30",
			Vars:   map[string]string{"page": "qrconnect"},
			Auth:   "https://open.weixin.qq.com/connect/{page}", AuthEnd: "#wechat_redirect",
			Token: "https://api.weixin.qq.com/sns/oauth2/access_token", Scope: []string{"snsapi_login"}, Separator: ",", Access: "-",
			Profile: "https://api.weixin.qq.com/sns/userinfo?access_token={access_token}&openid={answer.openid}",
			Map:     fields{UID: []string{"openid"}, Username: "nickname", Name: "nickname", Picture: "headimgurl"},
		},
		{
			ID: "weibo", Name: "Weibo", NoPKCE: true, Desk: &desk{},
			Source: "https://open.weibo.com/wiki/2/users/show, 2026-11-30",
			Auth:   "https://api.weibo.com/oauth2/authorize", Token: "https://api.weibo.com/oauth2/access_token", Separator: ",", Access: "-",
			Profile: "https://api.weibo.com/2/users/show.json?access_token={access_token}&uid={answer.uid}",
			Map:     fields{UID: []string{"idstr"}, Username: "screen_name", Name: "name", Picture: "avatar_large"},
		},
	}
}
