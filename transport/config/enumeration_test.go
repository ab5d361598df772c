package config

import "testing"

func TestEnumeration(t *testing.T) {
	for raw, want := range map[any]Enumeration{
		true: EnumerationOn, false: EnumerationOff, "strict": EnumerationStrict, envText{Text: "strict"}: EnumerationStrict, envText{Text: "no"}: EnumerationOff,
	} {
		var got Enumeration
		if err := got.set(raw); err != nil || got != want {
			t.Errorf("%v: %q, %v", raw, got, err)
		}
		var again Enumeration
		if err := again.set(got.plain()); err != nil || again != got {
			t.Errorf("%q does not survive: %q, %v", got, again, err)
		}
	}
}
