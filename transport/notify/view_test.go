package notify

import "testing"

func TestFirstLink(t *testing.T) {
	if got := firstLink("nonsense", "https://b.example/"); got != "https://b.example/" {
		t.Errorf("second link: %q", got)
	}
	if got := firstLink("https://a.example/", "https://b.example/"); got != "https://a.example/" {
		t.Errorf("first link: %q", got)
	}
}

func TestMoment(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-23T19:20:31+01:00": "23 November 2026, 18:20 UTC",
		"2026-01-02T03:04:05.678Z":  "2 January 2026, 03:04 UTC",
		"yesterday":                 "",
		"1763920000":                "",
		"":                          "",
	} {
		if got := moment(in); got != want {
			t.Errorf("moment(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestValidFor(t *testing.T) {
	for in, want := range map[string]string{
		"1": "1 second", "4": "4 seconds", "119": "119 seconds", "120": "2 minutes", "180": "3 minutes",
		"900": "15 minutes", "7199": "119 minutes", "7200": "2 hours", "86400": "24 hours",
		"172799": "47 hours", "172800": "2 days", "259200": "3 days",
		"0": "", "-5": "", "": "", "soon": "", "4.5": "",
	} {
		if got := validFor(in); got != want {
			t.Errorf("validFor(%q) = %q, want %q", in, got, want)
		}
	}
}
