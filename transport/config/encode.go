package config

import "reflect"

// Settings is the configuration as the file would say it, every key with its
// value, fit to be shown: secrets are replaced by a placeholder.
func (c Config) Settings() map[string]any {
	settings, _ := encode(reflect.ValueOf(&c).Elem(), Secret.String).(map[string]any)
	return settings
}

// encode is the inverse of decoder: what a file would say to make this value.
// text decides how secrets are written.
func encode(value reflect.Value, text func(Secret) string) any {
	if own, ok := value.Addr().Interface().(notation); ok {
		return own.plain()
	}
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return nil
		}
		return value.Elem().Bool()
	case reflect.Struct:
		keys := map[string]any{}
		for field, below := range value.Fields() {
			if tag := tagOf(field); tag != "" {
				keys[tag] = encode(below, text)
			}
		}
		return keys
	case reflect.Slice:
		list := []any{}
		for i := range value.Len() {
			list = append(list, encode(value.Index(i), text))
		}
		return list
	case reflect.Map:
		rows := map[string]any{}
		for _, key := range value.MapKeys() {
			cell := reflect.New(value.Type().Elem()).Elem()
			cell.Set(value.MapIndex(key))
			rows[key.String()] = encode(cell, text)
		}
		return rows
	case reflect.String:
		if isSecret(value.Type()) {
			return text(Secret(value.String()))
		}
		return value.String()
	case reflect.Bool:
		return value.Bool()
	case reflect.Float64:
		return value.Float()
	default:
		return int(value.Int())
	}
}
