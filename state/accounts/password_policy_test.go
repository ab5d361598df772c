package accounts

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func newPolicy(t testing.TB, minLength int) *Policy {
	t.Helper()
	p, err := NewPolicy(minLength)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPolicyCheck(t *testing.T) {
	p := newPolicy(t, 0)
	about := []string{"", "jo.smith@example.org"}
	for _, test := range []struct {
		password string
		want     []string
	}{
		{"Pw-4fJq81Lmz0aB", nil},
		{"korrekt pferd batterie", nil},
		{"a", []string{PasswordTooShort, PasswordTooCommon}},
		{"7", []string{PasswordTooShort, PasswordTooCommon, PasswordEntirelyNumeric}},
		{"5", []string{PasswordTooShort, PasswordTooCommon, PasswordEntirelyNumeric}},
		{"short7x", []string{PasswordTooShort}},
		{"password", []string{PasswordTooCommon}},
		{" PassWord ", []string{PasswordTooCommon}},
		{"12345678", []string{PasswordTooCommon, PasswordEntirelyNumeric}},
		{"7391846205", []string{PasswordEntirelyNumeric}},
		{"1357924", []string{PasswordTooShort, PasswordEntirelyNumeric}},
		{"jo.smith@example.org", []string{PasswordTooSimilar}},
		{"JO.SMITH", []string{PasswordTooSimilar}},
		{"Example99", []string{PasswordTooSimilar}},
		{"smith1", []string{PasswordTooSimilar, PasswordTooShort, PasswordTooCommon}},
		{"", []string{PasswordTooShort}},
		{"päßwörd", []string{PasswordTooShort}},
		{"пароль-х", nil},
		{"😀😃😄😁😆😅😂", []string{PasswordTooShort}},
		{"😀😃😄😁😆😅😂🙂", nil},
		{"\xff\xfe\x00\x01\x02\x03\x04", []string{PasswordTooShort}},
		{"\xff\xfe\x00\x01\x02\x03\x04\x05", nil},
		{"٣٨٤٦٢٩١٧", []string{PasswordEntirelyNumeric}},
		{"²³¹⁰⁴₅①⑴", []string{PasswordEntirelyNumeric}},
		{"7391846½", nil},
		{"7391846Ⅳ", nil},
		{"-73918462", nil},
		{strings.Repeat("7391846205", 400), []string{PasswordEntirelyNumeric}},
		{strings.Repeat("kx", MaxPasswordBytes/2), nil},
		{strings.Repeat("é", MaxPasswordBytes/2) + "x", []string{PasswordTooLong}},
		{strings.Repeat("7", MaxPasswordBytes+1), []string{PasswordTooLong}},
	} {
		if got := p.broken(test.password, about...); !slices.Equal(got, test.want) {
			t.Errorf("Check(%q) = %v, want %v", test.password, got, test.want)
		}
	}
	all := []string{PasswordTooSimilar, PasswordTooShort, PasswordTooCommon, PasswordEntirelyNumeric}
	if got := p.broken("123456", "123456"); !slices.Equal(got, all) {
		t.Errorf("Check of what breaks every rule = %v, want %v", got, all)
	}
	if got := p.broken("smith-jo", "jo@example.org", "jo-smith"); !slices.Equal(got, []string{PasswordTooSimilar}) {
		t.Errorf("Check against a second text = %v", got)
	}
}

func TestPolicyMinLength(t *testing.T) {
	for _, test := range []struct {
		config, length int
		short          bool
	}{
		{0, 7, true}, {0, 8, false}, {1, 0, true}, {1, 1, false}, {12, 11, true}, {12, 12, false}, {1024, 1023, true}, {1024, 1024, false},
	} {
		p := newPolicy(t, test.config)
		got := p.broken(strings.Repeat("é", test.length))
		if slices.Contains(got, PasswordTooShort) != test.short {
			t.Errorf("minimum %d, %d characters: %v", test.config, test.length, got)
		}
	}
	for _, bad := range []int{-1, 1025, 1 << 40} {
		if p, err := NewPolicy(bad); err == nil || p != nil {
			t.Errorf("NewPolicy with a minimum of %d = %v, %v; want an error", bad, p, err)
		}
	}
}

// Random passwords are good for any account.
func TestPolicyAcceptsRandomPasswords(t *testing.T) {
	p := newPolicy(t, 0)
	about := []string{"jo", "jo@example.org"}
	rapid.Check(t, func(t *rapid.T) {
		password := rapid.StringMatching(`[B-DF-HK-NP-TV-Z2-9]{15,20}-[b-d]`).Draw(t, "password")
		if got := p.broken(password, about...); got != nil {
			t.Fatalf("Check(%q) = %v", password, got)
		}
	})
}

func BenchmarkPolicyCheck(b *testing.B) {
	p := newPolicy(b, 0)
	about := []string{"josmith", "Jo", "Smith", "jo.smith@example.org"}
	b.ReportAllocs()
	for b.Loop() {
		if codes := p.broken("Pw-4fJq81Lmz0aB", about...); codes != nil {
			b.Fatal(codes)
		}
	}
}
