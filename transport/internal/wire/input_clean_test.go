package wire

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestCleanPhone(t *testing.T) {
	for _, s := range []string{
		"+31612345678", "+31671111111", "+31699999999", "+12025550123", "+442079460958", "+4915112345678",
		"+5491123456789", "+390612345678", "+80012345678", "+8613812345678", "+918123456789",
	} {
		if got, ok := CleanPhone(s); !ok || got != s {
			t.Errorf("%s: %q, %v; want it accepted as it is", s, got, ok)
		}
	}
	for _, s := range []string{
		"", "+", "abc", "0612345678", "31612345678", "0031612345678", "+0612345678",
		"+31 612345678", "+31-612345678", "+31 6 1234 5678x", "+31612345678x", "+31612345678;ext=1", "+31612345678\n", "\u202a+31612345678",
		"+12345", "+123456", "+1234567890123456", "+123456789012345", "+1234567890123456789",
		"+99999999999", "+3161234567890123", "+1\u0662\u0663\u0664\u0665\u0666\u0667", "\uff0b31612345678", "tel:+31612345678",
		"+310612345678", // the trunk zero makes it another spelling of +31612345678
	} {
		if got, ok := CleanPhone(s); ok || got != "" {
			t.Errorf("%q: %q, %v; want it refused", s, got, ok)
		}
	}
}

func TestCleanUsername(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"alice.-+_@x9", "alice.-+_@x9"},
		{"Alice", "Alice"},
		{"Ünï", "Ünï"},
		{"a\u0301lice", "\u00e1lice"},
		{"\uff41dmin", "admin"},
		{"\ufb01sh", "fish"},
		{"\u00b2", "2"},
		{"\u2160", "I"},
		{"\u0661\u0662", "\u0661\u0662"},
		{"\u4f8b\u5b50", "\u4f8b\u5b50"},
		{"", ""}, {"with space", ""}, {"semi;colon", ""}, {"a/b", ""}, {"a\x00b", ""}, {"a\nb", ""}, {"\u20acuro", ""},
		{"a\u200db", ""}, {"a\u203fb", ""}, {"\u00bd", ""}, {"a\u0325\u0301", ""}, {"\ufffd", ""}, {"a\xffb", ""}, {"\U0001F600", ""},
	} {
		if got, ok := CleanUsername(tt.in); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%+q: %+q, %v; want %+q", tt.in, got, ok, tt.want)
		}
	}
}

func TestCleanCode(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "123456": "123456", "123 456": "123456", "123-456": "123456", "ABCD-EFGH": "ABCDEFGH",
		"abcd-efgh": "ABCDEFGH", " a b c ": "ABC", "\ta.b,c!(d)\r\n": "ABCD", "--": "", "a\x00b": "AB",
		"\u017f": "\u017f", "\u212a1": "\u212a1", "\uff11": "\uff11", "12\u00a034": "12\u00a034", "12\u2013": "12\u2013",
	} {
		if got := CleanCode(in); got != want {
			t.Errorf("%+q: %+q, want %+q", in, got, want)
		}
	}
}

// FuzzCleanText: what is accepted is itself when cleaned again, and made of the
// characters it may have.
func FuzzCleanText(f *testing.F) {
	for _, s := range []string{"+31612345678", "Ünï", "\ufb01sh", "abcd-efgh", "a\u0325\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := CleanPhone(s); ok && got != s {
			t.Fatalf("the number %q became %q", s, got)
		}
		if got, ok := CleanUsername(s); ok {
			if again, ok := CleanUsername(got); !ok || again != got {
				t.Fatalf("the username %q became %q, then %q", s, got, again)
			}
			if !utf8.ValidString(got) || !norm.NFKC.IsNormalString(got) && len(s) <= MaxUsername*utf8.UTFMax || strings.ContainsAny(got, " \x00/") {
				t.Fatalf("the username %q became %q", s, got)
			}
		} else if got != "" {
			t.Fatalf("the username %q was refused and is still %q", s, got)
		}
		got := CleanCode(s)
		if CleanCode(got) != got || len(got) > len(s) || strings.ContainsAny(got, " -\x00abcz") {
			t.Fatalf("the code %q became %q", s, got)
		}
	})
}
