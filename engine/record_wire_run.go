package engine

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"stagedoor/engine/compact"
)

// The keys of a run, and of an entry of the log.
const (
	runSlot, runID, runFlow, runFingerprint, runNode, runAs, runSubject, runEpoch = 1, 2, 3, 4, 5, 6, 7, 8
	runStarted, runDeadline, runUntil, runTries, runActs, runTrail                = 9, 10, 11, 12, 13, 14
	runHint, runCredential, runData                                               = 15, 16, 17

	methodMethod, methodAt, methodEmail, methodPhone, methodUsername, methodType = 1, 2, 3, 4, 5, 6
	methodID, methodProvider, methodUID                                          = 7, 8, 9
	methodPasswordless, methodReauthenticated, methodVerified                    = 10, 11, 12
)

// write writes the run. Its times but the first are the distance from it.
func (r *Run) write(w *compact.Writer) error {
	m := w.Map()
	m.Word(runSlot, words(), string(r.Slot))
	writeID(m, r.ID)
	m.Word(runFlow, words(), string(r.Flow))
	writePrint(m, r.Fingerprint)
	m.Word(runNode, words(), string(r.Node))
	m.Word(runAs, words(), string(r.As))
	if n, ok := r.Subject.number(); ok {
		m.Uint(runSubject, n)
	} else {
		m.Text(runSubject, string(r.Subject))
	}
	m.Int(runEpoch, r.Epoch)
	m.Int(runStarted, r.Started)
	m.Int(runDeadline, r.Deadline-r.Started)
	if r.Until != 0 {
		m.Key(runUntil)
		w.Int(r.Until - r.Started)
	}
	m.Int(runTries, int64(r.Tries))
	if len(r.Acts) > 0 {
		m.Key(runActs)
		w.Array(2 * len(r.Acts))
		for _, name := range slices.Sorted(maps.Keys(r.Acts)) {
			w.Word(words(), name)
			w.Int(int64(r.Acts[name]))
		}
	}
	if len(r.Trail) > 0 {
		m.Key(runTrail)
		if err := r.Trail.write(w); err != nil {
			return err
		}
	}
	m.Text(runHint, r.Hint)
	m.Text(runCredential, r.Credential)
	m.Blob(runData, r.Data)
	return nil
}

func (r *Run) read(in *compact.Reader) {
	var until int64
	var limited bool
	for range in.Map() {
		switch in.Key() {
		case runSlot:
			r.Slot = Slot(in.Word(words()))
		case runID:
			r.ID = readID(in)
		case runFlow:
			r.Flow = FlowID(in.Word(words()))
		case runFingerprint:
			r.Fingerprint = readPrint(in)
		case runNode:
			r.Node = NodeID(in.Word(words()))
		case runAs:
			r.As = NodeID(in.Word(words()))
		case runSubject:
			if in.IsUint() {
				r.Subject = AccountID(strconv.FormatUint(in.Uint(), 10))
			} else {
				r.Subject = AccountID(in.Text())
			}
		case runEpoch:
			r.Epoch = in.Int()
		case runStarted:
			r.Started = in.Int()
		case runDeadline:
			r.Deadline = in.Int()
		case runUntil:
			until, limited = in.Int(), true
		case runTries:
			r.Tries = int(in.Int())
		case runActs:
			r.Acts = readActs(in)
		case runTrail:
			r.Trail = readTrail(in)
		case runHint:
			r.Hint = in.Text()
		case runCredential:
			r.Credential = in.Text()
		case runData:
			r.Data = json.RawMessage(in.Blob())
		default:
			in.Skip()
		}
	}
	r.Deadline += r.Started
	if limited {
		r.Until = r.Started + until
	}
}

// writeID writes the id of a run as the bytes that it spells, if it is like those of the
// engine, and else as it is.
func writeID(m compact.Map, id string) {
	var raw [16]byte
	if len(id) == base64.RawURLEncoding.EncodedLen(len(raw)) && !strings.ContainsAny(id, "\r\n") {
		if _, err := base64.RawURLEncoding.Strict().Decode(raw[:], []byte(id)); err == nil {
			m.Blob(runID, raw[:])
			return
		}
	}
	m.Text(runID, id)
}

func readID(in *compact.Reader) string {
	if !in.IsBlob() {
		return in.Text()
	}
	var text [22]byte
	raw := in.Blob()
	if base64.RawURLEncoding.EncodedLen(len(raw)) != len(text) {
		in.Fail("an id of another length")
		return ""
	}
	base64.RawURLEncoding.Encode(text[:], []byte(raw))
	return string(text[:])
}

// writePrint writes the fingerprint of a graph as the bytes that it spells.
func writePrint(m compact.Map, print string) {
	var raw [4]byte
	if len(print) == hex.EncodedLen(len(raw)) && strings.ToLower(print) == print {
		if _, err := hex.Decode(raw[:], []byte(print)); err == nil {
			m.Blob(runFingerprint, raw[:])
			return
		}
	}
	m.Text(runFingerprint, print)
}

func readPrint(in *compact.Reader) string {
	if !in.IsBlob() {
		return in.Text()
	}
	var text [8]byte
	raw := in.Blob()
	if hex.EncodedLen(len(raw)) != len(text) {
		in.Fail("a fingerprint of another length")
		return ""
	}
	hex.Encode(text[:], []byte(raw))
	return string(text[:])
}

func readActs(in *compact.Reader) map[string]int {
	n := in.Array()
	if n%2 != 0 {
		in.Fail("half an action")
		return nil
	}
	acts := make(map[string]int, n/2)
	for range n / 2 {
		name := in.Word(words())
		acts[name] = int(in.Int())
	}
	return acts
}

// write writes the entry of the log.
func (m *Method) write(w *compact.Writer) {
	f := w.Map()
	f.Word(methodMethod, words(), m.Method)
	f.Int(methodAt, m.At)
	f.Text(methodEmail, m.Email)
	f.Text(methodPhone, m.Phone)
	f.Text(methodUsername, m.Username)
	f.Word(methodType, words(), m.Type)
	f.Int(methodID, m.ID)
	f.Text(methodProvider, m.Provider)
	f.Text(methodUID, m.UID)
	f.Bool(methodPasswordless, m.Passwordless)
	f.Bool(methodReauthenticated, m.Reauthenticated)
	f.Bool(methodVerified, m.Verified)
}

func (m *Method) read(in *compact.Reader) {
	for range in.Map() {
		switch in.Key() {
		case methodMethod:
			m.Method = in.Word(words())
		case methodAt:
			m.At = in.Int()
		case methodEmail:
			m.Email = in.Text()
		case methodPhone:
			m.Phone = in.Text()
		case methodUsername:
			m.Username = in.Text()
		case methodType:
			m.Type = in.Word(words())
		case methodID:
			m.ID = in.Int()
		case methodProvider:
			m.Provider = in.Text()
		case methodUID:
			m.UID = in.Text()
		case methodPasswordless:
			m.Passwordless = in.Bool()
		case methodReauthenticated:
			m.Reauthenticated = in.Bool()
		case methodVerified:
			m.Verified = in.Bool()
		default:
			in.Skip()
		}
	}
}
