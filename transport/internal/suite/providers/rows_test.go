package providers

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
)

const (
	// callback is where labs have browsers sent back to, and page where the plain contract's
	// clients do.
	public   = "http://localhost:4455"
	callback = public + "/accounts/acme/login/callback/"
	page     = public + "/back"
	// client and secret are what every provider knows the server by.
	client, secret = "stagedoor", "a-secret-of-sixty-four-letters-is-long-enough-for-any-algorithm"
)

// The programs that serve providers.
const (
	oidcProvider = "oidc-provider"
	dex          = "dex"
)

// row is a provider in one configuration.
type row struct {
	// program serves it, oidc-provider where there is none; name is the configuration.
	program, name string
	// served is what the program is to do besides, as server.mjs reads it.
	served suite.M
	// configured changes what the server knows of the provider.
	configured func(*config.Provider)
	// without names the cases that it has none of, and why.
	without map[string]string
	// pushed says that requests are handed in before anybody is sent there, secretly that
	// id_tokens are signed with the secret.
	pushed, secretly bool
	// path follows the host in its issuer.
	path string
}

// servedBy is the program that serves it.
func (r row) servedBy() string { return cmp.Or(r.program, oidcProvider) }

// with is what a client is besides what all are.
func with(client suite.M) suite.M { return suite.M{"client": client} }

// signs has id_tokens signed by an algorithm, for a client that is something more besides.
func signs(alg string, more ...suite.M) suite.M {
	known := suite.M{"id_token_signed_response_alg": alg}
	for _, m := range more {
		maps.Copy(known, m)
	}
	return suite.M{"keys": []string{alg}, "client": known}
}

// rows are all of them, in the order of the table.
func rows() []row {
	key, public := keyPair()
	byKey := suite.M{"token_endpoint_auth_method": "private_key_jwt", "jwks": suite.M{"keys": []any{public}}}
	withKey := func(p *config.Provider) {
		p.Secret, p.TokenAuthMethod, p.Settings = "", "private_key_jwt", map[string]config.Secret{"private_key": key}
	}
	pushed := suite.M{"pushedAuthorizationRequests": suite.M{"enabled": true, "requirePushedAuthorizationRequests": true}}
	groups := make([]string, 800)
	for i := range groups {
		groups[i] = fmt.Sprintf("cn=group-%d,ou=groups,dc=example,dc=org", i)
	}
	claims := func(more suite.M) suite.M {
		out := suite.M{"email": "{email}", "email_verified": true, "name": "{name} of the suite"}
		maps.Copy(out, more)
		return suite.M{"claims": out}
	}
	return []row{
		{name: "RS256", served: signs("RS256")},
		{name: "PS256", served: signs("PS256")},
		{name: "ES256, secret posted", served: signs("ES256", suite.M{"token_endpoint_auth_method": "client_secret_post"}),
			configured: func(p *config.Provider) { p.TokenAuthMethod = "client_secret_post" }},
		{name: "ES384, a secret of signs", served: signs("ES384", suite.M{"client_secret": signsOnly}),
			configured: func(p *config.Provider) { p.Secret, p.TokenAuthMethod = signsOnly, "client_secret_basic" }},
		{name: "ES512", served: signs("ES512")},
		{name: "EdDSA", served: signs("EdDSA")},
		{name: "Ed25519 (RFC 9864)", served: signs("Ed25519")},
		{name: "HS256", served: signs("HS256"), secretly: true, configured: func(p *config.Provider) { p.IDTokenAlgs = []string{"HS256"} },
			without: map[string]string{"new keys": "it signs with the client's secret"}},
		{name: "public client", served: with(suite.M{"token_endpoint_auth_method": "none"}), configured: func(p *config.Provider) { p.Secret = "" }},
		{name: "`private_key_jwt`", served: with(byKey), configured: withKey},
		{name: "pushed requests (PAR) demanded", served: suite.M{"features": pushed}, pushed: true},
		{name: "PAR and `private_key_jwt`", served: suite.M{"features": pushed, "client": byKey}, configured: withKey, pushed: true},
		{name: "answers by `form_post`", configured: func(p *config.Provider) { p.AuthParams = map[string]string{"response_mode": "form_post"} }},
		{name: "signed userinfo", served: suite.M{"claims_apart": true, "client": suite.M{"userinfo_signed_response_alg": "RS256"}}},
		{name: "no userinfo", served: suite.M{"features": suite.M{"userinfo": suite.M{"enabled": false}, "jwtUserinfo": suite.M{"enabled": false}}}},
		{name: "address at userinfo alone", served: suite.M{"claims_apart": true}},
		{name: "address not verified", served: claims(suite.M{"email_verified": false})},
		{name: "no address at all", served: suite.M{"claims": suite.M{"name": "{name}"}}},
		{name: "pairwise sub", served: with(suite.M{"subject_type": "pairwise"})},
		{name: "sub of 255 characters", served: suite.M{"sub": "{name}" + strings.Repeat("x", 252)}},
		{name: "800 groups", served: claims(suite.M{"groups": groups})},
		{name: "issuer with a path", path: "/realms/acme"},
		{name: "plain OAuth 2.0, by settings", configured: bySettings, without: map[string]string{
			"token": "an access token does not say whom it was issued to", "new keys": noIDTokens, "a day": noIDTokens, "lying": noIDTokens, "sign-out": noIDTokens,
		}},
		{program: dex, name: "as it comes", without: map[string]string{"sign-out": "it has none", "cancel": "its Cancel is a page of its own with status 500, and nobody comes back"}},
	}
}

const noIDTokens = "no id_token, key or metadata is looked at"

// bySettings is the provider as a server of which nothing is known but where it is asked.
func bySettings(p *config.Provider) {
	at := p.ServerURL
	p.Provider, p.ServerURL, p.Scope = "oauth2", "", []string{"openid", "email", "profile"}
	p.Settings = map[string]config.Secret{
		"authorize_url": config.Secret(at + "/auth"), "token_url": config.Secret(at + "/token"), "profile_url": config.Secret(at + "/me"),
		"uid_field": "sub", "email_verified_field": "email_verified",
	}
}

// signsOnly is a secret of what must be escaped in a header and in a form.
const signsOnly = "a+b:c%20d&e=f/g?h#i;j,k~l!m*n'o(p)q\"r$s@t[u]v{w}x|y^z`\\<>"

// keyPair is the server's own key, in PEM, and its public half as a JWK (RFC 7518 section 6.2).
func keyPair() (config.Secret, suite.M) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	return config.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		suite.M{"kty": "EC", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:])}
}

// asServed is what the program of a row reads.
func (r row) asServed(issuer string) suite.M {
	out := suite.M{
		"name": r.name, "issuer": issuer, "keys": []string{"RS256"},
		"claims": suite.M{"email": "{email}", "email_verified": true, "name": "{name} of the suite"},
	}
	known := suite.M{
		"client_id": client, "client_secret": secret, "application_type": "native", "redirect_uris": []string{callback, page},
		"post_logout_redirect_uris": []string{page + "/bye"}, "backchannel_logout_uri": issuer + toServer, "backchannel_logout_session_required": true,
	}
	for name, value := range r.served {
		if more, ok := value.(suite.M); ok && name == "client" {
			maps.Copy(known, more)
			continue
		}
		out[name] = value
	}
	if how := known["token_endpoint_auth_method"]; how == "none" || how == "private_key_jwt" {
		delete(known, "client_secret")
	}
	out["client"] = known
	return out
}

// provider is what the server is configured with.
func (r row) provider(issuer string) config.Provider {
	p := config.Provider{Provider: "openid_connect", ID: "acme", Name: "Acme", ClientID: client, Secret: secret, ServerURL: issuer}
	if r.configured != nil {
		r.configured(&p)
	}
	return p
}

// started serves every row and returns who stands before each.
func started(t *testing.T, all []row, wanting []beyond) map[string]*between {
	t.Helper()
	out := map[string]*between{}
	served := map[string][]suite.M{}
	for _, x := range wanting {
		all = append(all, x.row)
	}
	for _, r := range all {
		b := newBetween(t)
		b.URL += r.path
		out[r.name] = b
		served[r.servedBy()] = append(served[r.servedBy()], r.asServed(b.URL))
	}
	addresses := map[string]string{}
	if rows := served[oidcProvider]; rows != nil {
		p := suite.NewProject(t, projects+"/node")
		p.NPM()
		serve(t, p, "node server.mjs", rows, &addresses)
	}
	if rows := served[dex]; rows != nil {
		p := suite.NewProject(t, projects+"/dex")
		p.Run("go build -o dex .")
		serve(t, p, "./dex", rows, &addresses)
	}
	for name, b := range out {
		b.behind(t, addresses[name])
	}
	return out
}

// serve runs a program until the test ends. It reads what to serve, and says where it does.
func serve(t *testing.T, p *suite.Project, line string, what, addresses any) {
	t.Helper()
	in, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("bash", "-c", "exec "+line)
	command.Dir, command.Env, command.Stdin = p.Dir, p.Env, strings.NewReader(string(in))
	var log strings.Builder
	command.Stderr = &log
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", line, wrongs(log.String()))
		}
	})
	if err := json.NewDecoder(out).Decode(addresses); err != nil {
		t.Fatalf("%s serves nothing: %v\n%s", line, err, wrongs(log.String()))
	}
}

// wrongs are the lines of a log but for advice, which is about production.
func wrongs(log string) string {
	var out []string
	for line := range strings.Lines(log) {
		if !strings.Contains(line, "oidc-provider WARNING") && !strings.Contains(line, "oidc-provider NOTICE") {
			out = append(out, line)
		}
	}
	return fmt.Sprintf("%.4000s", strings.Join(out, ""))
}
