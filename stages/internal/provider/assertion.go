package provider

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of an [Assertion].
const (
	// MaxUID is the longest UID, in bytes. A longer one is an error, never shortened:
	// two people would become one. A sub may have so many (OpenID Connect Core, section 2).
	MaxUID = 255
	// MaxText is the longest name, in characters; what is longer is cut.
	MaxText = 150
	// MaxAddress is the longest e-mail address, in bytes (RFC 5321 section 4.5.3.1.3).
	MaxAddress = 254
	// MaxPicture is the longest URL of a picture, in bytes; a longer one is left out.
	MaxPicture = 1024
	// MaxEmails is how many addresses are kept, the primary one first.
	MaxEmails = 10
	// MaxExtra is the largest Extra, in bytes; a larger one is left out.
	MaxExtra = 16 << 10
)

// Assertion is what a provider says of a person. Provider and UID together name one
// account there, for ever; the rest are hints that the person may have typed.
type Assertion struct {
	// Provider is the configured id, UID the account's name there: 1 to [MaxUID] bytes,
	// no control characters, compared exactly.
	Provider string `json:"provider"`
	UID      string `json:"uid"`
	// Emails are in ASCII and lower case, each once. The primary one is first.
	Emails []Email `json:"emails,omitempty"`
	// The texts are trimmed, without control characters, "" if unknown. Nothing says
	// that they are valid here.
	Username      string `json:"username,omitempty"`
	Name          string `json:"name,omitempty"`
	GivenName     string `json:"given_name,omitempty"`
	FamilyName    string `json:"family_name,omitempty"`
	Phone         string `json:"phone,omitempty"`
	PhoneVerified bool   `json:"phone_verified,omitempty"`
	// Picture is the http or https URL of a picture of the person, "" if unknown.
	Picture string `json:"picture,omitempty"`
	// Display is a name to show for the account, "" where its provider said none.
	Display string `json:"display,omitempty"`
	// AuthTime is when the person last authenticated there, in seconds since 1970; 0 where the
	// provider does not say.
	AuthTime int64 `json:"auth_time,omitempty"`
	// Session is the session there, nil where nothing is made of it here.
	Session *Session `json:"session,omitempty"`
	// Extra is the profile as the provider answered it, a JSON object; for OpenID
	// Connect with userinfo {"id_token": ..., "userinfo": ...}. It may be nil.
	Extra json.RawMessage `json:"extra,omitempty"`
}

// Email is an address a provider says somebody has. Verified is true only where the
// provider says so, or the configuration trusts it (Config.VerifiedEmail).
type Email struct {
	Address  string `json:"address"`
	Verified bool   `json:"verified"`
	Primary  bool   `json:"primary"`
}

// assertion gives a profile its meaning. Without a UID there is none.
func (p *Provider) assertion(profile object, f fields, listed []Email, extra any) (Assertion, error) {
	raw, err := json.Marshal(extra)
	if err != nil {
		raw = nil
	}
	if own := p.kind.own; own != nil && own.Read != nil {
		return p.readBy(own, profile, raw)
	}
	paths := f.UID
	if p.uidField != "" {
		paths = []string{p.uidField}
	}
	uid, err := uidOf(profile, paths, p.shape(f))
	if err != nil {
		return Assertion{}, err
	}
	a := Assertion{
		UID: uid, Username: profile.text(f.Username), Name: profile.text(f.Name), GivenName: profile.text(f.Given), FamilyName: profile.text(f.Family),
		Phone: profile.text(f.Phone), PhoneVerified: profile.all(f.PhoneVerified, f.Says), Extra: raw,
		Picture: profile.filled(f.Picture),
	}
	own := Email{Address: profile.text(f.Email), Verified: profile.all(f.Verified, f.Says), Primary: len(listed) == 0}
	if strings.TrimSpace(own.Address) == "" {
		own.Address, own.Verified = signInName(profile.text(f.SignInName)), false
	}
	a.Emails = append(slices.Clone(listed), own)
	return p.cleaned(a, profile), nil
}

// readBy has the program's code give a profile its meaning.
func (p *Provider) readBy(own *Own, profile object, extra json.RawMessage) (Assertion, error) {
	raw, err := json.Marshal(profile)
	if err != nil {
		return Assertion{}, fault(ErrRefused, "the profile cannot be handed on")
	}
	a, err := own.Read(raw)
	if a.Extra == nil {
		a.Extra = extra
	}
	return p.answered(a, err)
}

// cleaned is an assertion as it may be kept: of this provider, its texts tidy, its addresses
// usable. The UID is checked before.
func (p *Provider) cleaned(a Assertion, profile object) Assertion {
	a.Provider = p.id
	for _, text := range []*string{&a.Username, &a.Name, &a.GivenName, &a.FamilyName, &a.Phone} {
		*text = tidy(*text)
	}
	a.PhoneVerified = a.Phone != "" && a.PhoneVerified
	a.Picture = pictureURL(a.Picture)
	a.Emails = p.addresses(a.Emails)
	if a.Display = displayIn(profile); a.Display == "" {
		a.Display = displayOf(a, tidy(profile.text("preferred_username")))
	}
	if len(a.Extra) > MaxExtra {
		a.Extra = nil
	}
	return a
}

// pictureURL is a URL that a page can show a picture from, or "". No other scheme will do: a
// page that puts it where links stand must not run what somebody else wrote.
func pictureURL(text string) string {
	text = strings.TrimSpace(text)
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(text) > MaxPicture {
		return ""
	}
	if text = u.String(); len(text) > MaxPicture {
		return ""
	}
	return text
}

// addresses are those that can be used, each once, at most one of them primary.
func (p *Provider) addresses(in []Email) []Email {
	var out []Email
	for _, e := range in {
		clean, ok := cleanAddress(e.Address)
		known := func(o Email) bool { return o.Address == clean }
		if !ok || slices.ContainsFunc(out, known) {
			continue
		}
		e.Address, e.Verified = clean, e.Verified || p.verifiedEmail
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b Email) int { return rank(a) - rank(b) })
	for i := range out {
		out[i].Primary = i == 0 && out[i].Primary
	}
	return out[:min(len(out), MaxEmails)]
}

func rank(e Email) int {
	if e.Primary {
		return 0
	}
	return 1
}

// digits is a UID that is a number.
var digits = regexp.MustCompile(`^[0-9]{1,39}$`)

// shape is how a UID is made of its parts; one from elsewhere in the profile is taken as it is.
func (p *Provider) shape(f fields) string {
	if p.uidField != "" {
		return ""
	}
	return p.expand(f.Shape)
}

// uidOf reads the UID: text or a whole number, nothing else, never nothing.
func uidOf(profile object, paths []string, shape string) (string, error) {
	var parts []string
	for _, path := range paths {
		var part string
		switch v := profile.at(path).(type) {
		case string:
			part = v
		case json.Number:
			if !digits.MatchString(string(v)) {
				return "", fault(ErrRefused, "%s is no whole number", path)
			}
			part = string(v)
		case nil:
			return "", fault(ErrRefused, "the profile has no %s", path)
		default:
			return "", fault(ErrRefused, "%s is neither text nor a number", path)
		}
		if strings.TrimSpace(part) == "" || strings.ContainsFunc(part, unfit) || len(paths) > 1 && strings.Contains(part, "_") {
			return "", fault(ErrRefused, "%s is empty or not plain text", path)
		}
		parts = append(parts, part)
	}
	uid := strings.Join(parts, "_")
	if shape != "" {
		named := map[string]string{}
		for i, part := range parts {
			named[strconv.Itoa(i)] = part
		}
		uid = expand(shape, named)
	}
	if uid == "" || len(uid) > MaxUID {
		return "", fault(ErrRefused, "the uid has %d bytes, it must have 1 to %d", len(uid), MaxUID)
	}
	return uid, nil
}

// unfit tells what no UID may have: what a database cannot keep, and what JSON puts for
// any byte that is not UTF-8, which would make one UID of two.
func unfit(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }

// address is a mail address as most are: more is for the store to check.
var address = regexp.MustCompile("^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9-]+(\\.[a-z0-9-]+)+|localhost)$")

// cleanAddress lower-cases an address. Only ASCII is taken: strings.ToLower makes an
// ASCII k of the Kelvin sign, and so another person's address.
func cleanAddress(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) > MaxAddress || strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "", false
	}
	s = strings.ToLower(s)
	return s, address.MatchString(s)
}

// tidy makes a line of a text: no control characters, no space around it, not too long.
func tidy(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s))
	if r := []rune(s); len(r) > MaxText {
		s = strings.TrimSpace(string(r[:MaxText]))
	}
	return s
}
