package dpop

import (
	"errors"
	"testing"
	"time"
)

// refusal is why a proof is none, "" where it is one.
func refusal(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no reason", err)
	}
	return e.Error()
}

// The proofs of RFC 9449: figure 2 asks for a token, figure 12 comes with one.
const (
	figure2 = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19" +
		".eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ" +
		".2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
	figure12 = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19" +
		".eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9" +
		".2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
	figure12Token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
	figureKey     = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
)

// TestExamplesOfTheStandard: the proofs that RFC 9449 prints are good for what it says, and for
// nothing else.
func TestExamplesOfTheStandard(t *testing.T) {
	v, err := New(Config{Origins: []string{"https://server.example.com", "https://resource.example.org"}, Window: time.Minute, Nonces: NewNonces(keyring(t, "k"))})
	if err != nil {
		t.Fatal(err)
	}
	token := Request{"POST", "/token", time.Unix(1562262620, 0)}
	p, err := v.Read([]string{figure2}, token)
	if err != nil || p.Thumbprint != figureKey || p.Algorithm != "ES256" {
		t.Fatalf("figure 2: %+v, %v", p, err)
	}
	if got := refusal(t, p.For(figure12Token)); got != "invalid_dpop_proof: token" {
		t.Errorf("figure 2 has no ath: %q", got)
	}
	resource := Request{"GET", "/protectedresource", time.Unix(1562262620, 0)}
	p, err = v.Read([]string{figure12}, resource)
	if err != nil || p.Thumbprint != figureKey || p.For(figure12Token) != nil || p.For(figure12Token+"x") == nil {
		t.Fatalf("figure 12: %+v, %v", p, err)
	}
	for name, r := range map[string]Request{
		"method": {"GET", "/token", token.Now}, "target": {"POST", "/tokens", token.Now}, "time": {"POST", "/token", token.Now.Add(time.Hour)},
	} {
		if _, err := v.Read([]string{figure2}, r); err == nil {
			t.Errorf("figure 2 is good for another %s", name)
		}
	}
}

// TestRead: each thing that RFC 9449, section 4.3, asks to check is checked, and the reason says
// which.
func TestRead(t *testing.T) {
	v, c := verifier(t, false), newClient(t)
	type change = map[string]any
	private := c.jwk(t)
	private["d"] = private["x"]
	other := newClient(t)
	long := make([]byte, maxID+1)
	for i := range long {
		long[i] = 'a'
	}
	for name, p := range map[string]struct {
		header, claims change
		want           string
	}{
		"good":                       {want: ""},
		"another iat, in the window": {claims: change{"iat": now.Unix() - 60}, want: ""},
		"a clock that is ahead":      {claims: change{"iat": now.Unix() + 60}, want: ""},
		"a fraction of a second":     {claims: change{"iat": float64(now.UnixMilli()) / 1000}, want: ""},
		"query and fragment":         {claims: change{"htu": "https://auth.example.com/login?a=b#c"}, want: ""},
		"host in capitals, port":     {claims: change{"htu": "HTTPS://AUTH.example.com:443/login"}, want: ""},
		"escapes that need not be":   {claims: change{"htu": "https://auth.example.com/l%6fgin"}, want: ""},
		"a token that there is none": {claims: change{"ath": TokenHash("x")}, want: ""},
		"claims of the client's own": {claims: change{"exp": 1, "sub": "me"}, want: ""},
		"type":                       {header: change{"typ": "JWT"}, want: "invalid_dpop_proof: type"},
		"no type":                    {header: change{"typ": nil}, want: "invalid_dpop_proof: type"},
		"browser's type":             {header: change{"typ": "dbsc+jwt"}, want: "invalid_dpop_proof: type"},
		"no key":                     {header: change{"jwk": nil}, want: "invalid_dpop_proof: key"},
		"a private key":              {header: change{"jwk": private}, want: "invalid_dpop_proof: key"},
		"another's key":              {header: change{"jwk": other.jwk(t)}, want: "invalid_dpop_proof: signature"},
		"none":                       {header: change{"alg": "none"}, want: "invalid_dpop_proof: algorithm"},
		"secret":                     {header: change{"alg": "HS256"}, want: "invalid_dpop_proof: algorithm"},
		"no algorithm":               {header: change{"alg": nil}, want: "invalid_dpop_proof: algorithm"},
		"critical":                   {header: change{"crit": []string{"x"}}, want: "invalid_dpop_proof: malformed"},
		"no id":                      {claims: change{"jti": nil}, want: "invalid_dpop_proof: id"},
		"empty id":                   {claims: change{"jti": ""}, want: "invalid_dpop_proof: id"},
		"long id":                    {claims: change{"jti": string(long)}, want: "invalid_dpop_proof: id"},
		"id that is a number":        {claims: change{"jti": 5}, want: "invalid_dpop_proof: id"},
		"method":                     {claims: change{"htm": "GET"}, want: "invalid_dpop_proof: method"},
		"method in small letters":    {claims: change{"htm": "post"}, want: "invalid_dpop_proof: method"},
		"no method":                  {claims: change{"htm": nil}, want: "invalid_dpop_proof: method"},
		"path":                       {claims: change{"htu": "https://auth.example.com/login/"}, want: "invalid_dpop_proof: target"},
		"host":                       {claims: change{"htu": "https://auth.example.org/login"}, want: "invalid_dpop_proof: target"},
		"host with a tail":           {claims: change{"htu": "https://auth.example.com.evil.org/login"}, want: "invalid_dpop_proof: target"},
		"user":                       {claims: change{"htu": "https://auth.example.com@evil.org/login"}, want: "invalid_dpop_proof: target"},
		"scheme":                     {claims: change{"htu": "http://auth.example.com/login"}, want: "invalid_dpop_proof: target"},
		"port":                       {claims: change{"htu": "https://auth.example.com:8443/login"}, want: "invalid_dpop_proof: target"},
		"port of another scheme":     {claims: change{"htu": "https://auth.example.com:80/login"}, want: "invalid_dpop_proof: target"},
		"path alone":                 {claims: change{"htu": "/login"}, want: "invalid_dpop_proof: target"},
		"no target":                  {claims: change{"htu": nil}, want: "invalid_dpop_proof: target"},
		"no time":                    {claims: change{"iat": nil}, want: "invalid_dpop_proof: time"},
		"time that is text":          {claims: change{"iat": "1"}, want: "invalid_dpop_proof: time"},
		"old":                        {claims: change{"iat": now.Unix() - 61}, want: "use_dpop_nonce: time"},
		"from the future":            {claims: change{"iat": now.Unix() + 61}, want: "use_dpop_nonce: time"},
		"a nonce of nobody's":        {claims: change{"nonce": "x"}, want: "use_dpop_nonce: nonce"},
		"an empty nonce":             {claims: change{"nonce": ""}, want: "use_dpop_nonce: nonce"},
		"a nonce that is null":       {claims: change{"nonce": []string{}}, want: "use_dpop_nonce: nonce"},
	} {
		got, err := v.Read([]string{c.proof(t, p.header, p.claims)}, login())
		if why := refusal(t, err); why != p.want || (got == nil) != (p.want != "") {
			t.Errorf("%s: %q, want %q", name, why, p.want)
		}
	}
}

// TestHeaders: no header is no proof, and more than one is none that could be meant.
func TestHeaders(t *testing.T) {
	v, c := verifier(t, false), newClient(t)
	if p, err := v.Read(nil, login()); p != nil || err != nil {
		t.Errorf("no header: %v, %v", p, err)
	}
	good := c.proof(t, nil, nil)
	for want, headers := range map[string][]string{
		"invalid_dpop_proof: several":   {good, good},
		"invalid_dpop_proof: malformed": {good + ", " + good},
	} {
		if _, err := v.Read(headers, login()); refusal(t, err) != want {
			t.Errorf("%d headers: %v", len(headers), err)
		}
	}
	if _, err := v.Read([]string{""}, login()); refusal(t, err) != "invalid_dpop_proof: malformed" {
		t.Errorf("an empty header: %v", err)
	}
}

// TestNonceGoesBeforeTheClock: a proof with a nonce of ours counts whatever its own time, for as
// long as the nonce does; where one is required, a proof without is none.
func TestNonceGoesBeforeTheClock(t *testing.T) {
	c := newClient(t)
	for _, required := range []bool{false, true} {
		v := verifier(t, required)
		proof := c.proof(t, nil, map[string]any{"nonce": v.Nonce(now), "iat": 5})
		for after, want := range map[time.Duration]string{0: "", 4 * time.Minute: "", nonceLife: "use_dpop_nonce: nonce", -time.Minute: "use_dpop_nonce: nonce"} {
			r := login()
			r.Now = now.Add(after)
			if _, err := v.Read([]string{proof}, r); refusal(t, err) != want {
				t.Errorf("required %v, %v later: %v", required, after, err)
			}
		}
	}
	if _, err := verifier(t, true).Read([]string{c.proof(t, nil, nil)}, login()); refusal(t, err) != "use_dpop_nonce: nonce_missing" {
		t.Errorf("none where it is required: %v", err)
	}
}

// TestOnce: a proof has one name, for longer than it can be good, and no other proof has it.
func TestOnce(t *testing.T) {
	v, c := verifier(t, false), newClient(t)
	read := func(c client, claims map[string]any) *Proof {
		p, err := v.Read([]string{c.proof(t, nil, claims)}, login())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	name, lives := read(c, nil).Once()
	if again, same := read(c, map[string]any{"iat": now.Unix() - 30}).Once(); again != name || same != lives {
		t.Error("another name at the second look")
	}
	// It may be shown until a minute after its own time, which may be a minute ahead.
	if lives < 2*time.Minute {
		t.Errorf("it is forgotten after %v", lives)
	}
	if _, lives := read(c, map[string]any{"nonce": v.Nonce(now)}).Once(); lives < nonceLife {
		t.Errorf("one with a nonce is forgotten after %v", lives)
	}
	for what, p := range map[string]*Proof{"another id": read(c, map[string]any{"jti": "two"}), "another's": read(newClient(t), nil)} {
		if other, _ := p.Once(); other == name {
			t.Errorf("%s has the same name", what)
		}
	}
}

// TestFaults: a verifier that could judge nothing is not made.
func TestFaults(t *testing.T) {
	nonces := NewNonces(keyring(t, "k"))
	for name, c := range map[string]Config{
		"no origin": {Window: time.Minute, Nonces: nonces}, "a path": {Origins: []string{"https://example.com/x"}, Window: time.Minute, Nonces: nonces},
		"no scheme": {Origins: []string{"example.com"}, Window: time.Minute, Nonces: nonces}, "no window": {Origins: []string{"https://example.com"}, Nonces: nonces},
		"no nonces": {Origins: []string{"https://example.com"}, Window: time.Minute},
	} {
		if v, err := New(c); err == nil || v != nil {
			t.Errorf("%s: %v", name, v)
		}
	}
}
