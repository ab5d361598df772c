package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
)

// envText is a value from the environment: always text, to be read as whatever
// its key holds. Name is the variable's.
type envText struct{ Name, Text string }

// from says where the value was found.
func (e envText) from() string { return "from " + e.Name }

// decoder lays values over a Config and collects what it cannot lay. A value
// with a fault leaves what was there, so that no second fault follows from it, but for a switch in
// place of text, which is judged as a word.
type decoder struct {
	faults Faults
	// without leaves secrets unknown whose files are not here.
	without bool
	// unread says that a file could not be read, so that what it would have said is missing.
	unread bool
}

// fault notes what is wrong with a value, once for each joined error.
func (d *decoder) fault(key string, raw any, err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			d.fault(key, raw, one)
		}
		return
	}
	fault, ok := errors.AsType[Fault](err)
	if !ok {
		fault = Fault{Problem: err.Error()}
	}
	if fault.Key == "" {
		fault.Got = show(raw)
	}
	fault.Key = key + fault.Key
	d.faults = append(d.faults, fault)
}

// section lays the keys of a section over a struct.
func (d *decoder) section(path string, raw any, into reflect.Value) {
	if raw == nil {
		return
	}
	keys, ok := raw.(map[string]any)
	if !ok {
		d.fault(strings.TrimSuffix(path, "."), raw, Fault{Problem: "must be a section", Hint: "its keys are " + strings.Join(childKeys(into.Type()), ", ")})
		return
	}
	for field, target := range into.Fields() {
		tag := tagOf(field)
		switch {
		case tag == "":
		case isSecret(field.Type):
			d.secret(path+tag, keys[tag], keys[tag+fileSuffix], target)
		default:
			d.value(path+tag, keys[tag], target)
		}
	}
}

// value lays one value over a field.
func (d *decoder) value(key string, raw any, into reflect.Value) {
	if raw == nil {
		return
	}
	if own, ok := into.Addr().Interface().(notation); ok {
		if err := own.set(raw); err != nil {
			d.fault(key, raw, err)
		}
		return
	}
	switch shapeOf(into.Type()) {
	case section:
		d.section(key+".", raw, into)
	case sections:
		d.list(key, raw, into)
	case table:
		d.table(key, raw, into)
	default:
		if err := scalar(raw, into); err != nil {
			d.fault(key, raw, err)
			if on, ok := raw.(bool); ok && into.Kind() == reflect.String {
				// What is checked next says which words there are, if it is one of several.
				into.SetString(strconv.FormatBool(on))
			}
		}
	}
}

// secret lays a secret over a field, or the content of the file that holds it.
// Faults show neither.
func (d *decoder) secret(key string, raw, file any, into reflect.Value) {
	switch {
	case raw == nil && file == nil:
		return
	case raw != nil && file != nil:
		d.faults = append(d.faults, Fault{Key: key, Problem: "given twice", Hint: "keep either " + key + " or " + key + fileSuffix})
		return
	case raw != nil:
		text, err := toText(raw)
		if err != nil {
			d.faults = append(d.faults, Fault{Key: key, Problem: "must be text", Hint: "put it in quotes"})
			return
		}
		into.SetString(text)
		return
	}
	path, err := toText(file)
	if err != nil {
		d.fault(key+fileSuffix, file, Fault{Problem: "must be the path of a file", Hint: "relative to the working directory"})
		return
	}
	content, err := os.ReadFile(path)
	text := strings.TrimSpace(string(content))
	switch {
	case text == "" && d.without:
		into.Set(reflect.ValueOf(unknown))
	case err != nil:
		d.fault(key+fileSuffix, file, Fault{Problem: "cannot be read: " + reason(err), Hint: "the path is relative to the working directory"})
	case text == "":
		// A server would go on with less: keys of its own, SQLite, no endpoint for operators.
		d.fault(key+fileSuffix, file, Fault{Problem: "is empty", Hint: "the file holds the secret and nothing else"})
	default:
		into.SetString(text)
	}
}

// list lays a list of sections over a slice, in place of what was there.
func (d *decoder) list(key string, raw any, into reflect.Value) {
	items, ok := raw.([]any)
	if !ok {
		d.fault(key, raw, Fault{Problem: "must be a list of sections", Hint: "each begins with - in the file"})
		return
	}
	fresh := reflect.MakeSlice(into.Type(), len(items), len(items))
	for i, item := range items {
		d.section(indexed(key, i)+".", item, fresh.Index(i))
	}
	into.Set(fresh)
}

// table lays keys that the user names over those of a map of text or secrets.
func (d *decoder) table(key string, raw any, into reflect.Value) {
	rows, ok := raw.(map[string]any)
	if !ok {
		d.fault(key, nil, Fault{Problem: "must be a section", Hint: "its keys are free, its values text"})
		return
	}
	fresh := reflect.MakeMap(into.Type())
	for row := into.MapRange(); row.Next(); {
		fresh.SetMapIndex(row.Key(), row.Value())
	}
	for _, name := range sortedKeys(rows) {
		cell := reflect.New(into.Type().Elem()).Elem()
		if isSecret(cell.Type()) {
			d.secret(key+"."+name, rows[name], nil, cell)
		} else {
			d.value(key+"."+name, rows[name], cell)
		}
		fresh.SetMapIndex(reflect.ValueOf(name), cell)
	}
	into.Set(fresh)
}

// scalar lays a plain value over a bool, a number, a text or a list of texts. A pointer is
// to a bool that may be left out.
func scalar(raw any, into reflect.Value) error {
	switch into.Kind() {
	case reflect.Bool:
		on, err := toBool(raw)
		if err != nil {
			return err
		}
		into.SetBool(on)
	case reflect.Pointer:
		on, err := toBool(raw)
		if err != nil {
			return Fault{Problem: "must be true or false", Hint: "leave the key out to let the server choose"}
		}
		into.Set(reflect.ValueOf(&on))
	case reflect.Int, reflect.Int64:
		n, err := toInt(raw)
		if err != nil {
			return err
		}
		into.SetInt(n)
	case reflect.Float64:
		n, err := toFloat(raw)
		if err != nil {
			return err
		}
		into.SetFloat(n)
	case reflect.String:
		text, err := toText(raw)
		if err != nil {
			return err
		}
		into.SetString(text)
	case reflect.Slice:
		list, err := toList(raw)
		if err != nil {
			return err
		}
		into.Set(reflect.ValueOf(list))
	default:
		return fmt.Errorf("cannot be read into a %s", into.Type())
	}
	return nil
}

// reason is an error of a file without the file's name.
func reason(err error) string {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

func indexed(key string, i int) string { return key + "[" + strconv.Itoa(i) + "]" }

// notation is a value of the configuration that is written in a way of its own. set reads
// what a file (bool, int, float64, string, list, map) or the environment
// (envText) says and leaves the value alone when it errs, with a Fault whose Key
// is empty or, where only a part is wrong, that part's suffix; several are
// joined. plain is the inverse of set.
type notation interface {
	set(raw any) error
	plain() any
}
