package compact

import (
	"encoding/binary"
	"math"
)

// The major types of CBOR (RFC 8949, section 3.1).
const (
	majorUint byte = iota << 5
	majorNegative
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

const (
	simpleFalse = majorSimple | 20
	simpleTrue  = majorSimple | 21
	// inline is the largest number that stands in the first byte.
	inline = 23
)

// Writer appends values to Bytes.
type Writer struct{ Bytes []byte }

// Map is a map that is being written: at most 23 fields, each under a key below 24.
type Map struct {
	w  *Writer
	at int
}

// Map begins a map; what is written through it until the next value after it are its fields.
func (w *Writer) Map() Map {
	w.Bytes = append(w.Bytes, majorMap)
	return Map{w, len(w.Bytes) - 1}
}

// Array begins an array of n values, which are written next.
func (w *Writer) Array(n int) { w.head(majorArray, uint64(n)) }

// Word writes a text as words have it, see [Words].
func (w *Writer) Word(words *Words, text string) {
	if n, ok := words.number(text); ok {
		w.head(majorUint, n)
		return
	}
	w.Text(text)
}

// Text writes a text.
func (w *Writer) Text(text string) {
	w.head(majorText, uint64(len(text)))
	w.Bytes = append(w.Bytes, text...)
}

// Int writes an integer.
func (w *Writer) Int(n int64) {
	if n < 0 {
		w.head(majorNegative, uint64(-(n + 1)))
		return
	}
	w.head(majorUint, uint64(n))
}

// head writes a major type with its number in the shortest form.
func (w *Writer) head(major byte, n uint64) {
	switch {
	case n <= inline:
		w.Bytes = append(w.Bytes, major|byte(n))
	case n <= math.MaxUint8:
		w.Bytes = append(w.Bytes, major|24, byte(n))
	case n <= math.MaxUint16:
		w.Bytes = binary.BigEndian.AppendUint16(append(w.Bytes, major|25), uint16(n))
	case n <= math.MaxUint32:
		w.Bytes = binary.BigEndian.AppendUint32(append(w.Bytes, major|26), uint32(n))
	default:
		w.Bytes = binary.BigEndian.AppendUint64(append(w.Bytes, major|27), n)
	}
}

// Key begins a field; its value is written next.
func (m Map) Key(key byte) {
	m.w.Bytes[m.at]++
	m.w.Bytes = append(m.w.Bytes, key)
}

// Inner begins a field that is a map.
func (m Map) Inner(key byte) Map {
	m.Key(key)
	return m.w.Map()
}

// Uint writes a field that is a number; 0 is left out.
func (m Map) Uint(key byte, n uint64) {
	if n != 0 {
		m.Key(key)
		m.w.head(majorUint, n)
	}
}

// Int writes a field that is an integer; 0 is left out.
func (m Map) Int(key byte, n int64) {
	if n != 0 {
		m.Key(key)
		m.w.Int(n)
	}
}

// Text writes a field that is a text; an empty one is left out.
func (m Map) Text(key byte, text string) {
	if text != "" {
		m.Key(key)
		m.w.Text(text)
	}
}

// Word writes a field that is a text as words have it; an empty one is left out.
func (m Map) Word(key byte, words *Words, text string) {
	if text != "" {
		m.Key(key)
		m.w.Word(words, text)
	}
}

// Blob writes a field that is bytes; none are left out.
func (m Map) Blob(key byte, b []byte) {
	if len(b) > 0 {
		m.Key(key)
		m.w.head(majorBytes, uint64(len(b)))
		m.w.Bytes = append(m.w.Bytes, b...)
	}
}

// Bool writes a field that is true; false is left out.
func (m Map) Bool(key byte, is bool) {
	if is {
		m.Key(key)
		m.w.Bytes = append(m.w.Bytes, simpleTrue)
	}
}
