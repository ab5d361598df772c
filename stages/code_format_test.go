package stages_test

import (
	"encoding/binary"
	"math"
	"regexp"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/stages"
)

// TestCodeFormats: codes have the characters, the length and the dashes of their format, and
// are right with other dashes, and none.
func TestCodeFormats(t *testing.T) {
	for _, c := range []struct {
		format      stages.CodeFormat
		form, words string
		count       float64
	}{
		{stages.CodeFormat{}, `^L{4}-L{4}$`, "8 letters", math.Pow(20, 8)},
		{stages.CodeFormat{Dashed: true}, `^L{4}-L{4}$`, "8 letters", math.Pow(20, 8)},
		{stages.CodeFormat{Numeric: true}, `^\d{9}$`, "9 digits", 1e9},
		{stages.CodeFormat{Numeric: true, Dashed: true}, `^\d{3}-\d{3}-\d{3}$`, "9 digits", 1e9},
		{stages.CodeFormat{Numeric: true, Length: 6}, `^\d{6}$`, "6 digits", 1e6},
		{stages.CodeFormat{Numeric: true, Length: 6, Dashed: true}, `^\d{3}-\d{3}$`, "6 digits", 1e6},
		{stages.CodeFormat{Length: 7, Dashed: true}, `^L{4}-L{3}$`, "7 letters", math.Pow(20, 7)},
		{stages.CodeFormat{Length: 10, Dashed: true}, `^L{4}-L{4}-L{2}$`, "10 letters", math.Pow(20, 10)},
		{stages.CodeFormat{Length: 20}, `^L{20}$`, "20 letters", math.Pow(20, 20)},
	} {
		codes := stages.Codes{Keys: newWorld(t).Keys, Format: c.format}
		form := regexp.MustCompile(strings.ReplaceAll(c.form, "L", "[B-DF-HJ-NP-TV-XZ]"))
		for i := range byte(20) {
			code, kept := codes.New(engine.Seed{i}, "login", "ann@example.org")
			if !form.MatchString(code) {
				t.Fatalf("%+v: the code is %q", c.format, code)
			}
			bare := strings.ReplaceAll(code, "-", "")
			for _, typed := range []string{code, bare, bare[:1] + "-" + strings.ToLower(bare[1:])} {
				if !codes.Right(kept, typed, "login", "ann@example.org") {
					t.Errorf("%+v: %q is refused for %q", c.format, typed, code)
				}
			}
			if codes.Right(kept, bare[1:], "login", "ann@example.org") {
				t.Errorf("%+v: a part of %q is right", c.format, code)
			}
		}
		if c.format.String() != c.words || math.Abs(c.format.Count()/c.count-1) > 1e-9 {
			t.Errorf("%+v: %s, %g of them", c.format, c.format, c.format.Count())
		}
	}
}

// TestCodesAreEven: every character is as likely at every place.
func TestCodesAreEven(t *testing.T) {
	const rounds = 20_000
	codes := stages.Codes{Keys: newWorld(t).Keys, Format: stages.CodeFormat{Numeric: true, Length: 6}}
	seen := make(map[string]int)
	for i := range uint32(rounds) {
		var seed engine.Seed
		binary.BigEndian.PutUint32(seed[:], i)
		code, _ := codes.New(seed, "login", "ann@example.org")
		for place, digit := range code {
			seen[string(rune('a'+place))+string(digit)]++
		}
	}
	// Five standard deviations of a fair draw.
	for what, n := range seen {
		if math.Abs(float64(n)-rounds/10) > 5*math.Sqrt(rounds*0.09) {
			t.Errorf("place and digit %s came %d times of %d", what, n, rounds)
		}
	}
	if len(seen) != 60 {
		t.Errorf("%d digits at places", len(seen))
	}
}
