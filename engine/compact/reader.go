package compact

import (
	"errors"
	"fmt"
	"math"
)

// ErrMalformed says that bytes are not what a [Writer] writes.
var ErrMalformed = errors.New("malformed")

// deepest is how deep a value may lie that nobody asks for.
const deepest = 8

// Reader reads values from a string, of which what it returns are parts. After an error it
// returns zero values.
type Reader struct {
	from string
	at   int
	err  error
}

// Read returns a reader of what is in the string.
func Read(from string) Reader { return Reader{from: from} }

// Err returns the first error, an [ErrMalformed]; also where something follows the values
// that were read.
func (r *Reader) Err() error {
	if r.err == nil && r.at < len(r.from) {
		r.Fail("more follows")
	}
	return r.err
}

// Fail notes that what was read is not what was wanted, if nothing was wrong before.
func (r *Reader) Fail(why string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s at byte %d", ErrMalformed, why, r.at)
	}
	r.at = len(r.from)
}

// major is the type of the value that comes next; majorTag, which nothing is, at the end.
func (r *Reader) major() byte {
	if r.at >= len(r.from) {
		return majorTag
	}
	return r.from[r.at] & 0xe0
}

// head reads a major type and its number. It fails unless it is the one that is wanted.
func (r *Reader) head(want byte) uint64 {
	if r.at >= len(r.from) {
		r.Fail("the end")
		return 0
	}
	if r.from[r.at]&0xe0 != want {
		r.Fail("another type")
		return 0
	}
	n := uint64(r.from[r.at] & 0x1f)
	r.at++
	if n <= inline {
		return n
	}
	size := 1 << (n - inline - 1)
	if n > 27 || len(r.from)-r.at < size {
		r.Fail("no length")
		return 0
	}
	n = 0
	for range size {
		n = n<<8 | uint64(r.from[r.at])
		r.at++
	}
	return n
}

// count reads how many values follow, each of which takes so many bytes at least.
func (r *Reader) count(major byte, least int) int {
	n := r.head(major)
	if n > uint64((len(r.from)-r.at)/least) {
		r.Fail("cut short")
		return 0
	}
	return int(n)
}

// Map reads how many fields a map has; they follow as a [Reader.Key] and a value each.
func (r *Reader) Map() int { return r.count(majorMap, 2) }

// Array reads how many values an array has; they follow.
func (r *Reader) Array() int { return r.count(majorArray, 1) }

// Key reads the key of a field. One that nobody knows is not 0, and wants [Reader.Skip].
func (r *Reader) Key() byte {
	return byte(min(r.head(majorUint), math.MaxUint8))
}

// Uint reads a number.
func (r *Reader) Uint() uint64 { return r.head(majorUint) }

// Int reads an integer.
func (r *Reader) Int() int64 {
	major := r.major()
	if major != majorNegative {
		major = majorUint
	}
	n := r.head(major)
	if n > math.MaxInt64 {
		r.Fail("too large a number")
		return 0
	}
	if major == majorNegative && r.err == nil {
		return -int64(n) - 1
	}
	return int64(n)
}

// Text reads a text.
func (r *Reader) Text() string { return r.cut(majorText) }

// Blob reads bytes.
func (r *Reader) Blob() string { return r.cut(majorBytes) }

func (r *Reader) cut(major byte) string {
	n := r.count(major, 1)
	r.at += n
	return r.from[r.at-n : r.at]
}

// IsUint reports whether a number comes next.
func (r *Reader) IsUint() bool { return r.major() == majorUint }

// IsBlob reports whether bytes come next.
func (r *Reader) IsBlob() bool { return r.major() == majorBytes }

// Word reads a text that was written as words have it. A number that they do not have is an
// error: it is one of a later release.
func (r *Reader) Word(words *Words) string {
	if !r.IsUint() {
		return r.Text()
	}
	n := r.Uint()
	if n >= uint64(len(words.list)) {
		r.Fail("an unknown word")
		return ""
	}
	return words.list[n]
}

// Bool reads a boolean.
func (r *Reader) Bool() bool {
	if r.at < len(r.from) && (r.from[r.at] == simpleTrue || r.from[r.at] == simpleFalse) {
		r.at++
		return r.from[r.at-1] == simpleTrue
	}
	r.Fail("no boolean")
	return false
}

// Skip reads a value of whatever kind, such as one of a later release.
func (r *Reader) Skip() { r.skip(deepest) }

func (r *Reader) skip(depth int) {
	switch major := r.major(); {
	case depth == 0:
		r.Fail("too deep")
	case major == majorUint, major == majorNegative:
		r.head(major)
	case major == majorBytes, major == majorText:
		r.cut(major)
	case major == majorArray:
		for range r.Array() {
			r.skip(depth - 1)
		}
	case major == majorMap:
		for range r.Map() {
			r.skip(depth - 1)
			r.skip(depth - 1)
		}
	case major == majorSimple:
		r.Bool()
	default:
		r.Fail("another type")
	}
}
