package engine

import (
	"encoding/json"
	"fmt"
	"slices"

	"stagedoor/engine/compact"
)

// The keys of what is stored. A key is never used for anything else again.
const (
	recordVersion, recordLast, recordRuns, recordMethods, recordOwner = 1, 2, 3, 4, 5
	recordHolder                                                      = 6
	lastFrom, lastDigest, lastWrong                                   = 1, 2, 3

	stoneLast, stoneRun, stoneNext = 1, 2, 3
)

// Encode returns the record as it is stored: CBOR with integers for keys, see
// [stagedoor/engine/compact].
func (r *Record) Encode() ([]byte, error) { return r.Append(make([]byte, 0, 256)) }

// Append is Encode to the end of b.
func (r *Record) Append(b []byte) ([]byte, error) {
	w := compact.Writer{Bytes: b}
	m := w.Map()
	m.Uint(recordVersion, r.Version)
	r.Last.write(m, recordLast)
	if len(r.Runs) > 0 {
		m.Key(recordRuns)
		w.Array(len(r.Runs))
		for i := range r.Runs {
			if err := r.Runs[i].write(&w); err != nil {
				return nil, err
			}
		}
	}
	if len(r.Methods) > 0 {
		m.Key(recordMethods)
		w.Array(len(r.Methods))
		for i := range r.Methods {
			r.Methods[i].write(&w)
		}
	}
	m.Text(recordOwner, string(r.Owner))
	m.Text(recordHolder, r.Holder)
	return w.Bytes, nil
}

func (l Last) write(in compact.Map, key byte) {
	if l.From == 0 && len(l.Digest) == 0 && !l.Wrong {
		return
	}
	m := in.Inner(key)
	m.Uint(lastFrom, l.From)
	m.Blob(lastDigest, l.Digest)
	m.Bool(lastWrong, l.Wrong)
}

// DecodeRecord reads what Encode wrote, or the JSON of releases before it. Anything else is
// [ErrRecord] and no record. What it returns holds on to the string.
func DecodeRecord(stored string) (Record, error) {
	r, err := readRecord(stored)
	if err != nil {
		return Record{}, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	for i := range r.Runs {
		run := &r.Runs[i]
		same := func(other Run) bool { return other.Slot == run.Slot }
		if run.Slot == "" || run.ID == "" || run.Tries < 0 || slices.ContainsFunc(r.Runs[:i], same) {
			return Record{}, fmt.Errorf("%w: run %d is malformed", ErrRecord, i)
		}
	}
	return r, nil
}

func readRecord(stored string) (Record, error) {
	if len(stored) > 0 && stored[0] == '{' {
		return readJSON(stored)
	}
	var r Record
	in := compact.Read(stored)
	r.read(&in)
	return r, in.Err()
}

// readJSON is apart, so that what is read from CBOR lies on no heap.
func readJSON(stored string) (Record, error) {
	var r Record
	err := json.Unmarshal([]byte(stored), &r)
	return r, err
}

func (r *Record) read(in *compact.Reader) {
	for range in.Map() {
		switch in.Key() {
		case recordVersion:
			r.Version = in.Uint()
		case recordLast:
			r.Last.read(in)
		case recordRuns:
			r.Runs = make([]Run, in.Array())
			for i := range r.Runs {
				r.Runs[i].read(in)
			}
		case recordMethods:
			r.Methods = make([]Method, in.Array())
			for i := range r.Methods {
				r.Methods[i].read(in)
			}
		case recordOwner:
			r.Owner = AccountID(in.Text())
		case recordHolder:
			r.Holder = in.Text()
		default:
			in.Skip()
		}
	}
}

func (l *Last) read(in *compact.Reader) {
	for range in.Map() {
		switch in.Key() {
		case lastFrom:
			l.From = in.Uint()
		case lastDigest:
			l.Digest = []byte(in.Blob())
		case lastWrong:
			l.Wrong = in.Bool()
		default:
			in.Skip()
		}
	}
}

// Encode returns the tombstone as it is stored.
func (t Tombstone) Encode() []byte {
	var w compact.Writer
	m := w.Map()
	t.Last.write(m, stoneLast)
	m.Text(stoneRun, t.Run)
	m.Text(stoneNext, string(t.Next))
	return w.Bytes
}

// DecodeTombstone reads what Encode wrote. Anything else is a tombstone all the same, of
// which nothing is known.
func DecodeTombstone(stored string) Tombstone {
	var t Tombstone
	in := compact.Read(stored)
	for range in.Map() {
		switch in.Key() {
		case stoneLast:
			t.Last.read(&in)
		case stoneRun:
			t.Run = in.Text()
		case stoneNext:
			t.Next = Key(in.Text())
		default:
			in.Skip()
		}
	}
	if in.Err() != nil {
		return Tombstone{}
	}
	return t
}
