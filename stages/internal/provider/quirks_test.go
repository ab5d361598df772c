package provider

import (
	"slices"
	"testing"
)

// walkOf is the walk of a kind, to be changed.
func walkOf(t *testing.T, kind string) walk {
	t.Helper()
	all := walks()
	i := slices.IndexFunc(all, func(w walk) bool { return w.kind == kind })
	if i < 0 {
		t.Fatalf("nothing walks %s", kind)
	}
	return all[i]
}

// TestMicrosoftWithoutAMailbox: the user principal name stands in for an address that Graph does
// not say, but not that of a guest, which nobody receives anything at.
func TestMicrosoftWithoutAMailbox(t *testing.T) {
	for name, want := range map[string][]Email{
		"Ann@contoso.com": primary("ann@contoso.com", false),
		"ann_gmail.com#EXT#@contoso.onmicrosoft.com": nil,
		"ann_gmail.com#ext#@contoso.onmicrosoft.com": nil,
	} {
		w := walkOf(t, "microsoft")
		w.apis = map[string]string{"GET https://graph.microsoft.com/v1.0/me": `{"id": "87d349ed-44d7-43e1-9a83-5f2406dee5bd", "mail": null,
			"givenName": "Ann", "surname": null, "userPrincipalName": "` + name + `"}`}
		w.want = Assertion{UID: "87d349ed-44d7-43e1-9a83-5f2406dee5bd", GivenName: "Ann", Display: "Ann", Emails: want}
		t.Run(name, w.run)
	}
}

// TestXWithoutAddresses: who does not ask for addresses does not ask for the field that X
// refuses without the scope.
func TestXWithoutAddresses(t *testing.T) {
	w := walkOf(t, "twitter_oauth2")
	w.cfg.SkipEmail, w.scope = true, "users.read tweet.read"
	n := newInternet(t)
	_, p := w.serve(t, n)
	if got := p.profileURL(); got != "https://api.x.com/2/users/me?user.fields=id,name,username,verified,profile_image_url,created_at" {
		t.Error(got)
	}
	w.cfg.SkipEmail, w.cfg.Scope = false, []string{"users.read", "tweet.read"}
	if _, p = w.serve(t, newInternet(t)); p.profileURL() != p.kind.Profile {
		t.Error(p.profileURL())
	}
}

// TestXThatSaysNoAddress: an account with a telephone number alone, or an address that is
// not confirmed.
func TestXThatSaysNoAddress(t *testing.T) {
	w := walkOf(t, "twitter_oauth2")
	w.apis = map[string]string{"GET https://api.x.com/2/users/me": `{"data": {"id": "2244994945", "name": "X Dev", "username": "TwitterDev"}}`}
	w.want.Emails, w.want.Picture = nil, ""
	w.run(t)
}

// TestBitbucketByUUID: who has connected accounts by the uuid keeps them by a setting.
func TestBitbucketByUUID(t *testing.T) {
	w := walkOf(t, "bitbucket_oauth2")
	w.cfg.Settings = map[string]string{"uid_field": "uuid"}
	w.want.UID = "{d301aafa-d676-4ee0-88be-962be7417567}"
	w.run(t)
}
