// Package acme is what a company adds to its sign-in, outside of stagedoor's module: terms
// of service that everybody accepts once ([Terms]), a code where somebody comes from a new
// network ([Network]), devices with a key for accounts that are worth it ([Vault]), a flow that
// closes one's account ([Leave]), and its own directory to sign in with ([Directory]).
//
// Each is one value that is handed to the server:
//
//	server.Options{Extend: acme.Extensions, Providers: []stages.ProviderKind{acme.Directory()}}
package acme

import (
	"time"

	"stagedoor/engine"
	"stagedoor/transport/server"
)

// TermsVersion is the version of the terms that hold. An account that accepted another is asked
// again.
const TermsVersion = "2026-05"

// Extensions is all of it.
func Extensions(p server.Parts) []engine.Extension {
	return []engine.Extension{
		Terms(TermsVersion, "https://acme.example/terms"),
		Network(p.Sessions),
		Leave(p.Codes, engine.Rates{"acme.leave": {{Max: 3, Per: time.Hour, By: "user"}}}),
	}
}
