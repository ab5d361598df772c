package player

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// The kinds of client a story is played by.
const (
	// Browser and App speak the headless contract: cookies and a token against forged
	// requests, or the header X-Session-Token.
	Browser = "browser"
	App     = "app"
	// Rest speaks the plain contract: bearer tokens, and tokens of runs in the body.
	Rest = "rest"
)

// Story is one fixture: what is asked of a server, step by step, and what must come of
// it. It is made by [Load].
type Story struct {
	// File is where it stands, Name its path below what was loaded, without the ending.
	File string `yaml:"-"`
	Name string `yaml:"name"`
	// Proves says in a sentence what the story proves.
	Proves string `yaml:"proves"`
	// Profile is the configuration it is played on, Config what that one story would
	// have otherwise, in the form of the server's configuration file.
	Profile string         `yaml:"profile"`
	Config  map[string]any `yaml:"config"`
	// Clients are the kinds of client that play it, each for itself.
	Clients []string `yaml:"clients"`
	Tags    []string `yaml:"tags"`
	// Accounts are those that exist before the first step.
	Accounts AccountSpecs `yaml:"given"`
	// Prints are the fingerprints of the flows the story was recorded under.
	Prints map[string]string `yaml:"prints"`
	// Trail is what the runs of the story must have been through, in the order of their
	// first turns; nil to look at none.
	Trail []Trail `yaml:"trail"`
	// Ignore are paths that no comparison with a recording looks at.
	Ignore []string `yaml:"ignore"`
	// Serial keeps a story from being played beside others on the same server.
	Serial bool `yaml:"serial"`
	// Binds are the devices that hold a key of their own: browsers that bind their sessions,
	// apps and scripts that prove their key with every request. main is the one without a name.
	Binds []string `yaml:"binds"`
	// Prime, if false, keeps browsers from fetching their token against forged requests.
	Prime *bool  `yaml:"prime"`
	Steps []Step `yaml:"steps"`

	// About is another word for Proves.
	About string `yaml:"about"`

	recorded map[string][]recordedStep
	macros   macros
}

// AccountSpec is an account that exists before a story begins. What is empty is made up where
// the profile's accounts have it, or left out.
type AccountSpec struct {
	// Email is an address, or none; Verified is whether it is verified, true if nil.
	Email    string `yaml:"email" json:"email,omitempty"`
	Verified *bool  `yaml:"verified" json:"-"`
	// Password is the password, or none.
	Password string `yaml:"password" json:"password,omitempty"`
	Username string `yaml:"username" json:"username,omitempty"`
	// Phone is a number in E.164; PhoneVerified is true if nil.
	Phone         string `yaml:"phone" json:"phone,omitempty"`
	PhoneVerified *bool  `yaml:"phone_verified" json:"-"`
	// TOTP and RecoveryCodes set up second factors; Passkey is the name of a credential
	// for passkey_get, SecurityKey that of one that is no passkey.
	TOTP          bool   `yaml:"totp" json:"totp,omitempty"`
	RecoveryCodes bool   `yaml:"recovery_codes" json:"recovery_codes,omitempty"`
	Passkey       string `yaml:"passkey" json:"passkey,omitempty"`
	SecurityKey   string `yaml:"security_key" json:"security_key,omitempty"`
	// Provider connects an account of third parties, by provider to the id there.
	Provider map[string]string `yaml:"provider" json:"provider,omitempty"`
	Disabled bool              `yaml:"disabled" json:"disabled,omitempty"`
	// Attributes are what custom stages keep of an account, acme.terms: "3".
	Attributes map[string]string `yaml:"attributes" json:"attributes,omitempty"`
}

// AccountSpecs are one account or several.
type AccountSpecs []AccountSpec

// UnmarshalYAML reads one account, or a list of them.
func (g *AccountSpecs) UnmarshalYAML(n *yaml.Node) error {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	for _, node := range list {
		var one AccountSpec
		if err := strict(node, &one); err != nil {
			return err
		}
		*g = append(*g, one)
	}
	return nil
}

// Trail is what one run went through.
type Trail struct {
	// Flow is the flow, As the device it was on, "" for any.
	Flow string `yaml:"flow"`
	As   string `yaml:"as"`
	// Marks are the exits it took, node/exit or node/exit:reason, in order.
	Marks []string `yaml:"marks"`
	// End is the end it reached, "" for a run that waits.
	End string `yaml:"end"`
}

// Step is one line of a story. Exactly one of its verbs is set: Req, Mail, SMS, OIDC, Do,
// Set, Sleep, Advance, Drop or Steal.
type Step struct {
	// Req is METHOD /path below the contract of the client, or METHOD =/path as it
	// stands.
	Req         string            `yaml:"req"`
	Body        any               `yaml:"body"`
	Form        map[string]any    `yaml:"form"`
	Raw         *string           `yaml:"raw"`
	ContentType string            `yaml:"content_type"`
	Headers     map[string]string `yaml:"headers"`
	// CSRF and Token say what a request carries besides: none, wrong, or a value.
	CSRF  string `yaml:"csrf"`
	Token string `yaml:"token"`
	// Proof is what a request proves its key by instead of the device's own proof: none, a
	// text as it stands, or what is otherwise in it. Skips has a browser that binds go without
	// cookies that it lacks, for that reason.
	Proof any    `yaml:"proof"`
	Skips string `yaml:"skips"`
	// Repeat plays the step so often, Burst that often at once.
	Repeat int   `yaml:"repeat"`
	Burst  int   `yaml:"burst"`
	Allow  []int `yaml:"allow"`
	// Capture keeps parts of the answer as variables.
	Capture     map[string]string `yaml:"capture"`
	Ignore      []string          `yaml:"ignore"`
	StatusOnly  bool              `yaml:"status_only"`
	ShowHeaders []string          `yaml:"show_headers"`

	// Mail and SMS take the messages to an address or a number.
	Mail string `yaml:"mail"`
	SMS  string `yaml:"sms"`
	// OIDC is the person at the provider after a redirect.
	OIDC map[string]any `yaml:"oidc"`
	// Do plays a macro with arguments.
	Do   string            `yaml:"do"`
	With map[string]string `yaml:"with"`
	Set  map[string]any    `yaml:"set"`
	// Sleep and Advance let time pass: seconds, or a duration such as 15m.
	Sleep   Span   `yaml:"sleep"`
	Advance Span   `yaml:"advance"`
	Drop    string `yaml:"drop"`
	// Steal is the device whose cookies and tokens this one takes over, without its key.
	Steal string `yaml:"steal"`

	// As is the device, Only the one client that plays the step.
	As   string `yaml:"as"`
	Only string `yaml:"only"`
	Note string `yaml:"note"`

	// Want is a status, or one for each client; of messages their kinds.
	Want any `yaml:"want"`
	// Pending, Flows, Errors and Cookies are lists of words, or one for each client; nil
	// to look at none.
	Pending any `yaml:"pending"`
	Flows   any `yaml:"flows"`
	Errors  any `yaml:"errors"`
	Cookies any `yaml:"cookies"`
	// Binding is what a browser that binds did of itself in the step.
	Binding any `yaml:"binding"`
	// Answer is a part of the answer's body, AnswerHeaders some of its headers, Location
	// where it redirects to.
	Answer        any               `yaml:"answer"`
	AnswerHeaders map[string]string `yaml:"answer_headers"`
	Location      string            `yaml:"location"`
	// Trail is the exits that runs took in this step.
	Trail []string `yaml:"trail"`

	// Line is where the step stands in its file.
	Line int `yaml:"-"`

	path string
}

// UnmarshalYAML reads a step and remembers its line.
func (s *Step) UnmarshalYAML(n *yaml.Node) error {
	type plain Step
	if err := strict(n, (*plain)(s)); err != nil {
		return err
	}
	s.Line = n.Line
	verbs := s.verbs()
	switch {
	case len(verbs) == 0:
		return &fault{n.Line, "a step does nothing; give it one of " + strings.Join(allVerbs(), ", ")}
	case len(verbs) > 1:
		return &fault{n.Line, fmt.Sprintf("a step does one thing, and this one %s; make them steps of their own", strings.Join(verbs, " and "))}
	}
	if verbs[0] == "req" && !strings.Contains(s.Req, " /") && !strings.Contains(s.Req, " =/") {
		return &fault{n.Line, fmt.Sprintf("req %q: want METHOD /path", s.Req)}
	}
	return nil
}

func allVerbs() []string {
	return []string{"req", "mail", "sms", "oidc", "do", "set", "sleep", "advance", "drop", "steal"}
}

// verbs are the verbs that are set.
func (s *Step) verbs() []string {
	is := map[string]bool{
		"req": s.Req != "", "mail": s.Mail != "", "sms": s.SMS != "", "oidc": s.OIDC != nil, "do": s.Do != "",
		"set": s.Set != nil, "sleep": s.Sleep > 0, "advance": s.Advance > 0, "drop": s.Drop != "", "steal": s.Steal != "",
	}
	return slices.DeleteFunc(allVerbs(), func(v string) bool { return !is[v] })
}

// answers reports whether a step comes to something that can be compared.
func (s *Step) answers() bool {
	return s.Req != "" || s.Mail != "" || s.SMS != "" || s.OIDC != nil
}

// Label names the step as recordings do.
func (s *Step) Label() string {
	label := ""
	switch {
	case s.Req != "":
		label = s.Req
		if s.Burst > 1 {
			label += " x" + strconv.Itoa(s.Burst)
		}
	case s.OIDC != nil:
		label = "oidc callback"
	case s.Mail != "":
		return "mail " + s.Mail
	case s.SMS != "":
		return "sms " + s.SMS
	case s.Sleep > 0:
		return "sleep"
	case s.Advance > 0:
		return "advance " + time.Duration(s.Advance).String()
	case s.Drop != "":
		return "drop " + s.Drop
	case s.Steal != "":
		label = "steal " + s.Steal
	case s.Do != "":
		return "do " + s.Do
	default:
		return "set"
	}
	if s.As != "" {
		label = s.As + ": " + label
	}
	return label
}

// Span is a length of time: a number of seconds, or a duration such as 15m or 2d.
type Span time.Duration

// UnmarshalYAML reads either notation. A span must be longer than nothing.
func (s *Span) UnmarshalYAML(n *yaml.Node) error {
	text := n.Value
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if count, err := strconv.ParseFloat(days, 64); err == nil {
			text = strconv.FormatFloat(24*count, 'f', -1, 64) + "h"
		}
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		text += "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return &fault{n.Line, fmt.Sprintf("%q is no length of time; give seconds, or a duration such as 15m", n.Value)}
	}
	*s = Span(d)
	return nil
}

// strict decodes a mapping and refuses keys that are not the struct's.
func strict(n *yaml.Node, into any) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		return &fault{n.Line, "keys and values are expected here"}
	}
	known := keysOf(reflect.TypeOf(into).Elem())
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i].Value; !slices.Contains(known, key) {
			return &fault{n.Content[i].Line, fmt.Sprintf("unknown key %q; there are %s", key, strings.Join(known, ", "))}
		}
	}
	return n.Decode(into)
}

// keysOf are the keys of a struct.
func keysOf(t reflect.Type) []string {
	var out []string
	for f := range t.Fields() {
		if tag := f.Tag.Get("yaml"); tag != "" && tag != "-" {
			out = append(out, tag)
		}
	}
	return out
}

// fault is something wrong with a line of a file.
type fault struct {
	line int
	what string
}

// Error says what is wrong, without the file.
func (f *fault) Error() string { return fmt.Sprintf("line %d: %s", f.line, f.what) }
