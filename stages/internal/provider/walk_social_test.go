package provider

import "net/url"

func feedWalks() []walk {
	return []walk{
		{
			kind: "tiktok", auth: "https://www.tiktok.com/v2/auth/authorize/", token: "https://open.tiktokapis.com/v2/oauth/token/", noPKCE: true,
			scope: "user.info.basic", params: url.Values{"client_id": nil, "client_key": {"client"}},
			redeem: url.Values{"client_id": nil, "client_key": {"client"}},
			// TikTok adds the scopes to the callback.
			form: url.Values{"scopes": {"user.info.basic"}},
			answer: `{"access_token": "SlAV32hkKG", "expires_in": 86400, "open_id": "afd97af1-b87b-48b9-ac98-410aghda5344", "refresh_expires_in": 31536000,
				"refresh_token": "rft.example12345", "scope": "user.info.basic", "token_type": "Bearer"}`,
			asked: map[string]string{"GET https://open.tiktokapis.com/v2/user/info/": "?fields=open_id,union_id,display_name,avatar_url "},
			apis: map[string]string{"GET https://open.tiktokapis.com/v2/user/info/": `{"data": {"user": {"avatar_url": "https://p19-sign.tiktokcdn-us.com/x.jpeg",
				"open_id": "723f24d7-e717-40f8-a2b6-cb8464cd23b4", "union_id": "c9c60f44-a68e-4f5d-84dd-ce22faeb0ba1", "display_name": "Tik Toker"}},
				"error": {"code": "ok", "message": "", "log_id": "20220829194722CBE87ED59D524E727021"}}`},
			want:  Assertion{UID: "723f24d7-e717-40f8-a2b6-cb8464cd23b4", Picture: "https://p19-sign.tiktokcdn-us.com/x.jpeg", Display: "Tik Toker", Name: "Tik Toker"},
			flows: oneFlow(),
		},
		{
			kind: "instagram", auth: "https://www.instagram.com/oauth/authorize", token: "https://api.instagram.com/oauth/access_token", noPKCE: true,
			scope:  "instagram_business_basic",
			answer: `{"data": [{"access_token": "SlAV32hkKG", "user_id": "1020", "permissions": "instagram_business_basic"}]}`,
			access: "-",
			asked: map[string]string{
				"GET https://graph.instagram.com/me": "?fields=id,user_id,username,name,profile_picture_url&access_token=SlAV32hkKG ",
			},
			apis: map[string]string{"GET https://graph.instagram.com/me": `{"id": "24963112416623", "user_id": "17841405822304914",
				"username": "metricsaurus", "name": "Metrics Aurus", "profile_picture_url": "https://scontent.example.com/1.jpg"}`},
			want: Assertion{UID: "24963112416623", Picture: "https://scontent.example.com/1.jpg", Display: "metricsaurus", Username: "metricsaurus", Name: "Metrics Aurus"},
		},
		{
			kind: "snapchat", auth: "https://accounts.snapchat.com/accounts/oauth2/auth", token: "https://accounts.snapchat.com/accounts/oauth2/token",
			scope:  "https://auth.snapchat.com/oauth2/api/user.external_id https://auth.snapchat.com/oauth2/api/user.display_name",
			answer: `{"access_token": "SlAV32hkKG", "expires_in": 3600, "refresh_token": "r", "scope": "", "token_type": "Bearer"}`,
			asked:  map[string]string{"POST https://kit.snapchat.com/v1/me": `? {"query":"{ me { externalId displayName bitmoji { avatar } } }"}`},
			apis: map[string]string{"POST https://kit.snapchat.com/v1/me": `{"data": {"me": {"externalId": "CAESIOkCm+aMbHo/ypL7hRIYIW0=",
				"displayName": "Evan S", "bitmoji": {"avatar": "https://sdk.bitmoji.com/render/1"}}}, "errors": []}`},
			want: Assertion{UID: "CAESIOkCm+aMbHo/ypL7hRIYIW0=", Picture: "https://sdk.bitmoji.com/render/1", Display: "Evan S", Name: "Evan S"},
		},
		{
			kind: "pinterest", auth: "https://www.pinterest.com/oauth/", token: "https://api.pinterest.com/v5/oauth/token", basic: true, scope: "user_accounts:read",
			answer: `{"response_type": "authorization_code", "access_token": "SlAV32hkKG", "token_type": "bearer", "expires_in": 2592000, "scope": "user_accounts:read"}`,
			apis: map[string]string{"GET https://api.pinterest.com/v5/user_account": `{"account_type": "BUSINESS", "id": "2783136121146311751",
				"profile_image": "https://i.pinimg.com/1.jpg", "website_url": "", "username": "username", "about": "", "business_name": "Acme", "board_count": 14}`},
			want: Assertion{UID: "2783136121146311751", Picture: "https://i.pinimg.com/1.jpg", Display: "username", Username: "username", Name: "Acme"},
		},
		{
			kind: "patreon", auth: "https://www.patreon.com/oauth2/authorize", token: "https://www.patreon.com/api/oauth2/token", scope: "identity identity[email]",
			answer: `{"access_token": "SlAV32hkKG", "refresh_token": "r", "expires_in": 2678400, "scope": "identity identity[email]", "token_type": "Bearer"}`,
			apis: map[string]string{"GET https://www.patreon.com/api/oauth2/v2/identity": `{"data": {"attributes": {"email": "CoreyG@example.com",
				"first_name": "Corey", "full_name": "Corey Grant", "image_url": "https://c8.patreon.com/1", "is_email_verified": true, "last_name": "Grant",
				"vanity": "corgi"}, "id": "12345689", "type": "user"}, "links": {"self": "https://www.patreon.com/api/oauth2/v2/user/12345689"}}`},
			want: Assertion{
				UID: "12345689", Picture: "https://c8.patreon.com/1", Display: "corgi", Username: "corgi", Name: "Corey Grant", GivenName: "Corey", FamilyName: "Grant", Emails: primary("coreyg@example.com", true),
			},
		},
		{
			kind: "strava", auth: "https://www.strava.com/oauth/authorize", token: "https://www.strava.com/oauth/token", scope: "read",
			answer: `{"token_type": "Bearer", "expires_at": 1568775134, "expires_in": 21600, "refresh_token": "e5n5", "access_token": "SlAV32hkKG", "athlete": {"id": 1}}`,
			// Strava adds the scopes to the callback.
			form: url.Values{"scope": {"read"}},
			apis: map[string]string{"GET https://www.strava.com/api/v3/athlete": `{"id": 1234567890987654321, "username": "marianne_t", "resource_state": 3,
				"firstname": "Marianne", "lastname": "Teutenberg", "city": "San Francisco", "sex": "F", "profile": "https://xxxxxx.cloudfront.net/1/large.jpg"}`},
			want: Assertion{UID: "1234567890987654321", Picture: "https://xxxxxx.cloudfront.net/1/large.jpg", Display: "marianne_t", Username: "marianne_t", GivenName: "Marianne", FamilyName: "Teutenberg"},
		},
		{
			kind: "battlenet", auth: "https://oauth.battle.net/authorize", token: "https://oauth.battle.net/token", basic: true, scope: "openid",
			answer: `{"access_token": "SlAV32hkKG", "token_type": "bearer", "expires_in": 86399, "scope": "openid", "sub": "12345", "id_token": "x"}`,
			apis:   map[string]string{"GET https://oauth.battle.net/userinfo": `{"sub": "12345", "id": 12345, "battletag": "Example#12345"}`},
			want:   Assertion{UID: "12345", Display: "Example#12345", Username: "Example#12345"},
		},
		{
			kind: "battlenet", cfg: Config{ServerURL: "https://oauth.battlenet.com.cn"},
			auth: "https://oauth.battlenet.com.cn/authorize", token: "https://oauth.battlenet.com.cn/token", basic: true, scope: "openid",
			answer: `{"access_token": "SlAV32hkKG", "token_type": "bearer", "expires_in": 86399, "scope": "openid", "sub": "12345"}`,
			apis:   map[string]string{"GET https://oauth.battlenet.com.cn/userinfo": `{"sub": "12345", "id": 12345, "battletag": "某人#5123"}`},
			want:   Assertion{UID: "12345-cn", Display: "某人#5123", Username: "某人#5123"},
		},
	}
}

func cyrillicWalks() []walk {
	return []walk{
		{
			kind: "vk", auth: "https://id.vk.ru/authorize", token: "https://id.vk.ru/oauth2/auth", scope: "vkid.personal_info email",
			form:   url.Values{"device_id": {"cmVkYWN0ZWQ"}, "type": {"code_v2"}, "expires_in": {"600"}},
			redeem: url.Values{"device_id": {"cmVkYWN0ZWQ"}, "state": {testState}},
			answer: `{"refresh_token": "r", "access_token": "SlAV32hkKG", "id_token": "x", "token_type": "Bearer", "expires_in": 3600, "user_id": 1234567890,
				"state": "af0ifjsldkj", "scope": "vkid.personal_info email"}`,
			access: "-", asked: map[string]string{"POST https://id.vk.ru/oauth2/user_info": "? client_id=client&access_token=SlAV32hkKG"},
			apis: map[string]string{"POST https://id.vk.ru/oauth2/user_info": `{"user": {"user_id": "1234567890", "first_name": "Ivan", "last_name": "Ivanov",
				"phone": "79991234567", "avatar": "https://pp.userapi.com/1.jpg", "email": "ivan_i123@vk.ru", "sex": 2, "verified": true, "birthday": "01.01.2000"}}`},
			// verified is said of the person, not of the address.
			want: Assertion{UID: "1234567890", Picture: "https://pp.userapi.com/1.jpg", Display: "ivan_i123@vk.ru", GivenName: "Ivan", FamilyName: "Ivanov", Emails: primary("ivan_i123@vk.ru", false)},
		},
		{
			kind: "yandex", auth: "https://oauth.yandex.com/authorize", token: "https://oauth.yandex.com/token", scope: "login:info login:email",
			form:   url.Values{"cid": {"abcdef"}},
			answer: `{"access_token": "SlAV32hkKG", "expires_in": 124234123534, "refresh_token": "1:GN686QVt0mmakDd9", "scope": "login:info login:email", "token_type": "bearer"}`,
			access: "Authorization: OAuth SlAV32hkKG", asked: map[string]string{"GET https://login.yandex.ru/info": "?format=json "},
			apis: map[string]string{"GET https://login.yandex.ru/info": `{"login": "ivan", "old_social_login": "uid-mmzxrnry", "default_email": "test@yandex.ru",
				"id": "1000034426", "client_id": "4760187d81bc4b7799476b42b5103713", "emails": ["test@yandex.ru", "other-test@yandex.ru"],
				"default_avatar_id": "31804/BYkogAC6AoB17bN1HKRFAyKiM4-1", "is_avatar_empty": false, "psuid": "1.AAceCw.tbHgw5DtJ9", "first_name": "Ivan", "last_name": "Ivanov",
				"display_name": "ivan.i", "real_name": "Ivan Ivanov", "sex": "male"}`},
			want: Assertion{
				UID: "1000034426", Picture: "https://avatars.yandex.net/get-yapic/31804/BYkogAC6AoB17bN1HKRFAyKiM4-1/islands-200", Display: "ivan", Username: "ivan", Name: "Ivan Ivanov", GivenName: "Ivan", FamilyName: "Ivanov", Emails: primary("test@yandex.ru", false),
			},
		},
		{
			kind: "mailru", auth: "https://oauth.mail.ru/login", token: "https://oauth.mail.ru/token", scope: "userinfo",
			answer: `{"expires_in": 3600, "refresh_token": "r", "access_token": "SlAV32hkKG"}`,
			access: "-", asked: map[string]string{"GET https://oauth.mail.ru/userinfo": "?access_token=SlAV32hkKG "},
			apis: map[string]string{"GET https://oauth.mail.ru/userinfo": `{"id": "1734604429", "client_id": "7e5f4707", "gender": "m", "name": "Ivan Petrov",
				"nickname": "Ivan", "locale": "ru_RU", "first_name": "Ivan", "last_name": "Petrov", "email": "ivan@mail.ru", "birthday": "", "image": "https://filin.mail.ru/pic"}`},
			want: Assertion{
				UID: "1734604429", Picture: "https://filin.mail.ru/pic", Display: "ivan@mail.ru", Username: "Ivan", Name: "Ivan Petrov", GivenName: "Ivan", FamilyName: "Petrov", Emails: primary("ivan@mail.ru", false),
			},
		},
	}
}

func chineseWalks() []walk {
	return []walk{
		{
			kind: "weixin", auth: "https://open.weixin.qq.com/connect/qrconnect#wechat_redirect", token: "https://api.weixin.qq.com/sns/oauth2/access_token",
			noPKCE: true, scope: "snsapi_login", params: url.Values{"client_id": nil, "appid": {"client"}},
			redeem: url.Values{"client_id": nil, "client_secret": nil, "appid": {"client"}, "secret": {"secret"}},
			answer: `{"access_token": "SlAV32hkKG", "expires_in": 7200, "refresh_token": "r", "openid": "oLVPpjqs9BhvzwPj5A-vTYAX3GLc", "scope": "snsapi_login", "unionid": "u"}`,
			access: "-",
			asked:  map[string]string{"GET https://api.weixin.qq.com/sns/userinfo": "?access_token=SlAV32hkKG&openid=oLVPpjqs9BhvzwPj5A-vTYAX3GLc "},
			apis: map[string]string{"GET https://api.weixin.qq.com/sns/userinfo": `{"openid": "oLVPpjqs9BhvzwPj5A-vTYAX3GLc", "nickname": "刺猬宝宝", "sex": 1,
				"language": "zh_CN", "city": "深圳", "headimgurl": "https://wx.qlogo.cn/1", "privilege": [], "unionid": "o6_bmasdasdsad6_2sgVt7hMZOPfL"}`},
			want: Assertion{UID: "oLVPpjqs9BhvzwPj5A-vTYAX3GLc", Picture: "https://wx.qlogo.cn/1", Display: "刺猬宝宝", Username: "刺猬宝宝", Name: "刺猬宝宝"},
		},
		{
			kind: "weixin", cfg: Config{Settings: map[string]string{"uid_field": "unionid", "page": "oauth2/authorize"}, Scope: []string{"snsapi_userinfo"}},
			auth: "https://open.weixin.qq.com/connect/oauth2/authorize#wechat_redirect", token: "https://api.weixin.qq.com/sns/oauth2/access_token",
			noPKCE: true, scope: "snsapi_userinfo", params: url.Values{"client_id": nil, "appid": {"client"}},
			redeem: url.Values{"client_id": nil, "client_secret": nil, "appid": {"client"}, "secret": {"secret"}},
			answer: `{"access_token": "SlAV32hkKG", "expires_in": 7200, "openid": "OPENID", "scope": "snsapi_userinfo"}`, access: "-",
			apis: map[string]string{"GET https://api.weixin.qq.com/sns/userinfo": `{"openid": "OPENID", "nickname": "N", "unionid": "o6_bmasdasdsad6_2sgVt7hMZOPfL"}`},
			want: Assertion{UID: "o6_bmasdasdsad6_2sgVt7hMZOPfL", Display: "N", Username: "N", Name: "N"},
		},
		{
			kind: "weibo", auth: "https://api.weibo.com/oauth2/authorize", token: "https://api.weibo.com/oauth2/access_token", noPKCE: true,
			// remind_in is an old expires_in, as text.
			answer: `{"access_token": "SlAV32hkKG", "expires_in": 1234, "remind_in": "798114", "uid": "1404376560"}`, access: "-",
			asked: map[string]string{"GET https://api.weibo.com/2/users/show.json": "?access_token=SlAV32hkKG&uid=1404376560 "},
			apis: map[string]string{"GET https://api.weibo.com/2/users/show.json": `{"id": 1404376560, "idstr": "1404376560", "screen_name": "zaku", "name": "zaku",
				"province": "11", "profile_image_url": "https://tp1.sinaimg.cn/1404376560/50/0/1", "avatar_large": "https://tp1.sinaimg.cn/1404376560/180/0/1", "verified": false}`},
			want: Assertion{UID: "1404376560", Picture: "https://tp1.sinaimg.cn/1404376560/180/0/1", Display: "zaku", Username: "zaku", Name: "zaku"},
		},
	}
}
