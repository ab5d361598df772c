package sqlstore

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// micros returns the time as the tables hold it: microseconds since 1970 in UTC, and 0
// for no time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is the inverse of micros, to the microsecond.
func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// usernameKey returns what makes a username unique; NULL where there is none.
func usernameKey(username string) any {
	if username == "" {
		return nil
	}
	return strings.ToLower(username)
}

// orNull returns the bytes, or NULL for none.
func orNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// storable says whether both databases can hold the text: PostgreSQL refuses a zero
// byte and what is not UTF-8.
func storable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// requireStorable is for texts that name something and must not be bent.
func requireStorable(what string, texts ...string) error {
	for _, s := range texts {
		if !storable(s) {
			return fmt.Errorf("%s %q is not plain text: it holds a zero byte or is not UTF-8", what, s)
		}
	}
	return nil
}

// clean makes a text storable that comes from outside and only describes, such as a
// User-Agent header.
func clean(s string) string {
	if storable(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}
