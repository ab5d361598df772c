package stages

import (
	"fmt"
	"math"
	"math/big"

	"stagedoor/engine"
)

// CodeFormat is how the codes of one use look. The zero value is eight letters, "ABCD-EFGH".
type CodeFormat struct {
	// Numeric codes are of digits, all others of letters.
	Numeric bool
	// Length is in digits or letters, without dashes, at most [MaxCodeLength]; 0 is nine digits
	// or eight letters.
	Length int
	// Dashed parts a code in two, one of more than eight in three. Whoever types it may leave
	// the dashes out, or put some in.
	Dashed bool
}

// MaxCodeLength is how long a code may be: 86 bits in letters.
const MaxCodeLength = 20

// CodeFormats are the formats of codes by what they are for.
type CodeFormats struct {
	// Login is of codes to sign in with, and of those that are asked for besides or to
	// reauthenticate; Email and Phone verify an address or a number, Reset resets a password.
	Login, Email, Reset, Phone CodeFormat
	// Other is of the codes that stages of outside packages send.
	Other CodeFormat
}

// of is the format of a purpose; those that nobody knows are ways to sign in.
func (f CodeFormats) of(purpose string) CodeFormat {
	switch purpose {
	case emailPurpose:
		return f.Email
	case resetPurpose:
		return f.Reset
	case phonePurpose:
		return f.Phone
	}
	return f.Login
}

// The characters of a code. Of letters there are no vowels, so that it spells nothing, and
// none that look alike (RFC 8628, section 6.1).
const (
	codeLetters = "BCDFGHJKLMNPQRSTVWXZ"
	codeDigits  = "0123456789"
)

// Whole is the format with its length, and of the zero value what it stands for.
func (f CodeFormat) Whole() CodeFormat {
	if f == (CodeFormat{}) {
		f.Dashed = true
	}
	switch {
	case f.Length == 0 && f.Numeric:
		f.Length = 9
	case f.Length == 0:
		f.Length = 8
	}
	return f
}

func (f CodeFormat) characters() string {
	if f.Numeric {
		return codeDigits
	}
	return codeLetters
}

// Count is how many codes there are.
func (f CodeFormat) Count() float64 {
	f = f.Whole()
	return math.Pow(float64(len(f.characters())), float64(f.Length))
}

// String says it in words: "8 letters".
func (f CodeFormat) String() string {
	f = f.Whole()
	if f.Numeric {
		return fmt.Sprintf("%d digits", f.Length)
	}
	return fmt.Sprintf("%d letters", f.Length)
}

// help says what belongs into a field for such a code; where it is from comes first.
func (f CodeFormat) help(from string) string {
	text := from + ", " + f.String() + "; spaces and dashes do not count"
	if !f.Numeric {
		text += ", nor does case"
	}
	return text
}

// codeKey is the field for a code in the place of a link's key.
func codeKey(f CodeFormat) []engine.Field {
	return []engine.Field{{Name: "key", Type: engine.CodeIn, Required: true, Help: f.help("the code from the mail")}}
}

// write makes a code of 32 random bytes. It is a remainder of 256 bits: that no code of up to
// 20 letters is likelier than another by more than 2^-169.
func (f CodeFormat) write(random []byte) string {
	f = f.Whole()
	from := f.characters()
	n, base, digit := new(big.Int).SetBytes(random), big.NewInt(int64(len(from))), new(big.Int)
	group := f.Length
	if f.Dashed && f.Length <= 8 {
		group = (f.Length + 1) / 2
	} else if f.Dashed {
		group = (f.Length + 2) / 3
	}
	code := make([]byte, 0, f.Length+2)
	for i := range f.Length {
		if i > 0 && i%group == 0 {
			code = append(code, '-')
		}
		n.DivMod(n, base, digit)
		code = append(code, from[digit.Int64()])
	}
	return string(code)
}
