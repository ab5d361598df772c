package main

import "slices"

// ban says what a package may not import, and why.
type ban struct {
	// what is a package with all below it, or thirdParty.
	what string
	why  string
	// direct lets the package have it by way of what it may import.
	direct bool
	// but is one package below what that is not meant.
	but string
}

// thirdParty is everything that is neither this module nor the standard library.
const thirdParty = "third party"

// encoding is how records and what lies beside them are stored: the engine and the nouns need it.
const encoding = "engine/compact"

// The reasons that several packages share.
const (
	noStores   = "which store is used is decided where everything is put together"
	noWire     = "what is judged must not depend on how it was sent"
	noFlows    = "it serves whatever graphs it is handed"
	noTwin     = "the contracts know nothing of each other, so that either can be switched off"
	noInside   = "a device serves against any server, and sees what its answers say"
	noServer   = "a configuration is read and judged where there is no server yet"
	noOwner    = "it is handed its parts, and does not know who puts them together"
	noSettings = "it is handed what it works with; which setting that is, is the server's business"
	onlyTests  = "what tests need stays out of the program"
)

// bans is the direction of imports: from package, below stagedoor/, to what it may not
// import, neither itself nor by way of another.
func bans() map[string][]ban {
	stores := func(why string) []ban {
		return []ban{{what: "stagedoor/state/internal", why: why}, {what: "stagedoor/state/stores", why: why}}
	}
	all := func(list ...[]ban) []ban { return slices.Concat(list...) }
	outside := all(stores(noInside), []ban{
		{what: "stagedoor/engine", why: noInside},
		{what: "stagedoor/flows", why: noInside},
		{what: "stagedoor/stages", why: noInside},
		{what: "stagedoor/state/accounts", why: noInside},
		{what: "stagedoor/transport/internal/headless", why: noInside},
		{what: "stagedoor/transport/internal/rest", why: noInside},
		{what: "stagedoor/transport/server", why: noInside},
	})
	const together = "it is a program like any other: parts meet in transport/server"
	asProgram := []ban{
		{what: "stagedoor/state", why: together, direct: true},
		{what: "stagedoor/stages", why: together, direct: true},
		{what: "stagedoor/flows", why: together, direct: true},
	}
	messages := all(stores("the outbox is read by contract"), []ban{
		{what: "stagedoor/engine", why: "a message is sent whatever flow it is of"},
		{what: "stagedoor/flows", why: "a message is sent whatever flow it is of"},
		{what: "stagedoor/stages", why: "a message is sent whatever flow it is of"},
		{what: "stagedoor/transport/internal/headless", why: "messages are effects, sent after the answer"},
		{what: "stagedoor/transport/internal/rest", why: "messages are effects, sent after the answer"},
	})
	suite := []ban{
		{what: "stagedoor/cmd", why: "it tests the server as a library"},
		{what: "stagedoor/transport/replay", why: "stories are another kind of test"},
	}
	rules := map[string][]ban{
		"engine": {
			{what: "stagedoor", why: "everything else stands on it", but: "stagedoor/" + encoding},
			{what: "net", why: "it does no I/O and knows no wire"},
			{what: "database/sql", why: "it does no I/O: the contracts it needs are Store, Ledger and Loader"},
			{what: "crypto/rand", why: "entropy comes in with the turn, so that a turn can be replayed", direct: true},
			{what: "os", why: "it does no I/O", direct: true},
			{what: "log", why: "it tells its caller"},
		},
		encoding: {
			{what: "stagedoor", why: "it is an encoding, whatever is encoded"},
			{what: thirdParty, why: "the nouns of state are encoded by it, which need the standard library and nothing else"},
			{what: "encoding/json", why: "what is read is read in one way", direct: true},
		},
		"engine/draw": {
			{what: "stagedoor/state", why: "a picture is of the graph alone"},
			{what: "stagedoor/stages", why: "a stage of an outside package is drawn like a shipped one"},
			{what: "stagedoor/flows", why: "a flow of an outside package is drawn like a shipped one"},
			{what: "stagedoor/transport", why: "a picture is of the graph alone"},
			{what: "net", why: "it does no I/O"},
			{what: "os", why: "it does no I/O, and knows no fonts but its own", direct: true},
			{what: "time", why: "the same graph gives the same picture", direct: true},
		},
		"engine/explain": {
			{what: "stagedoor/state", why: "a trail is explained wherever it was kept"},
			{what: "stagedoor/stages", why: "the words for a reason are the stage's own"},
			{what: "stagedoor/transport", why: "a run is explained alike on every wire"},
			{what: "os", why: "it does no I/O", direct: true},
		},
		"flows": all(stores("graphs are data"), []ban{
			{what: "stagedoor/transport", why: "graphs are data, and the same on every wire"},
		}),
		"stages": all(stores(noStores), []ban{
			{what: "stagedoor/flows", why: "a stage does not know where it stands"},
			{what: "stagedoor/transport", why: noWire},
		}),
		"stages/internal/passkey": all(stores(noStores), []ban{
			{what: "stagedoor/engine", why: "a ceremony is judged alike in every flow"},
			{what: "stagedoor/flows", why: "a ceremony is judged alike in every flow"},
			{what: "stagedoor/transport", why: noWire},
		}),
		"stages/internal/provider": {
			{what: "stagedoor/engine", why: "a provider is a value that answers who somebody is there"},
			{what: "stagedoor/flows", why: "a provider is a value that answers who somebody is there"},
			{what: "stagedoor/transport", why: noWire},
			{what: "stagedoor/state", why: "who somebody is there says nothing of accounts here"},
		},
		"state": {
			{what: "stagedoor", why: "it holds the nouns and contracts that all stores share", but: "stagedoor/" + encoding},
			{what: thirdParty, why: "nouns need the standard library and nothing else"},
			{what: "database/sql", why: "a contract names no store"},
			{what: "net/http", why: noWire},
		},
		"state/accounts": all(stores(noStores), []ban{
			{what: "stagedoor/engine", why: "what an account may do does not depend on flows"},
			{what: "stagedoor/flows", why: "what an account may do does not depend on flows"},
			{what: "stagedoor/stages", why: "what an account may do does not depend on flows"},
			{what: "stagedoor/transport", why: noWire},
			{what: "net/http", why: noWire},
		}),
		"state/internal/redisstore": {
			{what: "stagedoor/state/internal/sqlstore", why: "the stores are chosen one by one"},
			{what: "stagedoor/stages", why: "it keeps records unread"},
			{what: "stagedoor/flows", why: "it keeps records unread"},
			{what: "stagedoor/transport", why: "it keeps records unread"},
			{what: "database/sql", why: "the stores are chosen one by one"},
		},
		"state/internal/sqlstore": {
			{what: "stagedoor/state/internal/redisstore", why: "the stores are chosen one by one"},
			{what: "stagedoor/stages", why: "it stores writes, whoever wants them"},
			{what: "stagedoor/flows", why: "it stores writes, whoever wants them"},
			{what: "stagedoor/transport", why: "it stores writes, whoever wants them"},
			{what: "github.com/redis", why: "the stores are chosen one by one"},
		},
		"state/stores": {
			{what: "stagedoor/stages", why: "it opens stores and knows nothing of what is kept in them"},
			{what: "stagedoor/flows", why: "it opens stores and knows nothing of what is kept in them"},
			{what: "stagedoor/transport", why: "it opens stores and knows nothing of what is kept in them"},
		},
		"state/statetest": all(stores("a suite that knew an implementation could not judge another"), []ban{
			{what: "stagedoor/stages", why: "a contract is tested by itself"},
			{what: "stagedoor/flows", why: "a contract is tested by itself"},
			{what: "stagedoor/transport", why: "a contract is tested by itself"},
		}),
		"transport/internal/wire": all(stores(noStores), []ban{
			{what: "stagedoor/flows", why: noFlows},
			{what: "stagedoor/stages", why: noFlows},
			{what: "stagedoor/transport/internal/contract", why: "it is HTTP alone: whose request it is and what it leads to come after"},
			{what: "stagedoor/transport/internal/token", why: "it is HTTP alone: whose request it is and what it leads to come after"},
			{what: "stagedoor/transport/internal/headless", why: noTwin},
			{what: "stagedoor/transport/internal/rest", why: noTwin},
		}),
		"transport/internal/contract": all(stores(noStores), []ban{
			{what: "stagedoor/flows", why: noFlows},
			{what: "stagedoor/stages", why: noFlows},
			{what: "stagedoor/transport/internal/headless", why: "it is what both contracts do alike"},
			{what: "stagedoor/transport/internal/rest", why: "it is what both contracts do alike"},
			{what: "stagedoor/transport/notify", why: "messages are effects, sent after the answer"},
		}),
		"transport/internal/token": all(stores(noStores), []ban{
			{what: "stagedoor/engine", why: "a token is text that says which record is meant"},
			{what: "stagedoor/flows", why: "a token is text that says which record is meant"},
			{what: "stagedoor/stages", why: "a token is text that says which record is meant"},
			{what: "net/http", why: "how a token is carried is a matter of the contract"},
		}),
		"transport/internal/jws": {
			{what: "stagedoor", why: "what a signature proves does not depend on what it is for"},
			{what: "net/http", why: "how a token is carried is a matter of the contract"},
		},
		"transport/internal/dbsc": all(stores(noStores), []ban{
			{what: "stagedoor/engine", why: "it says whether what a browser shows is good; whose it is comes after"},
			{what: "stagedoor/transport/internal/contract", why: "it says whether what a browser shows is good; whose it is comes after"},
			{what: "stagedoor/transport/internal/wire", why: "it says whether what a browser shows is good; whose it is comes after"},
		}),
		"transport/internal/dpop": all(stores(noStores), []ban{
			{what: "stagedoor/engine", why: "whose key it is, and that a proof is used once, is for its caller to see to"},
			{what: "stagedoor/flows", why: "whose key it is, and that a proof is used once, is for its caller to see to"},
			{what: "stagedoor/stages", why: "whose key it is, and that a proof is used once, is for its caller to see to"},
			{what: "net/http", why: "how a proof is carried is a matter of the contract"},
		}),
		"transport/internal/headless": all(stores(noStores), []ban{
			{what: "stagedoor/flows", why: noFlows},
			{what: "stagedoor/stages", why: noFlows},
			{what: "stagedoor/transport/internal/rest", why: noTwin},
			{what: "stagedoor/transport/notify", why: "messages are effects, sent after the answer"},
		}),
		"transport/internal/rest": all(stores(noStores), []ban{
			{what: "stagedoor/flows", why: noFlows},
			{what: "stagedoor/stages", why: noFlows},
			{what: "stagedoor/transport/internal/headless", why: noTwin},
			{what: "stagedoor/transport/notify", why: "messages are effects, sent after the answer"},
		}),
		"transport/internal/openapi": all(stores(noStores), []ban{
			{what: "stagedoor/flows", why: "a document is built of what a contract lists"},
			{what: "stagedoor/stages", why: "a document is built of what a contract lists"},
			{what: "stagedoor/state", why: "a document is built of what a contract lists", direct: true},
			{what: "stagedoor/transport/internal/headless", why: "both contracts use it, and it serves either alone"},
			{what: "stagedoor/transport/internal/rest", why: "both contracts use it, and it serves either alone"},
		}),
		"transport/notify":             messages,
		"transport/internal/deliver":   messages,
		"transport/internal/asset":     {{what: "stagedoor", why: "a file is served whatever is in it"}},
		"transport/client":             {{what: "stagedoor/transport/internal/wire", why: "it is files; how the server is asked for them is the server's business"}, {what: "stagedoor/transport/server", why: noOwner}},
		"transport/internal/plaintext": {{what: "stagedoor/state", why: "text is text, whoever typed it"}, {what: "stagedoor/engine", why: "text is text, whoever typed it"}},
		"transport/internal/record": all(stores(noStores), []ban{
			{what: "stagedoor/flows", why: noFlows},
			{what: "stagedoor/stages", why: noFlows},
			{what: "stagedoor/transport/internal/headless", why: "it sees what went over the wire, whoever put it there"},
			{what: "stagedoor/transport/internal/rest", why: "it sees what went over the wire, whoever put it there"},
			{what: "stagedoor/transport/replay", why: "what plays stories stays out of a server; the file is between them"},
			{what: "stagedoor/transport/internal/player", why: "what plays stories stays out of a server; the file is between them"},
		}),
		"transport/internal/devpage": all(stores(noStores), []ban{
			{what: "stagedoor/flows", why: noFlows},
			{what: "stagedoor/state/accounts", why: "it shows what the server hands it, and changes no account", direct: true},
			{what: "stagedoor/transport/internal/operate", why: "it is handed what it shows of runs and stories"},
			{what: "stagedoor/transport/config", why: noSettings},
			{what: "stagedoor/transport/server", why: noOwner},
		}),
		"transport/internal/pages": all(stores(noStores), []ban{
			{what: "stagedoor/engine", why: "it is a client: it has what the contract says", direct: true},
			{what: "stagedoor/flows", why: noFlows},
			{what: "stagedoor/stages", why: "it is a client: it has what the contract says"},
			{what: "stagedoor/transport/internal/headless", why: "it is handed the contract as a handler"},
			{what: "stagedoor/transport/internal/devpage", why: "it is served in production"},
			{what: "stagedoor/transport/config", why: noSettings},
			{what: "stagedoor/transport/server", why: noOwner},
		}),
		"transport/internal/disownpage": all(stores(noStores), []ban{
			{what: "stagedoor/transport/internal/headless", why: "it serves beside either contract"},
			{what: "stagedoor/transport/internal/rest", why: "it serves beside either contract"},
			{what: "stagedoor/transport/internal/devpage", why: "it is served in production"},
			{what: "stagedoor/transport/server", why: noOwner},
		}),
		"transport/internal/inspector": all(stores("it shows what the server hands it"), []ban{
			{what: "stagedoor/flows", why: noFlows},
			{what: "stagedoor/state/accounts", why: "it shows what the server hands it, and changes nothing", direct: true},
			{what: "stagedoor/stages", why: noFlows},
			{what: "stagedoor/transport/config", why: noSettings},
			{what: "stagedoor/transport/internal/operate", why: "it is handed what it shows of runs"},
			{what: "stagedoor/transport/server", why: noOwner},
		}),
		"transport/internal/operate": all(stores("an operator works on a database by contract"), []ban{
			{what: "stagedoor/flows", why: noFlows},
			{what: "stagedoor/stages", why: noFlows},
			{what: "stagedoor/state/accounts", why: "what an operator does goes past what accounts may do", direct: true},
			{what: "stagedoor/transport/config", why: noSettings},
			{what: "stagedoor/transport/server", why: noOwner},
		}),
		"transport/internal/trails": all(stores("trails are kept by contract"), []ban{
			{what: "stagedoor/flows", why: noFlows},
			{what: "stagedoor/stages", why: noFlows},
			{what: "stagedoor/transport", why: "a run leaves the same trail on every wire"},
			{what: "net/http", why: noWire},
		}),
		"transport/bench":           outside,
		"transport/internal/player": outside,
		"transport/internal/device": outside,
		"transport/internal/stand":  asProgram,
		// It has stages for one thing: what a kind of provider takes is known where the kind is
		// made, and a second table of kinds would have to be kept like it.
		"transport/config": all(stores(noServer), []ban{
			{what: "stagedoor/flows", why: noServer},
			{what: "stagedoor/transport/internal/headless", why: noServer},
			{what: "stagedoor/transport/internal/rest", why: noServer},
			{what: "stagedoor/transport/internal/wire", why: noServer},
			{what: "stagedoor/transport/internal/token", why: noServer},
			{what: "stagedoor/transport/notify", why: "whether a message could be sent is judged without a sender"},
			{what: "stagedoor/transport/server", why: noServer},
		}),
		"transport/diff": all(stores(noServer), []ban{
			{what: "stagedoor/transport/server", why: "the server hands it what a configuration asks, and shows what it finds"},
			{what: "stagedoor/flows", why: "it compares what is asked, whatever graphs ask it"},
		}),
		"transport/replay": asProgram,
		"transport/server": {{what: "stagedoor/cmd", why: "a program can be its own server"}},
		"cmd/stagedoor": {
			{what: "stagedoor/state", why: "commands only: parts meet in transport/server", direct: true},
			{what: "stagedoor/stages", why: "commands only: parts meet in transport/server", direct: true},
			{what: "stagedoor/flows", why: "commands only: parts meet in transport/server", direct: true},
		},
	}
	below := []string{"appjourneys", "authenticators", "backends", "bindings", "bound", "devicebound", "enumeration", "faults", "generators", "hijack", "journeys", "outages", "proofs", "providers", "resource", "servers", "stolen", "walk"}
	for _, name := range below {
		rules["transport/internal/suite/"+name] = suite
	}
	rules["transport/internal/suite"] = suite
	return rules
}
