package headless

import (
	"net/http"
	"strconv"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

// encodedSession is what encoding/json makes of the answer of [call.signedIn] where nothing
// waits: it is asked for with every page that a front end opens, and this is the quick way to
// write it. A test holds both against each other.
func (c *call) encodedSession() *answer {
	b := make([]byte, 0, 512)
	b = append(b, `{"status":200,"data":{"user":`...)
	b = appendUser(b, &c.Visit.Account)
	b = append(b, `,"methods":[`...)
	for i, m := range c.Visit.Methods() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendMethod(b, &m)
	}
	b = append(b, `]},"meta":{"is_authenticated":true`...)
	b = wire.AppendMember(b, "session_token", c.appToken())
	b = wire.AppendMember(b, "access_token", c.pair.Access)
	b = wire.AppendMember(b, "refresh_token", c.pair.Refresh)
	return &answer{Status: http.StatusOK, encoded: append(b, '}', '}')}
}

// appendUser writes a [userData].
func appendUser(b []byte, s *state.Snapshot) []byte {
	b = append(b, `{"id":`...)
	if number, is := s.Account.Number(); is {
		b = append(b, number...)
	} else {
		b = wire.AppendString(b, string(s.Account))
	}
	b = wire.AppendMember(b, "display", s.Display())
	b = wire.AppendMember(b, "username", s.Username)
	b = wire.AppendMember(b, "email", s.Email)
	b = append(b, `,"has_usable_password":`...)
	b = strconv.AppendBool(b, s.HasPassword)
	b = wire.AppendMember(b, "name", s.Profile.Name)
	b = wire.AppendMember(b, "given_name", s.Profile.GivenName)
	b = wire.AppendMember(b, "family_name", s.Profile.FamilyName)
	b = wire.AppendMember(b, "picture", s.Profile.Picture)
	return append(b, '}')
}

// appendMethod writes a [contract.Method].
func appendMethod(b []byte, m *engine.Method) []byte {
	b = append(b, `{"method":`...)
	b = wire.AppendString(b, m.Method)
	b = wire.AppendMember(b, "email", m.Email)
	b = wire.AppendMember(b, "phone", m.Phone)
	b = wire.AppendMember(b, "username", m.Username)
	b = wire.AppendMember(b, "type", m.Type)
	if m.ID != 0 {
		b = append(b, `,"id":`...)
		b = strconv.AppendInt(b, m.ID, 10)
	}
	b = wire.AppendMember(b, "provider", m.Provider)
	b = wire.AppendMember(b, "uid", m.UID)
	if m.Passwordless {
		b = append(b, `,"passwordless":true`...)
	}
	if m.Reauthenticated {
		b = append(b, `,"reauthenticated":true`...)
	}
	b = append(b, `,"at":`...)
	b = wire.AppendSeconds(b, m.At)
	return append(b, '}')
}
