package provider

// oauthWalks are those of code hosts and of places where people meet.
func oauthWalks() []walk { return append(codeWalks(), socialWalks()...) }

func codeWalks() []walk {
	return []walk{
		{
			kind: "github", auth: "https://github.com/login/oauth/authorize", token: "https://github.com/login/oauth/access_token",
			scope: "user:email", answer: `{"access_token": "SlAV32hkKG", "scope": "user:email", "token_type": "bearer"}`,
			apis: map[string]string{
				"GET https://api.github.com/user": `{"login": "octocat", "id": 1, "node_id": "MDQ6VXNlcjE=", "html_url": "https://github.com/octocat",
					"type": "User", "site_admin": false, "name": "monalisa octocat", "avatar_url": "https://avatars.githubusercontent.com/u/1?v=4", "email": "octocat@public.example.com", "created_at": "2008-01-14T04:33:35Z"}`,
				"GET https://api.github.com/user/emails": `[
					{"email": "old@example.com", "verified": false, "primary": false, "visibility": null},
					{"email": "Octocat@GitHub.com", "verified": true, "primary": true, "visibility": "public"}]`,
			},
			want: Assertion{UID: "1", Display: "octocat", Username: "octocat", Name: "monalisa octocat", Picture: "https://avatars.githubusercontent.com/u/1?v=4", Emails: []Email{
				{Address: "octocat@github.com", Verified: true, Primary: true},
				{Address: "old@example.com"},
				{Address: "octocat@public.example.com"},
			}},
			flows: []string{FlowRedirect},
		},
		{
			kind: "gitlab", cfg: Config{ServerURL: "https://git.example.com/"},
			auth: "https://git.example.com/oauth/authorize", token: "https://git.example.com/oauth/token", scope: "read_user",
			answer: `{"access_token": "SlAV32hkKG", "token_type": "Bearer", "expires_in": 7200, "refresh_token": "8257e6", "created_at": 1607635748}`,
			apis: map[string]string{"GET https://git.example.com/api/v4/user": `{"id": 1, "username": "john_smith", "name": "John Smith", "state": "active",
				"email": "john@example.com", "commit_email": "john-codes@example.com", "confirmed_at": "2012-05-23T09:05:22Z", "identities": [], "two_factor_enabled": true}`},
			want: Assertion{UID: "1", Display: "john_smith", Username: "john_smith", Name: "John Smith", Emails: primary("john@example.com", false)},
		},
		{
			kind: "bitbucket_oauth2", auth: "https://bitbucket.org/site/oauth2/authorize", token: "https://bitbucket.org/site/oauth2/access_token",
			scope: "account email", answer: `{"access_token": "SlAV32hkKG", "scopes": "account email", "token_type": "bearer", "expires_in": 7200}`,
			apis: map[string]string{
				"GET https://api.bitbucket.org/2.0/user": `{"type": "user", "username": "evzijst", "display_name": "Erik van Zijst",
					"uuid": "{d301aafa-d676-4ee0-88be-962be7417567}", "account_id": "557058:c4e6", "nickname": "evzijst",
					"links": {"avatar": {"href": "https://bitbucket.org/account/evzijst/avatar/"}}}`,
				"GET https://api.bitbucket.org/2.0/user/emails": `{"pagelen": 10, "page": 1, "size": 2, "values": [
					{"is_primary": false, "is_confirmed": false, "type": "email", "email": "tutorials@example.com"},
					{"is_primary": true, "is_confirmed": true, "type": "email", "email": "tutorials@bitbucket.org"}]}`,
			},
			want: Assertion{
				UID: "557058:c4e6", Display: "evzijst", Username: "evzijst", Name: "Erik van Zijst", Picture: "https://bitbucket.org/account/evzijst/avatar/",
				Emails: []Email{{"tutorials@bitbucket.org", true, true}, {"tutorials@example.com", false, false}},
			},
		},
	}
}

func socialWalks() []walk {
	return []walk{
		{
			kind: "facebook", auth: "https://www.facebook.com/v23.0/dialog/oauth", token: "https://graph.facebook.com/v23.0/oauth/access_token",
			scope: "public_profile,email", answer: `{"access_token": "SlAV32hkKG", "token_type": "bearer", "expires_in": 5183944}`,
			apis: map[string]string{"GET https://graph.facebook.com/v23.0/me": `{"id": "10151234567890123", "name": "Elmer Jones",
				"first_name": "Elmer", "last_name": "Jones", "email": "elmer\u0040example.com",
				"picture": {"data": {"height": 50, "is_silhouette": false, "url": "https://platform-lookaside.fbsbx.com/1?asid=1&hash=2", "width": 50}}}`},
			want: Assertion{
				UID: "10151234567890123", Display: "elmer@example.com", Name: "Elmer Jones", GivenName: "Elmer", FamilyName: "Jones", Emails: primary("elmer@example.com", false),
				Picture: "https://platform-lookaside.fbsbx.com/1?asid=1&hash=2",
			},
			flows: []string{FlowRedirect, FlowToken},
		},
		{
			kind: "discord", auth: "https://discord.com/oauth2/authorize", token: "https://discord.com/api/oauth2/token", scope: "identify email",
			answer: `{"access_token": "SlAV32hkKG", "token_type": "Bearer", "expires_in": 604800, "refresh_token": "D43f5y", "scope": "identify email"}`,
			apis: map[string]string{"GET https://discord.com/api/users/@me": `{"id": "80351110224678912", "username": "nelly", "discriminator": "0",
				"global_name": "Nelly", "avatar": "8342729096ea3675442027381ff50dfe", "verified": true, "email": "nelly@discord.com", "flags": 64}`},
			want: Assertion{UID: "80351110224678912", Display: "nelly", Username: "nelly", Name: "Nelly",
				Picture: "https://cdn.discordapp.com/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png", Emails: primary("nelly@discord.com", true)},
		},
		{
			kind: "twitch", auth: "https://id.twitch.tv/oauth2/authorize", token: "https://id.twitch.tv/oauth2/token", scope: "user:read:email",
			// Twitch lists the scopes.
			answer: `{"access_token": "SlAV32hkKG", "expires_in": 14124, "refresh_token": "5b93", "scope": ["user:read:email"], "token_type": "bearer"}`,
			apis: map[string]string{"GET https://api.twitch.tv/helix/users": `{"data": [{"id": "141981764", "login": "twitchdev", "display_name": "TwitchDev",
				"type": "", "broadcaster_type": "partner", "profile_image_url": "https://static-cdn.jtvnw.net/p.png", "email": "not-real@email.com", "created_at": "2016-12-14T20:32:28Z"}]}`},
			want: Assertion{UID: "141981764", Display: "twitchdev", Username: "twitchdev", Name: "TwitchDev", Picture: "https://static-cdn.jtvnw.net/p.png", Emails: primary("not-real@email.com", false)},
		},
		{
			kind: "twitter_oauth2", auth: "https://x.com/i/oauth2/authorize", token: "https://api.x.com/2/oauth2/token", basic: true,
			scope:  "users.read tweet.read users.email",
			answer: `{"token_type": "bearer", "expires_in": 7200, "access_token": "SlAV32hkKG", "scope": "users.email users.read tweet.read"}`,
			apis: map[string]string{"GET https://api.x.com/2/users/me": `{"data": {"id": "2244994945", "name": "X Dev", "username": "TwitterDev",
				"verified": true, "created_at": "2013-12-14T04:35:55.000Z", "confirmed_email": "dev@example.com",
				"profile_image_url": "https://pbs.twimg.com/profile_images/1/a_normal.jpg"}}`},
			want: Assertion{
				UID: "2244994945", Display: "TwitterDev", Username: "TwitterDev", Name: "X Dev", Emails: primary("dev@example.com", true),
				Picture: "https://pbs.twimg.com/profile_images/1/a_normal.jpg",
			},
		},
		{
			kind: "reddit", auth: "https://www.reddit.com/api/v1/authorize", token: "https://www.reddit.com/api/v1/access_token", basic: true,
			scope: "identity", answer: `{"access_token": "SlAV32hkKG", "token_type": "bearer", "expires_in": 3600, "scope": "identity"}`,
			apis: map[string]string{"GET https://oauth.reddit.com/api/v1/me": `{"id": "1w72", "name": "spez", "has_verified_email": true,
				"created_utc": 1118030400.0, "is_mod": true, "icon_img": "https://styles.redditmedia.com/1"}`},
			want: Assertion{UID: "spez", Display: "spez", Username: "spez"},
		},
		{
			kind: "kakao", auth: "https://kauth.kakao.com/oauth/authorize", token: "https://kauth.kakao.com/oauth/token",
			answer: `{"token_type": "bearer", "access_token": "SlAV32hkKG", "expires_in": 43199, "refresh_token": "r", "refresh_token_expires_in": 5184000}`,
			apis: map[string]string{"GET https://kapi.kakao.com/v2/user/me": `{"id": 123456789, "connected_at": "2022-04-11T01:45:28Z",
				"properties": {"nickname": "홍길동"}, "kakao_account": {"profile_nickname_needs_agreement": false, "profile": {"nickname": "홍길동"},
				"email_needs_agreement": false, "is_email_valid": true, "is_email_verified": true, "email": "sample@sample.com"}}`},
			want: Assertion{UID: "123456789", Display: "홍길동", Username: "홍길동", Emails: primary("sample@sample.com", true)},
		},
	}
}

// moreOAuthWalks are the rest.
func moreOAuthWalks() []walk {
	return []walk{
		{
			kind: "naver", auth: "https://nid.naver.com/oauth2.0/authorize", token: "https://nid.naver.com/oauth2.0/token",
			// Naver's expires_in is text.
			answer: `{"access_token": "SlAV32hkKG", "refresh_token": "c8ce", "token_type": "bearer", "expires_in": "3600"}`,
			apis: map[string]string{"GET https://openapi.naver.com/v1/nid/me": `{"resultcode": "00", "message": "success", "response": {
				"email": "openapi@naver.com", "nickname": "OpenAPI", "profile_image": "https://ssl.pstatic.net/1", "age": "40-49", "gender": "F",
				"id": "32742776", "name": "오픈 API", "birthday": "10-01"}}`},
			want: Assertion{UID: "32742776", Display: "openapi@naver.com", Username: "OpenAPI", Name: "오픈 API", Emails: primary("openapi@naver.com", false), Picture: "https://ssl.pstatic.net/1"},
		},
		{
			kind: "line", auth: "https://access.line.me/oauth2/v2.1/authorize", token: "https://api.line.me/oauth2/v2.1/token",
			scope:  "openid profile email",
			answer: `{"access_token": "SlAV32hkKG", "expires_in": 2592000, "id_token": "eyJhbGciOiJIUzI1NiJ9.e30.x", "refresh_token": "A", "scope": "profile", "token_type": "Bearer"}`,
			apis: map[string]string{"POST https://api.line.me/oauth2/v2.1/verify": `{"iss": "https://access.line.me", "sub": "U1234567890abcdef1234567890abcdef",
				"aud": "client", "exp": 1504169092, "iat": 1504263657, "nonce": "n-0S6_WzA2Mj", "amr": ["pwd"], "name": "Taro Line",
				"picture": "https://sample_line.me/aBcdefg123456", "email": "taro.line@example.com"}`},
			want: Assertion{UID: "U1234567890abcdef1234567890abcdef", Display: "taro.line@example.com", Name: "Taro Line", Emails: primary("taro.line@example.com", false), Picture: "https://sample_line.me/aBcdefg123456"},
		},
		{
			kind: "spotify", auth: "https://accounts.spotify.com/authorize", token: "https://accounts.spotify.com/api/token", basic: true,
			scope: "user-read-email", answer: `{"access_token": "SlAV32hkKG", "token_type": "Bearer", "scope": "user-read-email", "expires_in": 3600, "refresh_token": "NgA6"}`,
			apis: map[string]string{"GET https://api.spotify.com/v1/me": `{"country": "SE", "display_name": "JM Wizzler", "email": "email@example.com",
				"external_urls": {"spotify": "https://open.spotify.com/user/wizzler"}, "id": "wizzler", "product": "premium", "type": "user", "uri": "spotify:user:wizzler"}`},
			want: Assertion{UID: "wizzler", Display: "email@example.com", Name: "JM Wizzler", Emails: primary("email@example.com", false)},
		},
		{
			kind: "amazon", auth: "https://www.amazon.com/ap/oa", token: "https://api.amazon.com/auth/o2/token", scope: "profile",
			answer: `{"access_token": "SlAV32hkKG", "token_type": "bearer", "expires_in": 3600, "refresh_token": "Atzr|IQEBLz"}`,
			apis: map[string]string{"GET https://api.amazon.com/user/profile": `{"user_id": "amznl.account.K2LI23KL2LK2",
				"email": "mhashimoto-04@plaxo.com", "name": "Mork Hashimoto", "postal_code": "98052"}`},
			want: Assertion{UID: "amznl.account.K2LI23KL2LK2", Display: "mhashimoto-04@plaxo.com", Name: "Mork Hashimoto", Emails: primary("mhashimoto-04@plaxo.com", false)},
		},
		{
			kind: "dropbox", auth: "https://www.dropbox.com/oauth2/authorize", token: "https://api.dropboxapi.com/oauth2/token", scope: "account_info.read",
			answer: `{"access_token": "SlAV32hkKG", "expires_in": 14400, "token_type": "bearer", "scope": "account_info.read", "account_id": "dbid:AAH4f99", "uid": "12345"}`,
			apis: map[string]string{"POST https://api.dropboxapi.com/2/users/get_current_account": `{"account_id": "dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc",
				"name": {"given_name": "Franz", "surname": "Ferdinand", "familiar_name": "Franz", "display_name": "Franz Ferdinand (Personal)", "abbreviated_name": "FF"},
				"email": "franz@dropbox.com", "email_verified": true, "disabled": false, "locale": "en", "account_type": {".tag": "business"}}`},
			want: Assertion{
				UID: "dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc", Display: "franz@dropbox.com", Name: "Franz Ferdinand (Personal)", GivenName: "Franz", FamilyName: "Ferdinand",
				Emails: primary("franz@dropbox.com", true),
			},
		},
		{
			kind: "zoom", auth: "https://zoom.us/oauth/authorize", token: "https://zoom.us/oauth/token", basic: true,
			answer: `{"access_token": "SlAV32hkKG", "token_type": "bearer", "refresh_token": "eyJ", "expires_in": 3599, "scope": "user:read:user", "api_url": "https://api.zoom.us"}`,
			apis: map[string]string{"GET https://api.zoom.us/v2/users/me": `{"id": "zJKyaiAyTNC-MWjiWC18KQ", "first_name": "Jill", "last_name": "Chill",
				"display_name": "Jill Chill", "email": "jchill@example.com", "type": 2, "verified": 1, "account_id": "q6gBJVO5TzexKYTb_I2rpg"}`},
			want: Assertion{
				UID: "zJKyaiAyTNC-MWjiWC18KQ", Display: "jchill@example.com", Name: "Jill Chill", GivenName: "Jill", FamilyName: "Chill", Emails: primary("jchill@example.com", true),
			},
		},
	}
}
