package compact

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// thing has one field of every kind, as a library of other people reads and writes it.
type thing struct {
	Uint  uint64 `cbor:"1,keyasint,omitempty"`
	Int   int64  `cbor:"2,keyasint,omitempty"`
	Text  string `cbor:"3,keyasint,omitempty"`
	Blob  []byte `cbor:"4,keyasint,omitempty"`
	Bool  bool   `cbor:"5,keyasint,omitempty"`
	Word  any    `cbor:"6,keyasint,omitempty"` // a number, or a text
	Inner *thing `cbor:"7,keyasint,omitempty"`
	List  []any  `cbor:"8,keyasint,omitempty"`
}

var few = NewWords(3, "", "one", "two")

func (v *thing) write(w *Writer, m Map) {
	m.Uint(1, v.Uint)
	m.Int(2, v.Int)
	m.Text(3, v.Text)
	m.Blob(4, v.Blob)
	m.Bool(5, v.Bool)
	if v.Word != nil {
		word, ok := v.Word.(string)
		if !ok {
			word = few.list[v.Word.(uint64)]
		}
		m.Word(6, few, word)
	}
	if v.Inner != nil {
		v.Inner.write(w, m.Inner(7))
	}
	if len(v.List) > 0 {
		m.Key(8)
		w.Array(len(v.List))
		for _, text := range v.List {
			w.Text(text.(string))
		}
	}
}

func (v *thing) read(r *Reader) {
	for range r.Map() {
		switch r.Key() {
		case 1:
			v.Uint = r.Uint()
		case 2:
			v.Int = r.Int()
		case 3:
			v.Text = r.Text()
		case 4:
			v.Blob = []byte(r.Blob())
		case 5:
			v.Bool = r.Bool()
		case 6:
			known := r.IsUint()
			text := r.Word(few)
			v.Word = text
			if n, ok := few.number(text); known && ok {
				v.Word = n
			}
		case 7:
			v.Inner = &thing{}
			v.Inner.read(r)
		case 8:
			for range r.Array() {
				v.List = append(v.List, r.Text())
			}
		default:
			r.Skip()
		}
	}
}

// strict are the modes of the library that write and read as this package does.
func strict(t testing.TB) (cbor.EncMode, cbor.DecMode) {
	e, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	d, err := cbor.DecOptions{IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden, MaxNestedLevels: 16}.DecMode()
	if err != nil {
		t.Fatal(err)
	}
	return e, d
}

// TestAgainstLibrary: byte for byte what a library writes of the same, which reads what this
// package writes and is read by it.
func TestAgainstLibrary(t *testing.T) {
	enc, dec := strict(t)
	numbers := []uint64{0, 1, 23, 24, 255, 256, math.MaxUint16, math.MaxUint16 + 1, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64}
	integers := []int64{0, 1, -1, -24, -25, -256, -257, math.MaxInt64, math.MinInt64, 1_800_000_000_000}
	lengths := []int{0, 1, 23, 24, 255, 256, 70_000}
	rapid.Check(t, func(rt *rapid.T) {
		draw := func() thing {
			v := thing{
				Uint: rapid.SampledFrom(numbers).Draw(rt, "uint"), Int: rapid.SampledFrom(integers).Draw(rt, "int"),
				Text: strings.Repeat("é", rapid.SampledFrom(lengths).Draw(rt, "text")/2),
				Blob: rapid.SliceOf(rapid.Byte()).Draw(rt, "blob"), Bool: rapid.Bool().Draw(rt, "bool"),
				Word: rapid.SampledFrom([]any{nil, uint64(1), uint64(2), "three"}).Draw(rt, "word"),
			}
			for range rapid.IntRange(0, 30).Draw(rt, "list") {
				v.List = append(v.List, "x")
			}
			return v
		}
		v := draw()
		if rapid.Bool().Draw(rt, "nested") {
			inner := draw()
			v.Inner = &inner
		}
		var w Writer
		v.write(&w, w.Map())
		want, err := enc.Marshal(v)
		if err != nil || string(want) != string(w.Bytes) {
			rt.Fatalf("written %x, by the library %x, %v", w.Bytes, want, err)
		}
		var theirs, ours thing
		if err := dec.Unmarshal(w.Bytes, &theirs); err != nil {
			rt.Fatal(err)
		}
		r := Read(string(want))
		ours.read(&r)
		if d := cmp.Diff(theirs, ours); r.Err() != nil || d != "" {
			rt.Fatalf("%v\n%s", r.Err(), d)
		}
	})
}

// TestRefused: what is no value, or none that this package knows, is an error, and so is
// something behind it.
func TestRefused(t *testing.T) {
	for _, hex := range []string{
		"", "\xa1", "\xa1\x01", "\xa1\x01\x18", "\xa1\x01\x1c", "\xa1\x01\x1f", "\xa1\x03\x63ab", "\xa1\x03\x7bzzzzzzzz", "\xa1\x01\x61a",
		"\xa1\x01\x20", "\xa1\x02\x1b\x80\x00\x00\x00\x00\x00\x00\x00", "\xa1\x02\x3b\x80\x00\x00\x00\x00\x00\x00\x00",
		"\xa1\x05\xf6", "\xa1\x05\xf9\x00\x00", "\xa1\x06\x03", "\xa1\x08\x9f\xff", "\xbf\xff", "\xa1\x08\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
		"\xa1\x09\xc1\x01", "\xa1\x09\xfb\x00\x00\x00\x00\x00\x00\x00\x00", "\xa1\x61a\x01", "\xa0\x00", "{}", "null",
		"\xa1\x09" + strings.Repeat("\x81", deepest+1) + "\x00",
	} {
		var v thing
		r := Read(hex)
		v.read(&r)
		if err := r.Err(); !errors.Is(err, ErrMalformed) {
			t.Errorf("%x is read as %+v, %v", hex, v, err)
		}
	}
}

// TestSkipped: a field of a later release is no obstacle.
func TestSkipped(t *testing.T) {
	enc, _ := strict(t)
	b, err := enc.Marshal(map[int]any{3: "a", 9: []any{1, -1, "x", []byte("y"), true, map[int]any{1: false}}, 300: "z"})
	if err != nil {
		t.Fatal(err)
	}
	var v thing
	r := Read(string(b))
	v.read(&r)
	if d := cmp.Diff(thing{Text: "a"}, v); r.Err() != nil || d != "" {
		t.Errorf("%v\n%s", r.Err(), d)
	}
}

// TestReadingAllocatesNothing: texts are parts of what was read.
func TestReadingAllocatesNothing(t *testing.T) {
	var w Writer
	m := w.Map()
	m.Text(3, strings.Repeat("a", 100))
	m.Word(6, few, "two")
	from, sum := string(w.Bytes), 0
	n := testing.AllocsPerRun(100, func() {
		r := Read(from)
		for range r.Map() {
			if r.Key() == 3 {
				sum += len(r.Text())
			} else {
				sum += len(r.Word(few))
			}
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
	})
	if n != 0 || sum == 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestNewWords: a word that the release before does not know is written as it is, and read
// either way.
func TestNewWords(t *testing.T) {
	next, later := NewWords(3, "", "one", "two", "three"), NewWords(4, "", "one", "two", "three")
	var w Writer
	w.Word(next, "three")
	w.Word(later, "three")
	if want := "\x65three\x03"; string(w.Bytes) != want {
		t.Errorf("written as %q, want %q", w.Bytes, want)
	}
	for _, words := range []*Words{next, later} {
		r := Read(string(w.Bytes))
		if one, two := r.Word(words), r.Word(words); one != "three" || two != "three" || r.Err() != nil {
			t.Errorf("read as %q and %q, %v", one, two, r.Err())
		}
	}
	if !next.Has("three") || next.Has("four") {
		t.Error("the list is another")
	}
}

// FuzzSkip: what is taken for a value is one by the library, too, whole and well-formed.
func FuzzSkip(f *testing.F) {
	for _, s := range []string{"\xa1\x01\x61a", "\x83\x01\x20\xf5", "\x7b\xff\xff\xff\xff\xff\xff\xff\xff", "\x9f\xff", "\xfb", "{}", "\x1f", "\xf4\xf4"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := Read(string(b))
		r.Skip()
		if r.Err() == nil && cbor.Wellformed(b) != nil {
			t.Errorf("%x is skipped, and is %v", b, cbor.Wellformed(b))
		}
	})
}
