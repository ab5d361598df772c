package providers

import (
	"encoding/json"
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
	callback = public + "/accounts/oidc/acme/login/callback/"
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
	// program serves it, name is the configuration.
	program, name string
	// served is what the program is to do besides, as server.mjs reads it.
	served suite.M
	// configured changes what the server knows of the provider.
	configured func(*config.Provider)
	// without names the cases that it has none of, and why.
	without map[string]string
	// asksFirst says that the request is pushed to the provider before anybody is sent there.
	asksFirst bool
}

// with is what a client is besides what all are.
func with(client suite.M) suite.M { return suite.M{"client": client} }

// signs has id_tokens signed by an algorithm.
func signs(alg string) suite.M {
	return suite.M{"keys": []string{alg}, "client": suite.M{"id_token_signed_response_alg": alg}}
}

// rows are all of them, in the order of the table.
func rows() []row {
	return []row{
		{program: oidcProvider, name: "RS256", served: signs("RS256")},
		{program: oidcProvider, name: "PS256", served: signs("PS256")},
		{program: oidcProvider, name: "ES256, secret posted", served: suite.M{"keys": []string{"ES256"}, "client": suite.M{"id_token_signed_response_alg": "ES256", "token_endpoint_auth_method": "client_secret_post"}},
			configured: func(p *config.Provider) { p.TokenAuthMethod = "client_secret_post" }},
		{program: oidcProvider, name: "ES384", served: signs("ES384")},
		{program: oidcProvider, name: "ES512", served: signs("ES512")},
		{program: oidcProvider, name: "EdDSA", served: signs("EdDSA")},
		{program: oidcProvider, name: "public client", served: with(suite.M{"token_endpoint_auth_method": "none"}), configured: func(p *config.Provider) { p.Secret = "" }},
		{program: oidcProvider, name: "address at userinfo alone", served: suite.M{"claims_apart": true}},
		{program: oidcProvider, name: "pairwise sub", served: with(suite.M{"subject_type": "pairwise"})},
		{program: oidcProvider, name: "no address at all", served: suite.M{"claims": suite.M{"name": "{name}"}}, without: map[string]string{"address": "nobody says one"}},
		{program: dex, name: "as it comes", without: map[string]string{"cancel": "its Cancel is a page of its own with status 500, and nobody comes back"}},
	}
}

// asServed is what the program of a row reads.
func (r row) asServed(issuer string) suite.M {
	out := suite.M{
		"name": r.name, "issuer": issuer, "keys": []string{"RS256"},
		"claims": suite.M{"email": "{email}", "email_verified": true, "name": "{name} of the suite"},
	}
	known := suite.M{
		"client_id": client, "client_secret": secret, "application_type": "native", "redirect_uris": []string{callback, page},
	}
	for name, value := range r.served {
		if more, ok := value.(suite.M); ok && name == "client" {
			for name, value := range more {
				known[name] = value
			}
			continue
		}
		out[name] = value
	}
	if known["token_endpoint_auth_method"] == "none" {
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
func started(t *testing.T, all []row) map[string]*between {
	t.Helper()
	out := map[string]*between{}
	served := map[string][]suite.M{}
	for _, r := range all {
		b := newBetween(t)
		out[r.name] = b
		served[r.program] = append(served[r.program], r.asServed(b.URL))
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
			t.Logf("%s said:\n%.4000s", line, log.String())
		}
	})
	if err := json.NewDecoder(out).Decode(addresses); err != nil {
		t.Fatalf("%s serves nothing: %v\n%s", line, err, log.String())
	}
}
