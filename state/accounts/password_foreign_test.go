package accounts

import (
	"strings"
	"testing"
)

// scryptKey is base64 of 64 bytes.
const scryptKey = "WHJS3/wrzhi2rYiZ44/lAqpycQxKRPVfHXMQFxWIaII7u1p+2cO61B97UL7OFL5ZSWsnhfwdgsItJJ6HcrHG4Q=="

// djangoHashes are stored passwords as Django 4.2 and the bcrypt library write
// them, each with the password it was made of.
var djangoHashes = []struct{ name, encoded, password string }{
	{"pbkdf2, Django's cost", "pbkdf2_sha256$600000$saltsaltsaltsaltsalt12$6SUzjmie8uFv7OpHQrkGqzkHRAOvtC89VACmNbO3SpY=", "correct horse"},
	{"pbkdf2", "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=", "correct horse"},
	{"pbkdf2, UTF-8", "pbkdf2_sha256$1000$seasalt$Kxlt+Sknj/AEeO661owYnpzdIm5MKNcfI6xa9RPtRTM=", "lètmein €"},
	{"pbkdf2, empty password", "pbkdf2_sha256$1000$seasalt$XHfRVmyEZRTCcSbqGP00JKv0fRwYHK0ogjPZdSJxCXk=", ""},
	{"pbkdf2, SHA-1", "pbkdf2_sha1$1000$seasalt$iQvkNOF1wEL4Khh8eogJ8rUhipM=", "correct horse"},
	{"pbkdf2, SHA-1, UTF-8", "pbkdf2_sha1$1000$seasalt$GGllVPwwpGIjr/tVc0jDqqRbtJU=", "lètmein €"},
	{"bcrypt_sha256", "bcrypt_sha256$$2b$04$iF6fGCqak2GXZNO79PMY5ODMR5wA3LT91T5FTj9BzbeuTd46cvqdi", "correct horse"},
	{"bcrypt_sha256, 2a", "bcrypt_sha256$$2a$04$TYPHc.6GXoZr5QwjPgAYKeHrvBlOXwv9UY7fQ.wBzjBTvNn8IETqK", "correct horse"},
	{"bcrypt_sha256, 100 bytes", "bcrypt_sha256$$2b$04$p7QJafhyNn1l6ypHUKXAhuZeFYd71AJz6i1zYACfovjkuJi1KOIZK", strings.Repeat("x", 100)},
	{"bcrypt", "bcrypt$$2b$04$kcYwFb4pl24zPYtBsW7uNO1n/J9LpfzlblB0e1TIa92I9NzuldhYW", "correct horse"},
	{"bcrypt, 2a", "bcrypt$$2a$04$rAnuTkp6HYHIeHrrod2Noe76hvE5I0cIorx7J5lL9MXyrHk4xcECK", "correct horse"},
	{"plain bcrypt", "$2b$04$Q34PrHnMfn0WCK/LArU.C.YNkJrClxjdtDo433PFrI2oIcLz7k7Me", "pä😀"},
	{"plain bcrypt, 2y", "$2y$04$Q34PrHnMfn0WCK/LArU.C.YNkJrClxjdtDo433PFrI2oIcLz7k7Me", "pä😀"},
	{"plain bcrypt, 2a", "$2a$04$rAnuTkp6HYHIeHrrod2Noe76hvE5I0cIorx7J5lL9MXyrHk4xcECK", "correct horse"},
	{"plain bcrypt, empty password", "$2b$04$Io5tZLxEO0Lkc2SdrFfmVuRN...TYSIt0DwuH92kOJwU6Qy9SOPsy", ""},
	{"scrypt, Django's cost", "scrypt$16384$seasalt$8$1$" + scryptKey, "correct horse"},
	{"scrypt", "scrypt$1024$seasalt$4$2$+ZPXWDcJWnlJS3wtwXe7EYutXCDUB3VX+Yu7NwWiVL+kjrDuxP+fIzbXIK1qN9nfUJyQWF6NX4vY8jy79P5H6w==", "correct horse"},
	{"argon2", "argon2$argon2id$v=19$m=64,t=3,p=2$c2Vhc2FsdHNlYXNhbHQ$4Xscu/F0sLvEp8HxVM/7ZWXc0JL/a930nBG86B8ooIA", "correct horse"},
}

func TestForeignHashes(t *testing.T) {
	h := newHasher(t, smallHashes)
	for _, test := range djangoHashes {
		if got, err := h.Verify(t.Context(), test.encoded, test.password); got != (Match{OK: true, Stale: true}) || err != nil {
			t.Errorf("%s: Verify = %+v, %v; want a stale match", test.name, got, err)
		}
		for _, wrong := range []string{test.password + "x", "x" + test.password, strings.ToUpper(test.password) + " "} {
			if got, err := h.Verify(t.Context(), test.encoded, wrong); got != (Match{}) || err != nil {
				t.Errorf("%s: Verify(%q) = %+v, %v; want no match", test.name, wrong, got, err)
			}
		}
	}
}

// A foreign hash is compared by its own algorithm alone: no work of ours is added,
// and none of it can be left out.
func TestForeignHashesDoTheirOwnWork(t *testing.T) {
	h := newHasher(t, smallHashes)
	spent := countWork(h)
	for _, test := range djangoHashes {
		if _, err := h.Verify(t.Context(), test.encoded, "wrong"); err != nil {
			t.Fatal(err)
		}
		want := 0
		if strings.HasPrefix(test.encoded, "argon2$") {
			want = 1
		}
		if did := spent(); len(did) != want {
			t.Errorf("%s: %d argon2id computations, want %d", test.name, len(did), want)
		}
	}
}

// Plain bcrypt looks at 72 bytes: that is what its hashes mean.
func TestBcryptTruncates(t *testing.T) {
	h := newHasher(t, smallHashes)
	const encoded = "$2b$04$dOKLjSDb0Ro0VKkaGlqGEuPaFcbcdE7Vdm8vLYMS1bp/bW0xoqaPi"
	password := strings.Repeat("0123456789", 8)
	for length, want := range map[int]bool{71: false, 72: true, 73: true, 80: true} {
		if got, err := h.Verify(t.Context(), encoded, password[:length]); got.OK != want || err != nil {
			t.Errorf("%d bytes: %+v, %v; want OK %v", length, got, err, want)
		}
	}
}

// bcrypt repeats its key, a NUL after each time, so that "a" and "a\x00a" are the
// same key. They are not the same password.
func TestBcryptIsNotFooledByNUL(t *testing.T) {
	h := newHasher(t, smallHashes)
	const encoded = "$2b$04$b2o/oIZ77hsS1tm1TNwfSO6FILaa58FNJ7IguxphDya2arx0RdccW"
	for password, want := range map[string]bool{"a": true, "a\x00a": false, "a\x00": false, "a\x00b": false} {
		if got, err := h.Verify(t.Context(), encoded, password); got.OK != want || err != nil {
			t.Errorf("%q: %+v, %v; want OK %v", password, got, err, want)
		}
	}
}

func TestParseForeignRefuses(t *testing.T) {
	const (
		pbkdf2Key  = "mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso="
		bcryptTail = "kcYwFb4pl24zPYtBsW7uNO1n/J9LpfzlblB0e1TIa92I9NzuldhYW"
	)
	h := newHasher(t, smallHashes)
	for _, bad := range []string{
		"", "!", "$", "$$$", "plain", "md5$salt$hash", "pbkdf2_sha1$1000$seasalt$" + pbkdf2Key, "pbkdf2_sha1$0$seasalt$iQvkNOF1wEL4Khh8eogJ8rUhipM=", "pbkdf2_md5$1000$seasalt$" + pbkdf2Key,
		"pbkdf2_sha256", "pbkdf2_sha256$1000$seasalt", "pbkdf2_sha256$1000$seasalt$" + pbkdf2Key + "$",
		"pbkdf2_sha256$0$seasalt$" + pbkdf2Key, "pbkdf2_sha256$-1$seasalt$" + pbkdf2Key,
		"pbkdf2_sha256$01000$seasalt$" + pbkdf2Key, "pbkdf2_sha256$10000001$seasalt$" + pbkdf2Key,
		"pbkdf2_sha256$1000$seasalt$" + pbkdf2Key[:40], "pbkdf2_sha256$1000$seasalt$" + pbkdf2Key + "\n",
		"pbkdf2_sha256$1000$" + strings.Repeat("s", maxEncodedBytes) + "$" + pbkdf2Key,
		"bcrypt$2b$04$" + bcryptTail, "bcrypt$$2b$04$" + bcryptTail[1:], "bcrypt$$2b$04$" + bcryptTail + "x",
		"bcrypt$$2x$04$" + bcryptTail, "bcrypt$$2$04$" + bcryptTail, "bcrypt$$2b$4$" + bcryptTail,
		"bcrypt$$2b$03$" + bcryptTail, "bcrypt$$2b$16$" + bcryptTail, "bcrypt$$2b$99$" + bcryptTail,
		"bcrypt$$2b$04$" + strings.Replace(bcryptTail, "/", "+", 1), "bcrypt_sha256$" + bcryptTail, "bcrypt_sha256$",
		"$2b$04$" + bcryptTail + "\n", "$3b$04$" + bcryptTail,
		"scrypt$seasalt$16384$8$1$" + scryptKey, "scrypt$16384$seasalt$8$1", "scrypt$16384$seasalt$8$1$" + scryptKey + "$",
		"scrypt$16383$seasalt$8$1$" + scryptKey, "scrypt$1$seasalt$8$1$" + scryptKey, "scrypt$0$seasalt$8$1$" + scryptKey,
		"scrypt$16384$seasalt$0$1$" + scryptKey, "scrypt$16384$seasalt$8$0$" + scryptKey, "scrypt$16384$seasalt$x$1$" + scryptKey,
		"scrypt$16384$seasalt$33$1$" + scryptKey, "scrypt$16384$seasalt$8$17$" + scryptKey,
		"scrypt$524288$seasalt$8$1$" + scryptKey, "scrypt$262144$seasalt$8$8$" + scryptKey,
		"scrypt$16384$seasalt$8$1$" + pbkdf2Key,
		"argon2$", "argon2$argon2i$v=19$m=64,t=3,p=2$c2Vhc2FsdHNlYXNhbHQ$" + goodKey, "argon2$$argon2id$v=19$m=64,t=3,p=2$" + goodSalt + "$" + goodKey,
		"argon2$argon2id$v=19$m=999999999,t=3,p=2$" + goodSalt + "$" + goodKey,
	} {
		if foreign, err := h.parseForeign(bad); err == nil || foreign != nil {
			t.Errorf("%q was read (error %v)", bad, err)
		}
	}
}

// The dearest hashes that are still accepted.
func TestParseForeignBounds(t *testing.T) {
	h := newHasher(t, smallHashes)
	for _, good := range []string{
		"pbkdf2_sha256$10000000$s$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=",
		"$2b$15$kcYwFb4pl24zPYtBsW7uNO1n/J9LpfzlblB0e1TIa92I9NzuldhYW",
		"scrypt$262144$s$8$4$" + scryptKey,
		"scrypt$16384$s$8$16$" + scryptKey,
		"scrypt$16384$$8$5$" + scryptKey,
	} {
		if _, err := h.parseForeign(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}
