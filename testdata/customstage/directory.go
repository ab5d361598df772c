package acme

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"stagedoor/stages"
	"stagedoor/state"
)

// Directory is the company's own directory of people as a provider to sign in with. Where
// it runs is the server_url of the configuration.
func Directory() stages.ProviderKind {
	return stages.ProviderKind{
		ID: "acme_directory", Name: "Acme directory", Scope: []string{"people"}, EmailScope: []string{"mail"},
		AuthURL: "{base}/authorize", TokenURL: "{base}/token", ProfileURL: "{base}/me", Read: person, VerifyToken: ownToken,
	}
}

// person reads what the directory answers about a person.
func person(profile json.RawMessage) (stages.Identity, error) {
	var p struct{ Badge, Nick, Mail, Checked string }
	err := json.Unmarshal(profile, &p)
	return stages.Identity{UID: p.Badge, Username: p.Nick, Emails: []state.Email{{Address: p.Mail, Verified: p.Checked == p.Mail && p.Mail != ""}}}, err
}

// ownToken asks the directory about a token that an app got: it must have been made for us.
func ownToken(ctx context.Context, c stages.ProviderCall) (stages.Identity, error) {
	r, err := http.NewRequestWithContext(ctx, "POST", c.Config.ServerURL+"/inspect?"+url.Values{"client": {c.Config.ClientID}, "token": {c.AccessToken}}.Encode(), nil)
	if err != nil {
		return stages.Identity{}, err
	}
	got, err := c.HTTP.Do(r)
	if err != nil {
		return stages.Identity{}, err
	}
	defer got.Body.Close()
	var of struct{ Person json.RawMessage }
	if err := json.NewDecoder(got.Body).Decode(&of); err != nil || got.StatusCode != http.StatusOK {
		return stages.Identity{}, errors.New("the token is not for this server")
	}
	return person(of.Person)
}
