package server

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
)

// TestLogOfWhatIsNoted: a credential that may have been copied and is accepted is in the line of its
// turn, by the name that it has in the audit, and nothing of its data.
func TestLogOfWhatIsNoted(t *testing.T) {
	var log bytes.Buffer
	s := &Server{options: Options{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	s.logTurn(t.Context(), engine.TurnEvent{
		Flow: "passkey_login", Outcome: engine.Granted,
		Writes: []engine.Write{state.Audit{Event: stages.CloneSuspected, Data: []byte(`{"ip":"192.0.2.1"}`)}},
	})
	if line := log.String(); !strings.Contains(line, "noted="+stages.CloneSuspected) || strings.Contains(line, "192.0.2") {
		t.Error(line)
	}
}

// TestLogOfALimit: whoever reads the log learns which limit refused a turn, so that a cap on text
// messages that is reached is not taken for a wrong password; for whom it was counted is not there.
func TestLogOfALimit(t *testing.T) {
	var log bytes.Buffer
	s := &Server{options: Options{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	takes := engine.Rates{"sms": {{Max: 1, Per: time.Hour, By: "block"}}}.Takes("sms", engine.Counted{Block: "192.0.2.0/24"})
	s.logTurn(t.Context(), engine.TurnEvent{Flow: "login_by_code", Outcome: engine.Limited, Refusal: &engine.Refusal{Take: takes[0], After: time.Minute}})
	if line := log.String(); !strings.Contains(line, `limit="sms by block"`) || strings.Contains(line, "192.0.2") {
		t.Error(line)
	}
}
