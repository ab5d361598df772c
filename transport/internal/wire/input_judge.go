package wire

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// judge cleans one value by its field and appends what is wrong with it.
func (v *value) judge(f *Field, errs []FieldError) []FieldError {
	switch f.Type {
	case Bool:
		return v.judgeBool(f, errs)
	case Number, ID:
		return v.judgeInt(f, errs)
	case IDList:
		return v.judgeIDs(f, errs)
	case JSON, Any:
		return v.judgeJSON(f, errs)
	case Choice:
		return v.judgeChoice(f, errs)
	}
	return v.judgeText(f, errs)
}

// isEmpty reports whether a value counts as not given.
func (t jsonValue) isEmpty() bool {
	switch t.kind {
	case kindNone, kindNull:
		return true
	case kindString:
		return t.raw == `""`
	}
	return t.empty
}

// isText reports whether a value counts as text. An empty list or object counts as not
// given where the field is required, which is an error by itself, and is invalid
// elsewhere.
func (t jsonValue) isText(required bool) bool {
	switch t.kind {
	case kindTrue, kindFalse:
		return false
	case kindArray, kindObject:
		return t.empty && required
	}
	return true
}

// plain returns a value as text: a string's own, "" for what is empty, and of
// anything else the JSON text.
func (t jsonValue) plain() (text string, ok bool) {
	switch {
	case t.isEmpty():
		return "", true
	case t.kind == kindString:
		return t.unquote()
	}
	return t.raw, true
}

// noSecret matches nothing: no text that passes has a NUL.
const noSecret = "\x00"

// judgeText handles all fields whose value is text. The order of its errors is
// the contract's: the type's own, then lengths, then NUL.
func (v *value) judgeText(f *Field, errs []FieldError) []FieldError {
	if !v.isText(f.Required) {
		if f.Lookup && f.Type == Secret {
			v.text = noSecret
			return errs
		}
		return append(errs, FieldError{Param: f.Name, Code: CodeInvalid})
	}
	s, whole := v.plain()
	s = strip(s)
	if s == "" {
		if f.Required {
			errs = append(errs, FieldError{Param: f.Name, Code: CodeRequired})
		}
		return errs
	}
	before := len(errs)
	v.text = s
	if !whole {
		errs = append(errs, FieldError{Param: f.Name, Code: CodeInvalid})
	}
	switch f.Type {
	case Email:
		errs = v.judgeEmail(f, s, whole, errs)
	case Phone:
		var ok bool
		if v.text, ok = CleanPhone(s); !ok {
			errs = append(errs, FieldError{Param: f.Name, Code: CodeInvalidPhone})
		}
	case Code:
		v.text = CleanCode(s)
	}
	errs = judgeLength(f, s, errs)
	if strings.IndexByte(s, 0) >= 0 {
		errs = append(errs, FieldError{Param: f.Name, Code: CodeNull})
	}
	if f.Type == Username && len(errs) == before {
		errs = v.judgeUsername(f, s, errs)
	}
	return errs
}

func judgeLength(f *Field, s string, errs []FieldError) []FieldError {
	if f.MinLength == 0 && f.MaxLength == 0 {
		return errs
	}
	n := utf8.RuneCountInString(s)
	if n < f.MinLength {
		errs = append(errs, FieldError{Param: f.Name, Code: CodeMinLength})
	}
	if f.MaxLength > 0 && n > f.MaxLength {
		errs = append(errs, FieldError{Param: f.Name, Code: CodeMaxLength})
	}
	return errs
}

// judgeEmail reports what is no address as invalid, and what is longer than any address
// can be, or than we store, as max_length. whole false has been reported already.
func (v *value) judgeEmail(f *Field, s string, whole bool, errs []FieldError) []FieldError {
	clean, ok := parseEmail(s)
	if !ok && whole {
		errs = append(errs, FieldError{Param: f.Name, Code: CodeInvalid})
	}
	tooLong := ok && len(clean) > MaxEmail || utf8.RuneCountInString(s) > maxAnyEmail
	if tooLong && f.MaxLength == 0 {
		errs = append(errs, FieldError{Param: f.Name, Code: CodeMaxLength})
	}
	v.text = clean
	return errs
}

// judgeUsername comes after the lengths, because normalising can make a name
// longer, and must not be asked to with a name that is too long already.
func (v *value) judgeUsername(f *Field, s string, errs []FieldError) []FieldError {
	if f.Lookup {
		v.text = normalizeUsername(s)
		return errs
	}
	clean, ok := CleanUsername(s)
	if !ok {
		return append(errs, FieldError{Param: f.Name, Code: CodeInvalid})
	}
	v.text = clean
	return judgeLength(f, clean, errs)
}

// judgeChoice compares exactly; nothing is stripped.
func (v *value) judgeChoice(f *Field, errs []FieldError) []FieldError {
	s, _ := v.plain()
	if s == "" {
		if f.Required {
			errs = append(errs, FieldError{Param: f.Name, Code: CodeRequired})
		}
		return errs
	}
	if !slices.Contains(f.Choices, s) {
		return append(errs, FieldError{Param: f.Name, Code: CodeInvalidChoice})
	}
	v.text = s
	return errs
}

// judgeBool accepts only values that clearly say true or false: anything else is
// invalid, or false in a loose field, so that no refusal is read as consent.
func (v *value) judgeBool(f *Field, errs []FieldError) []FieldError {
	s, _ := v.plain()
	switch strings.ToLower(strip(s)) {
	case "true", "1":
		v.flag = true
		return errs
	case "", "false", "0":
		if f.Required {
			errs = append(errs, FieldError{Param: f.Name, Code: CodeRequired})
		}
		return errs
	}
	if f.Loose && !f.Required {
		return errs
	}
	return append(errs, FieldError{Param: f.Name, Code: CodeInvalid})
}

// judgeInt sets flag when there is a number, so that 0 is not mistaken for nothing.
func (v *value) judgeInt(f *Field, errs []FieldError) []FieldError {
	if s, _ := v.plain(); strip(s) == "" {
		if f.Required {
			errs = append(errs, FieldError{Param: f.Name, Code: CodeRequired})
		}
		return errs
	}
	n, ok := v.integer()
	if !ok {
		code := CodeInvalid
		if f.Type == ID {
			code = CodeInvalidChoice
		}
		return append(errs, FieldError{Param: f.Name, Code: code})
	}
	v.num, v.flag, v.text = n, true, strconv.FormatInt(n, 10)
	return errs
}

// integer reads a whole number or a text of one.
func (t jsonValue) integer() (int64, bool) {
	if t.kind != kindNumber && t.kind != kindString {
		return 0, false
	}
	s, _ := t.unquote()
	n, err := strconv.ParseInt(strip(s), 10, 64)
	return n, err == nil
}

func (v *value) judgeIDs(f *Field, errs []FieldError) []FieldError {
	code := ""
	switch {
	case v.isEmpty(), v.kind == kindFalse:
		if f.Required {
			code = CodeRequired
		}
	case v.kind == kindObject:
		code = CodeInvalidPK
	case v.kind != kindArray:
		code = CodeInvalidList
	default:
		v.ids, code = readIDs(v.jsonValue)
	}
	if code != "" {
		errs = append(errs, FieldError{Param: f.Name, Code: code})
	}
	return errs
}

// readIDs reads a list of ids, each once. What cannot be an id has the codes
// of the contract: nested lists, texts that are no number, all else.
func readIDs(list jsonValue) (ids []int64, code string) {
	r := newReader(list.raw, []byte(list.raw))
	seen := make(map[int64]bool)
	err := r.members(func(_, val jsonValue) {
		n, ok := val.integer()
		switch {
		case ok && !seen[n]:
			seen[n] = true
			ids = append(ids, n)
		case ok || code == CodeInvalidList:
		case val.kind == kindArray || val.kind == kindObject:
			code = CodeInvalidList
		case val.kind == kindString && !isInteger(val):
			code = CodeInvalidPK
		case code == "":
			code = CodeInvalidChoice
		}
	})
	if err != nil {
		return nil, CodeInvalidList
	}
	return ids, code
}

// isInteger reports whether a text is digits that are merely too many for an id.
func isInteger(t jsonValue) bool {
	s, _ := t.unquote()
	s = strings.TrimLeft(strip(s), "+-")
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// judgeJSON takes a value's text; a JSON field (not an Any) may also hold JSON in a string.
func (v *value) judgeJSON(f *Field, errs []FieldError) []FieldError {
	t := v.jsonValue
	if t.kind == kindString && !t.isEmpty() && f.Type == JSON {
		var ok bool
		if t, ok = t.inner(); !ok {
			return append(errs, FieldError{Param: f.Name, Code: CodeInvalid})
		}
	}
	if t.isEmpty() {
		if f.Required {
			errs = append(errs, FieldError{Param: f.Name, Code: CodeRequired})
		}
		return errs
	}
	v.text = t.raw
	return errs
}

// inner reads the JSON value that a string holds.
func (t jsonValue) inner() (jsonValue, bool) {
	text, whole := t.unquote()
	if !whole {
		return jsonValue{}, false
	}
	r := newReader(text, []byte(text))
	in, err := r.only()
	return in, err == nil
}

// strip removes surrounding space: Unicode's white space and the four separators
// of ASCII, U+001C to U+001F, which the contract counts in.
func strip(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f
	})
}
