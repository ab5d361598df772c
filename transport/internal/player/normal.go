package player

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// The types that stand in the place of values that differ from time to time.
const (
	aBool   = "<bool>"
	aNumber = "<number>"
	aString = "<string>"
	aList   = "<list>"
	anID    = "<id>"
)

// unshared is a provider that exists on some servers only.
const unshared = "dummy"

// typeOf is the type of a value, nil for null.
func typeOf(v any) any {
	switch v.(type) {
	case nil:
		return nil
	case bool:
		return aBool
	case string:
		return aString
	case []any:
		return aList
	case map[string]any:
		return "<object>"
	}
	return aNumber
}

// varies reports whether the field holds something that differs from time to time: a
// time, a secret, a token, an address of the network.
func varies(field string) bool {
	switch field {
	case "at", "created_at", "last_used_at", "last_seen_at", "timeout",
		"secret", "totp_url", "session_token", "access_token", "refresh_token", "challenge", "message", "client_id", "logout_url",
		"openid_configuration_url", "ip", "rpId", "totp_svg", "totp_svg_data_uri",
		"flow_token", "mfa_token", "qr_code", "redirect_url":
		return true
	}
	return false
}

// template writes the values of this play as the templates they came from.
func (p *play) template(s string) string {
	for _, k := range p.known {
		if len(k.value) >= 5 {
			s = strings.ReplaceAll(s, k.value, k.as)
		}
	}
	return s
}

// ownOrType is a text where it repeats something of this play, else its type.
func (p *play) ownOrType(v any) any {
	if s, ok := v.(string); ok {
		if t := p.template(s); t != s {
			return t
		}
	}
	return typeOf(v)
}

// normal is a value of an answer as it is compared: field is where it stands, in what the
// object around that is. What differs from time to time becomes its type, and lists whose
// order says nothing are sorted.
func (p *play) normal(v any, field, in string) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, value := range v {
			out[name] = p.normalField(v, field, name, value)
		}
		return out
	case []any:
		return p.normalList(v, field, in)
	case string:
		if !varies(field) {
			return p.template(v)
		}
	}
	if varies(field) {
		return typeOf(v)
	}
	return v
}

// normalField is a field of an object that stands at a field.
func (p *play) normalField(object map[string]any, at, name string, value any) any {
	switch name {
	case "id":
		if storedID(object, at) {
			return anID
		}
	case "name":
		if _, provider := object["flows"]; provider || at == "provider" || at == "rp" {
			return typeOf(value)
		}
		if at == "user" {
			return p.ownOrType(value)
		}
	case "display":
		if object["uid"] != nil {
			return typeOf(value)
		}
		return p.ownOrType(value)
	case "displayName", "username":
		return p.ownOrType(value)
	}
	return p.normal(value, name, at)
}

// storedID reports whether the id of an object is one of the database, or a credential's:
// not that of a flow or a provider.
func storedID(object map[string]any, at string) bool {
	switch object["id"].(type) {
	case json.Number:
		return true
	case string:
		if at == "user" || at == "rp" {
			return true
		}
		for _, sign := range []string{"type", "is_current", "has_usable_password", "method"} {
			if _, ok := object[sign]; ok {
				return true
			}
		}
	}
	return false
}

func (p *play) normalList(list []any, field, in string) any {
	out := make([]any, 0, len(list))
	switch field {
	case "pubKeyCredParams", "transports", "hints":
		if len(list) > 0 {
			return aList
		}
		return out
	case "unused_codes":
		for _, v := range list {
			out = append(out, typeOf(v))
		}
		return out
	}
	for _, v := range list {
		if (field != "providers" && field != "flows") || !isUnshared(v) {
			out = append(out, p.normal(v, field, in))
		}
	}
	if field != "methods" {
		slices.SortStableFunc(out, func(a, b any) int { return strings.Compare(written(a), written(b)) })
	}
	return out
}

// isUnshared reports whether an element of a list is the provider that some servers have,
// or a flow of it alone.
func isUnshared(v any) bool {
	switch v := v.(type) {
	case string:
		return v == unshared
	case map[string]any:
		list, _ := v["providers"].([]any)
		return v["id"] == unshared || len(list) == 1 && list[0] == unshared
	}
	return false
}

// written is a value as JSON, with the fields of objects in order.
func written(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // of what was decoded, or made of it
	return strings.TrimSuffix(b.String(), "\n")
}

// locationOf is where an answer redirects to, nil for nowhere.
func (p *play) locationOf(to string) *location {
	if to == "" {
		return nil
	}
	u, err := url.Parse(to)
	if err != nil {
		return &location{To: "unreadable"}
	}
	l := &location{To: p.template(u.Scheme + "://" + u.Host + u.Path)}
	switch {
	case u.Host != "" && p.world.Provider != nil && u.Host == hostOf(p.world.Provider.Issuer()):
		l.To = "idp"
	case u.Host == "" || u.Host == hostOf(p.world.Base):
		l.To = p.template(u.Path)
	}
	for name, values := range u.Query() {
		switch name {
		case "error", "error_process", "keep":
			for _, v := range values {
				l.Query = append(l.Query, name+"="+v)
			}
		default:
			l.Query = append(l.Query, name)
		}
	}
	slices.Sort(l.Query)
	return l
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// headerFact is the part of a header that means something to a client.
func headerFact(name, value string) string {
	switch strings.ToLower(name) {
	case "content-type":
		value, _, _ = strings.Cut(value, ";")
	case "cache-control":
		if strings.Contains(value, "no-store") {
			value = "no-store"
		} else {
			value = "may be stored"
		}
	}
	return name + ": " + value
}

// ignored replaces what a path leads to; * is every field or element.
func ignored(v any, path string) any {
	if path == "" {
		return "<ignored>"
	}
	head, rest, _ := strings.Cut(path, ".")
	each := func(name string) bool { return head == "*" || head == name }
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			if each(name) {
				v[name] = ignored(v[name], rest)
			}
		}
	case []any:
		for i := range v {
			if each(itoa(i)) {
				v[i] = ignored(v[i], rest)
			}
		}
	}
	return v
}
