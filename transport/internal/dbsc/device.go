package dbsc

import (
	"net/http"
	"time"
)

const idLen = 16

// deviceAge is how long a browser is known by its cookie.
const deviceAge = 400 * 24 * time.Hour // longer is cut short by browsers (RFC 6265bis, section 5.5)

// ID is a random name of a browser. It is the identifier of its bound session, so that a new
// session replaces the one before.
type ID [idLen]byte

// String is the name in base64url.
func (id ID) String() string { return text().EncodeToString(id[:]) }

// Device is a browser as its cookie tells.
type Device struct {
	ID ID
	// Binds says that it has bound a session before.
	Binds bool
}

func (d Device) bytes() []byte {
	raw := append(make([]byte, 0, 128), d.ID[:]...)
	if d.Binds {
		return append(raw, 1)
	}
	return append(raw, 0)
}

// deviceLen is the length of what a device cookie has before the MAC that names its session.
const deviceLen = idLen + 1 + macLen

// DeviceCookie is the cookie of a browser that has the session.
func (b *Binder) DeviceCookie(d Device, session int64) *http.Cookie {
	raw := d.bytes()
	raw = append(raw, b.mac(forDevice, raw)...)
	cookie := b.cookie(DeviceCookie, b.seal(forHere, raw, writeID(session)))
	cookie.MaxAge = int(deviceAge / time.Second)
	return cookie
}

// Device reads the browser's cookie. Here says that it was there when the session began, or has
// bound it: who holds the token of a session alone is elsewhere.
func (b *Binder) Device(value string, session int64) (d Device, here, ok bool) {
	if len(value) != text().EncodedLen(deviceLen+macLen) {
		return d, false, false
	}
	raw, err := text().DecodeString(value)
	if err != nil {
		return d, false, false
	}
	head, mac := raw[:idLen+1], raw[idLen+1:deviceLen]
	if head[idLen] > 1 || !b.Keys.Matches(mac, forDevice, head) {
		return d, false, false
	}
	d = Device{ID: ID(head[:idLen]), Binds: head[idLen] == 1}
	return d, session != 0 && b.Keys.Matches(raw[deviceLen:], forHere, raw[:deviceLen], writeID(session)), true
}

// cookie is one of this package's.
func (b *Binder) cookie(name, value string) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: b.SameSite}
}
