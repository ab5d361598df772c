package provider

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
)

// proven adds the proof that we hold the app's secret to a call (Graph API, "Securing
// Requests": HMAC-SHA256 of the access token under the secret, in hex).
func (p *Provider) proven(target, access string) string {
	u, err := url.Parse(target)
	if err != nil || p.secret == "" {
		return target
	}
	mac := hmac.New(sha256.New, []byte(p.secret))
	mac.Write([]byte(access))
	q := u.Query()
	q.Set("appsecret_proof", hex.EncodeToString(mac.Sum(nil)))
	u.RawQuery = q.Encode()
	return u.String()
}

// inspect asks Facebook whom an access token was issued to. Without that, any app's token
// would sign in its users here (Graph API, /debug_token). It returns when that was, in seconds since
// 1970, or long ago where Facebook does not say.
func (p *Provider) inspect(ctx context.Context, access string) (int64, error) {
	if p.secret == "" {
		return 0, fault(ErrInvalidToken, "an access token cannot be checked without the app's secret")
	}
	target := p.expand("https://graph.facebook.com/{version}/debug_token?") + url.Values{"input_token": {access}}.Encode()
	answer, err := p.fetch(ctx, http.MethodGet, target, p.clientID()+"|"+p.secret)
	if err != nil {
		return 0, err
	}
	data, ok := answer.under("data")
	if !ok || !yes(data["is_valid"]) || data.word("app_id") != p.clientID() {
		return 0, fault(ErrInvalidToken, "the access token is not valid for this app")
	}
	return max(longAgo, data.seconds("issued_at")), nil
}
