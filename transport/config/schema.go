package config

import (
	"reflect"
	"slices"
	"strings"
)

// fileSuffix makes the key of a file that holds a secret out of the secret's:
// secret_key may be given as secret_key_file.
const fileSuffix = "_file"

// shape is what a place of the configuration can hold.
type shape int

const (
	leaf     shape = iota // one value
	section               // keys that the struct names
	table                 // keys that the user names
	sections              // a list of sections
)

// shapeOf says what a Go type stands for in the file.
func shapeOf(t reflect.Type) shape {
	switch {
	case t == reflect.TypeFor[RateLimits](), t.Kind() == reflect.Map:
		return table
	case isNotation(t):
		return leaf
	case t.Kind() == reflect.Struct:
		return section
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return sections
	default:
		return leaf
	}
}

func isNotation(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[notation]())
}

func isSecret(t reflect.Type) bool { return t == reflect.TypeFor[Secret]() }

// tagOf is a field's key, empty for fields that have none.
func tagOf(field reflect.StructField) string {
	if tag := field.Tag.Get("koanf"); tag != "-" {
		return tag
	}
	return ""
}

// childType is the type under a key of a section; that of a secret's file is
// the secret's.
func childType(t reflect.Type, key string) (reflect.Type, bool) {
	for field := range t.Fields() {
		tag := tagOf(field)
		if tag == "" {
			continue
		}
		if key == tag || isSecret(field.Type) && key == tag+fileSuffix {
			return field.Type, true
		}
	}
	return nil, false
}

// childKeys are the keys of a section, in the order of the struct.
func childKeys(t reflect.Type) []string {
	var keys []string
	for field := range t.Fields() {
		if tag := tagOf(field); tag != "" {
			keys = append(keys, tag)
			if isSecret(field.Type) {
				keys = append(keys, tag+fileSuffix)
			}
		}
	}
	return keys
}

// allKeys are the full keys of every leaf and table below a section.
func allKeys(t reflect.Type, prefix string) []string {
	var keys []string
	for _, key := range childKeys(t) {
		child, _ := childType(t, key)
		if shapeOf(child) == section {
			keys = append(keys, allKeys(child, prefix+key+".")...)
		} else {
			keys = append(keys, prefix+key)
		}
	}
	return keys
}

// prune takes away the keys of a layer that the configuration does not have,
// and says so. What is left is only as deep as the configuration itself.
func prune(t reflect.Type, path string, layer map[string]any, faults *Faults) {
	for _, key := range sortedKeys(layer) {
		child, known := childType(t, key)
		if !known {
			*faults = append(*faults, unknownKey(t, path, key, layer[key]))
			delete(layer, key)
			continue
		}
		below := path + key
		switch value := layer[key].(type) {
		case map[string]any:
			if shapeOf(child) == section {
				prune(child, below+".", value, faults)
			}
		case []any:
			if shapeOf(child) == sections {
				pruneList(child.Elem(), below, value, faults)
			}
		}
	}
}

func pruneList(t reflect.Type, path string, list []any, faults *Faults) {
	for i, item := range list {
		if entry, ok := item.(map[string]any); ok {
			prune(t, indexed(path, i)+".", entry, faults)
		}
	}
}

func unknownKey(t reflect.Type, path, key string, value any) Fault {
	fault := Fault{Key: path + key, Problem: "unknown key"}
	if instead := notHere(path + key); instead != "" {
		fault.Hint = instead
	} else if instead := providerKey(t, path, key); instead != "" {
		fault.Hint = instead
	} else if meant := meantKey(t, path, key); meant != "" {
		fault.Hint = "did you mean " + meant
	} else {
		fault.Hint = "keys here are " + strings.Join(childKeys(t), ", ")
	}
	if env, ok := value.(envText); ok {
		fault.Got = env.from()
	}
	return fault
}

// meantKey is the full key that an unknown one most likely stands for: a
// neighbour, a key of another section, or a Django setting's whole name.
func meantKey(t reflect.Type, path, key string) string {
	low := strings.ToLower(key)
	if near := nearest(low, childKeys(t)); near != "" {
		return path + near
	}
	all := allKeys(reflect.TypeFor[Config](), "")
	byName := func(match func(full string) bool) string {
		if i := slices.IndexFunc(all, match); i >= 0 {
			return all[i]
		}
		return ""
	}
	if full := keyOfSetting(key); path == "" && isKey(full) {
		return full
	}
	if full := byName(func(full string) bool { return strings.ReplaceAll(full, ".", "_") == low }); full != "" {
		return full
	}
	return byName(func(full string) bool { return strings.HasSuffix(full, "."+low) })
}
