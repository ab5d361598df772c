package player

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// template is an expression in a text.
var template = regexp.MustCompile(`\{\{\s*([^{}]+?)\s*\}\}`)

// fill puts values in the place of templates, anywhere in a value of JSON's shape. A text
// that is one template takes the type of what it stands for.
func (p *play) fill(v any, c *client) (any, error) {
	switch v := v.(type) {
	case string:
		if m := template.FindStringSubmatch(v); m != nil && m[0] == v {
			return p.eval(m[1], c)
		}
		return p.text(v, c)
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			name, err := p.text(key, c)
			if err != nil {
				return nil, err
			}
			if out[name], err = p.fill(v[key], c); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			var err error
			if out[i], err = p.fill(one, c); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

// text puts values in the place of the templates of a text.
func (p *play) text(s string, c *client) (string, error) {
	var out strings.Builder
	for {
		at := template.FindStringSubmatchIndex(s)
		if at == nil {
			out.WriteString(s)
			return out.String(), nil
		}
		value, err := p.eval(s[at[2]:at[3]], c)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%s%v", s[:at[0]], value)
		s = s[at[1]:]
	}
}

// word is a function that templates may call.
type word func(p *play, args []string, c *client) (any, error)

// words are the functions by name.
func words() map[string]word {
	return map[string]word{
		"upper":        onText(strings.ToUpper),
		"lower":        onText(strings.ToLower),
		"nodash":       onText(func(s string) string { return strings.ReplaceAll(s, "-", "") }),
		"dashed":       onText(func(s string) string { return s[:len(s)/2] + "-" + s[len(s)/2:] }),
		"spaced":       onText(func(s string) string { return s[:len(s)/2] + " " + s[len(s)/2:] }),
		"wrong":        onText(wrong),
		"swap":         onText(swapped),
		"int":          number,
		"repeat":       repeated,
		"totp":         (*play).totp,
		"totp_next":    (*play).totpNext,
		"totp_wrong":   (*play).totpWrong,
		"passkey_new":  (*play).passkeyNew,
		"passkey_get":  (*play).passkeyGet,
		"id_token":     (*play).idToken,
		"logout_token": (*play).logoutToken,
	}
}

// eval is what an expression stands for: a function of words with its arguments, or the
// path of a variable. A variable goes before a function without arguments.
func (p *play) eval(expr string, c *client) (any, error) {
	args := strings.Fields(expr)
	if len(args) == 0 {
		return nil, errors.New("{{}}: the expression is empty")
	}
	if f, ok := words()[args[0]]; ok {
		v, err := f(p, args[1:], c)
		if err != nil {
			return nil, fmt.Errorf("{{%s}}: %w", expr, err)
		}
		return v, nil
	}
	if len(args) > 1 {
		return nil, fmt.Errorf("{{%s}}: there is no function %s; there are %s", expr, args[0], strings.Join(slices.Sorted(maps.Keys(words())), ", "))
	}
	v, err := p.lookup(args[0], c)
	if err != nil {
		return nil, fmt.Errorf("{{%s}}: %w", expr, err)
	}
	return v, nil
}

// onText makes a word of a function on texts. Its argument is a variable.
func onText(f func(string) string) word {
	return func(p *play, args []string, c *client) (any, error) {
		text, err := p.argument(args, 0, c)
		return f(text), err
	}
}

// argument is the text of the variable that an argument names.
func (p *play) argument(args []string, i int, c *client) (string, error) {
	if i >= len(args) {
		return "", fmt.Errorf("argument %d is missing", i+1)
	}
	v, err := p.lookup(args[i], c)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(v), nil
}

func number(p *play, args []string, c *client) (any, error) {
	text, err := p.argument(args, 0, c)
	if err != nil {
		return nil, err
	}
	return strconv.Atoi(text)
}

// repeated repeats a text that stands for itself.
func repeated(_ *play, args []string, _ *client) (any, error) {
	if len(args) != 2 {
		return nil, fmt.Errorf("want repeat TEXT N")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil || n < 0 || n > 1<<24 {
		return nil, fmt.Errorf("%q is no number of repetitions", args[1])
	}
	return strings.Repeat(args[0], n), nil
}

// lookup finds a variable by its path.
func (p *play) lookup(name string, c *client) (any, error) {
	head, rest, _ := strings.Cut(name, ".")
	var v any
	switch head {
	case "base":
		v = p.world.Base
	case "client":
		v = c.kind
	case "idp":
		v = p.world.Provider.Issuer()
	case "last":
		v = p.last
	case "token":
		v = c.token
	case "access_token":
		v = c.access
	case "refresh_token":
		v = c.refresh
	case "flow_token":
		v = c.run
	case "csrftoken", "sessionid":
		v = c.cookies[head]
	case "cookie":
		v = c.cookies[rest]
		rest = ""
	case "proof":
		v = c.lastProof()
	default:
		var ok bool
		if v, ok = p.vars[head]; !ok {
			if v, ok = p.makeUp(head); !ok {
				return nil, fmt.Errorf("%s is not set", head)
			}
		}
	}
	if text, ok := v.(string); ok && rest == "local" {
		local, _, _ := strings.Cut(text, "@")
		return local, nil
	}
	return dig(v, rest)
}

// filter is the end of a path's part that picks from a list: [key=value].
var filter = regexp.MustCompile(`^(.*)\[(\w+)=([^\]]+)\]$`)

// dig follows a path into a value: a.b.0.c, a[key=value].c.
func dig(v any, path string) (any, error) {
	if path == "" {
		return v, nil
	}
	for part := range strings.SplitSeq(path, ".") {
		var err error
		key, value := "", ""
		if m := filter.FindStringSubmatch(part); m != nil {
			part, key, value = m[1], m[2], m[3]
		}
		if part != "" {
			if v, err = child(v, part); err != nil {
				return nil, err
			}
		}
		if key == "" {
			continue
		}
		list, _ := v.([]any)
		i := slices.IndexFunc(list, func(one any) bool {
			fields, ok := one.(map[string]any)
			return ok && fmt.Sprint(fields[key]) == value
		})
		if i < 0 {
			return nil, fmt.Errorf("nothing with %s=%s is there", key, value)
		}
		v = list[i]
	}
	return v, nil
}

// child is a field of an object, or an element of a list; -1 is the last.
func child(v any, name string) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if one, ok := v[name]; ok {
			return one, nil
		}
		return nil, fmt.Errorf("there is no %s; there are %s", name, strings.Join(slices.Sorted(maps.Keys(v)), ", "))
	case []any:
		i, err := strconv.Atoi(name)
		if i < 0 {
			i += len(v)
		}
		if err != nil || i < 0 || i >= len(v) {
			return nil, fmt.Errorf("there is no element %s in a list of %d", name, len(v))
		}
		return v[i], nil
	}
	return nil, fmt.Errorf("there is nothing to look up %s in", name)
}

// wrong is a text of the same form with every letter and digit another.
func wrong(s string) string {
	next := func(r, first, n rune) rune { return first + (r-first+1)%n }
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return next(r, '0', 10)
		case r >= 'A' && r <= 'Z':
			return next(r, 'A', 26)
		case r >= 'a' && r <= 'z':
			return next(r, 'a', 26)
		}
		return r
	}, s)
}

// swapped changes one letter or digit near the end of a text. The last few are left: they
// may be padding that carries no weight.
func swapped(s string) string {
	for i := len(s) - 4; i >= 0; i-- {
		if w := wrong(s[i : i+1]); w != s[i:i+1] {
			return s[:i] + w + s[i+1:]
		}
	}
	return s + "x"
}
