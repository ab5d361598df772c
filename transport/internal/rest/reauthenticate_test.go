package rest

import (
	"sync"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
	"stagedoor/transport/internal/contract"
)

// TestAreaOfAtOnce: requests look into the table of routes and write nothing behind it, however
// much room there is.
func TestAreaOfAtOnce(t *testing.T) {
	settings := stages.Settings{LoginTimeout: time.Minute, CodeLifetime: time.Minute, PhoneLifetime: time.Minute}
	set, err := engine.Compile(flows.Bind(flows.All(settings), (&stages.Env{}).Handlers()))
	if err != nil {
		t.Fatal(err)
	}
	a := &API{Config: Config{Base: contract.Base{Engine: &engine.Engine{Config: engine.Config{Flows: set}}}}, table: make([]route, 0, 100)}
	a.table = append(a.table, route{path: "/mfa/totp/confirm", id: "activateTOTP", proves: true}, route{path: "/user", id: "getUser"})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for id, want := range map[string]contract.Area{"activateTOTP": contract.AuthenticatorArea, "getUser": contract.NoArea} {
				if area, known := a.areaOf(id); !known || area != want {
					t.Errorf("%s: area %d, known %v", id, area, known)
				}
			}
			if _, known := a.areaOf("nothing"); known {
				t.Error("an operation that there is not is known")
			}
		})
	}
	all.Wait()
}
