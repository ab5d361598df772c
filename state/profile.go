package state

import "encoding/json"

// Profile is how a person is called and looks, as a third party said or a program has set it.
// It is there to be shown, and proves nothing. Its members are named as the standard claims
// are (OpenID Connect Core, section 5.1).
type Profile struct {
	// Name is the whole name as it is written, GivenName and FamilyName its parts. Any of
	// them may be "".
	Name       string `json:"name,omitempty"`
	GivenName  string `json:"given_name,omitempty"`
	FamilyName string `json:"family_name,omitempty"`
	// Picture is the http or https URL of a picture, "" where there is none.
	Picture string `json:"picture,omitempty"`
}

// The attributes in which an account has its own profile; see [Account.Attributes].
const (
	NameAttribute       = "profile.name"
	GivenNameAttribute  = "profile.given_name"
	FamilyNameAttribute = "profile.family_name"
	PictureAttribute    = "profile.picture"
)

// Profile returns what is kept of the person in the account itself.
func (a *Account) Profile() Profile {
	return Profile{
		Name: a.Attributes[NameAttribute], GivenName: a.Attributes[GivenNameAttribute],
		FamilyName: a.Attributes[FamilyNameAttribute], Picture: a.Attributes[PictureAttribute],
	}
}

// Attributes are the profile as an account keeps it, without what is empty; nil for none.
func (p Profile) Attributes() map[string]string {
	var out map[string]string
	for _, w := range p.changes(Profile{}) {
		if out == nil {
			out = make(map[string]string)
		}
		out[w.Key] = w.Value
	}
	return out
}

// changes are the attributes in which the profile differs from what is there.
func (p Profile) changes(there Profile) []SetAttribute {
	var out []SetAttribute
	for _, x := range []struct{ key, is, was string }{
		{NameAttribute, p.Name, there.Name}, {GivenNameAttribute, p.GivenName, there.GivenName},
		{FamilyNameAttribute, p.FamilyName, there.FamilyName}, {PictureAttribute, p.Picture, there.Picture},
	} {
		if x.is != x.was {
			out = append(out, SetAttribute{Key: x.key, Value: x.is})
		}
	}
	return out
}

// named reports whether any of the names is there.
func (p Profile) named() bool { return p.Name != "" || p.GivenName != "" || p.FamilyName != "" }

// sameNames reports whether all names are equal.
func (p Profile) sameNames(o Profile) bool {
	return p.Name == o.Name && p.GivenName == o.GivenName && p.FamilyName == o.FamilyName
}

// Renewed is the profile with what was said later: its names all together, and its picture.
// What was not said stays: some say a name once and never again.
func (p Profile) Renewed(said Profile) Profile {
	if said.named() {
		p.Name, p.GivenName, p.FamilyName = said.Name, said.GivenName, said.FamilyName
	}
	if said.Picture != "" {
		p.Picture = said.Picture
	}
	return p
}

// Follow are the writes by which an account takes over what a third party says, which said
// was before, nothing at first: names that are still the same, or that there were none of on
// either side, become the new ones, and so does the picture. What was changed here is left
// alone.
func (a *Account) Follow(was, is Profile) []SetAttribute {
	own := a.Profile()
	next := own
	if own.sameNames(was) {
		next.Name, next.GivenName, next.FamilyName = is.Name, is.GivenName, is.FamilyName
	}
	if own.Picture == was.Picture {
		next.Picture = is.Picture
	}
	return next.changes(own)
}

// dropProfile takes the account's own profile away.
func (a *Account) dropProfile() {
	for _, w := range (Profile{}).changes(a.Profile()) {
		w.Apply(a)
	}
}

// Encode returns the profile as stores keep it: a JSON object, "" for an empty one.
func (p Profile) Encode() string {
	if p == (Profile{}) {
		return ""
	}
	b, err := json.Marshal(p)
	if err != nil { // strings alone cannot fail
		return ""
	}
	return string(b)
}

// DecodeProfile reads what Encode wrote. Anything else is the empty profile: it is there to
// be shown, and no sign-in fails by it.
func DecodeProfile(stored string) Profile {
	var p Profile
	if stored == "" || json.Unmarshal([]byte(stored), &p) != nil {
		return Profile{}
	}
	return p
}
