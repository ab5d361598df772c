package config

import "strconv"

// Enumeration is how far the server hides which accounts exist.
type Enumeration string

// The values of Enumeration. On hides accounts wherever addresses must be
// verified; strict does so where they need not be, too: a taken address then
// passes as one more, unverified claim to it.
const (
	EnumerationOn     Enumeration = "true"
	EnumerationOff    Enumeration = "false"
	EnumerationStrict Enumeration = "strict"
)

func (e *Enumeration) set(raw any) error {
	if on, err := toBool(raw); err == nil {
		*e = Enumeration(strconv.FormatBool(on))
		return nil
	}
	if text, err := toText(raw); err != nil || text != string(EnumerationStrict) {
		return Fault{Problem: "not one of true, false, strict", Hint: "true is the safe choice"}
	}
	*e = EnumerationStrict
	return nil
}

func (e *Enumeration) plain() any {
	if *e == EnumerationStrict {
		return string(*e)
	}
	return *e == EnumerationOn
}
