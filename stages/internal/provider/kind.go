package provider

import (
	"slices"
	"strings"
)

// hosting says whether a kind lives in one place or in many.
type hosting int

const (
	// central: everybody uses the same server, and there is no server_url.
	central hosting = iota
	// mayMove: there is a public server, and server_url names another.
	mayMove
	// selfHosted: server_url is required.
	selfHosted
)

// kind is one row of the table: what sets a provider apart. Zero values are the common
// case. In URLs and headers {name} stands for a variable: base, client_id, and those of
// Vars.
type kind struct {
	ID      string
	Aliases []string
	Name    string
	// Source is the provider's documentation that the row was held against, and the day on
	// which it was read: "URL, 2026-11-30".
	Source string

	Hosted hosting
	// Vars are the variables and their defaults. Those but base, and what begins with an
	// underscore, are settings of the same name, too. Moved are defaults instead of these
	// where server_url is given.
	Vars, Moved map[string]string
	// Settings are names of settings that are no variables.
	Settings []string

	// Issuer makes the kind an OpenID Connect provider; endpoints and keys are
	// discovered there. Others have Auth and Token.
	Issuer, Auth, Token string
	// Tenants permits the issuer of one tenant, or of all, instead of the one the
	// metadata was asked from (microsoft.go).
	Tenants bool
	// Announced has the config endpoint tell the address of the metadata.
	Announced bool

	Scope      []string          // asked for, unless configured otherwise
	EmailScope []string          // asked for besides, for addresses only
	Separator  string            // between scopes; "" is a space (RFC 6749 section 3.3)
	AuthParams map[string]string // go along with the authorization request
	AuthEnd    string            // follows its query
	Basic      bool              // the secret goes into the header (RFC 6749 section 2.3.1)
	NoPKCE     bool              // refuses a code_verifier instead of ignoring it
	NoNonce    bool              // puts no nonce into its id_tokens
	NoClient   bool              // gives no client id
	Silent     bool              // a callback without a code says no

	// Desk says in what the token endpoint differs from RFC 6749; nil where it does not.
	Desk *desk

	// Profile is the URL that says who the access token is of. An OpenID Connect
	// provider needs none; UserInfo has its userinfo endpoint asked besides. Where there is
	// a Desk it may hold {access_token} and members of the token endpoint's answer,
	// {answer.openid}; "" is a provider whose answer there says it all.
	Profile     string
	ProfilePost bool
	// EmailFields follow Profile where all of EmailScope is asked for.
	EmailFields string
	// ProfileBody is posted, JSON or a form, with the same variables, and {client_secret}.
	ProfileBody string
	UserInfo    bool
	Headers     map[string]string
	// Access is the header that the access token goes along in: "" is that of RFC 6750
	// section 2.1, "-" none.
	Access string
	Proof  bool // Facebook's appsecret_proof goes along
	// Root is the path of the identity in the profile.
	Root   string
	Emails emailList
	Map    fields

	// Tokens: an app may bring a token it got itself. TokenIssuer and TokenKeys are of
	// id_tokens that are not those of Issuer; TokenMap is their meaning.
	Tokens                 bool
	TokenIssuer, TokenKeys string
	TokenMap               fields

	special special
	// own is the kind as the program says it that has added it, nil for the shipped ones.
	own *Own
}

// special names the behaviour that rows cannot say.
type special int

const (
	plain special = iota
	isApple
	isFacebook
	isLine
	isDummy
	isConfigured
	isShopify
	isZoho
	isSteam
)

// emailList is an API that lists a person's addresses; the rest are paths in it.
type emailList struct {
	URL, List, Address, Primary, Verified string
	// Says tells whether Primary and Verified mean yes.
	Says truth
}

// fields are the paths of an identity's parts in a profile. Several UID paths make one
// UID, joined by an underscore; Shape says otherwise, "user-{0}_workspace-{1}", and may hold
// variables. The address is verified if all of Verified are true.
type fields struct {
	UID                                         []string
	Shape                                       string
	Username, Name, Given, Family, Phone, Email string
	// SignInName is the path of a name in the form of an address that stands in for the
	// address where there is none. No Verified is about it.
	SignInName              string
	Verified, PhoneVerified []string
	Says                    truth
	// Picture is the path of the URL of a picture, or the URL itself with the paths of
	// what belongs into it in braces.
	Picture string
}

// kinds is the whole table.
func kinds() []kind { return slices.Concat(openIDKinds(), oauthKinds()) }

// kindOf finds a row by its id or an alias.
func kindOf(id string) (kind, bool) {
	for _, k := range kinds() {
		if k.ID == id || slices.Contains(k.Aliases, id) {
			return k, true
		}
	}
	return kind{}, false
}

// Kinds lists the kinds that [New] knows, aliases too, sorted.
func Kinds() []string {
	var out []string
	for _, k := range kinds() {
		out = append(append(out, k.ID), k.Aliases...)
	}
	slices.Sort(out)
	return out
}

// SelfHosted reports whether a kind runs in many places, so that a provider of it needs a
// ServerURL, and whether there is such a kind at all.
func SelfHosted(id string) (hosted, known bool) {
	k, known := kindOf(id)
	return known && k.Hosted == selfHosted, known
}

// NeedsClient reports whether a provider of a kind needs a client id. One that there is not
// needs one.
func NeedsClient(id string) bool {
	k, _ := kindOf(id)
	return !k.NoClient && k.special != isDummy
}

// openID tells an OpenID Connect provider.
func (k kind) openID() bool { return k.Issuer != "" }

// readsItself tells a kind whose own code says what a profile means.
func (k kind) readsItself() bool { return k.own != nil && (k.own.Read != nil || k.own.Exchange != nil) }

// setting tells a setting that the kind has.
func (k kind) setting(name string) bool {
	return slices.Contains(k.settings(), name)
}

// settings lists the settings that the kind has, sorted.
func (k kind) settings() []string {
	out := append([]string(nil), k.Settings...)
	if !k.readsItself() {
		out = append(out, "uid_field")
	}
	if k.UserInfo {
		out = append(out, "fetch_userinfo")
	}
	if k.assertible() {
		out = append(out, assertionSettings()...)
	}
	for name := range k.Vars {
		if name != "base" && name[0] != '_' {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// expand puts variables into a URL or header.
func expand(text string, vars map[string]string) string {
	var pairs []string
	for name, value := range vars {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
