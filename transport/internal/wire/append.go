package wire

import (
	"encoding/json"
	"strconv"
)

// AppendString appends a string as encoding/json writes it.
func AppendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a string has no way to fail
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// AppendMember appends a member of an object that is left out where it is "", with the comma
// before it. The name is written as it is.
func AppendMember(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return AppendString(b, value)
}

// AppendSeconds appends milliseconds since 1970 as [Seconds] are written.
func AppendSeconds(b []byte, milli int64) []byte {
	return strconv.AppendFloat(b, float64(milli)/1000, 'f', -1, 64)
}
