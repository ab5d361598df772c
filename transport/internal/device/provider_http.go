package device

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// largestBody is how many bytes of a request are read.
const largestBody = 1 << 20

func (p *Provider) routes() {
	p.mux = http.NewServeMux()
	p.mux.HandleFunc("GET /.well-known/openid-configuration", p.serveMetadata)
	p.mux.HandleFunc("GET /jwks", p.serveKeys)
	p.mux.HandleFunc("GET /authorize", p.serveAuthorize)
	p.mux.HandleFunc("POST /token", p.serveToken)
	p.mux.HandleFunc("GET /userinfo", p.serveUserInfo)
	p.mux.HandleFunc("POST /userinfo", p.serveUserInfo)
	p.mux.HandleFunc("PUT /identity", p.serveIdentity)
	p.mux.HandleFunc("GET /logout", p.serveLogout)
}

// ServeHTTP answers at the provider's issuer.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, largestBody)
	p.mux.ServeHTTP(w, r)
}

func say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// refuse answers with an OAuth error (RFC 6749, section 5.2).
func refuse(w http.ResponseWriter, status int, code string) {
	say(w, status, map[string]string{"error": code})
}

// serveMetadata answers with what OpenID Connect Discovery 1.0, section 3, asks for.
func (p *Provider) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, map[string]any{
		"issuer":                                p.cfg.Issuer,
		"authorization_endpoint":                p.cfg.Issuer + "/authorize",
		"token_endpoint":                        p.cfg.Issuer + "/token",
		"userinfo_endpoint":                     p.cfg.Issuer + "/userinfo",
		"jwks_uri":                              p.cfg.Issuer + "/jwks",
		"end_session_endpoint":                  p.cfg.Issuer + "/logout",
		"backchannel_logout_supported":          true,
		"backchannel_logout_session_supported":  true,
		"scopes_supported":                      []string{"openid", "email", "profile"},
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
		"code_challenge_methods_supported":      []string{"S256", "plain"},
	})
}

func (p *Provider) serveKeys(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, map[string]any{"keys": []jwk{p.key}})
}

// serveAuthorize sends the browser back at once. The query parameter identity, a JSON
// object, is the person that signs in; it is no part of any standard.
func (p *Provider) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var who Identity
	if text := q.Get("identity"); text != "" {
		if err := json.Unmarshal([]byte(text), &who); err != nil || who == nil {
			http.Error(w, "identity: not a JSON object", http.StatusBadRequest)
			return
		}
	}
	back, err := p.authorize(q, who)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, back, http.StatusFound)
}

// serveToken issues tokens for a code (RFC 6749, section 4.1.3; OpenID Connect Core 1.0,
// section 3.1.3).
func (p *Provider) serveToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "invalid_request")
		return
	}
	if !p.isClient(r) {
		w.Header().Set("WWW-Authenticate", "Basic")
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	if r.PostForm.Get("grant_type") != "authorization_code" {
		refuse(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	g, ok := p.find(p.codes, r.PostForm.Get("code"), true)
	if !ok || g.redirect != r.PostForm.Get("redirect_uri") || !g.proves(r.PostForm.Get("code_verifier")) {
		refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	token, err := p.mint(g.who, g.nonce)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error")
		return
	}
	access, err := p.keep(p.access, g, tokenLife)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error")
		return
	}
	say(w, http.StatusOK, map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds()), "id_token": token,
	})
}

// isClient reports whether a request is the client's, by its secret in the header or in
// the form (RFC 6749, section 2.3.1).
func (p *Provider) isClient(r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	if ok {
		var errs [2]error
		id, errs[0] = url.QueryUnescape(id)
		secret, errs[1] = url.QueryUnescape(secret)
		ok = errs[0] == nil && errs[1] == nil
	} else {
		id, secret, ok = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret"), true
	}
	return ok && id == p.cfg.ClientID && subtle.ConstantTimeCompare([]byte(secret), []byte(p.cfg.ClientSecret)) == 1
}

// proves reports whether the verifier is that of the request (RFC 7636, section 4.6). A
// request without a challenge takes none.
func (g grant) proves(verifier string) bool {
	if g.challenge == "" {
		return verifier == ""
	}
	if g.transfer == "S256" {
		sum := sha256.Sum256([]byte(verifier))
		verifier = text64.EncodeToString(sum[:])
	}
	return verifier == g.challenge
}

// serveUserInfo answers the claims to a holder of an access token (OpenID Connect Core
// 1.0, section 5.3).
func (p *Provider) serveUserInfo(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	g, known := p.find(p.access, token, false)
	if !ok || !known {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		refuse(w, http.StatusUnauthorized, "invalid_token")
		return
	}
	say(w, http.StatusOK, g.who.claims)
}

// serveIdentity sets the person that signs in when a request names none.
func (p *Provider) serveIdentity(w http.ResponseWriter, r *http.Request) {
	var who Identity
	if err := json.NewDecoder(r.Body).Decode(&who); err != nil || who == nil {
		http.Error(w, "identity: not a JSON object", http.StatusBadRequest)
		return
	}
	if err := p.SetDefault(who); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	say(w, http.StatusOK, who)
}
