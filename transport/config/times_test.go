package config

import "testing"

func TestTimes(t *testing.T) {
	for raw, want := range map[any]Times{
		true: 2, false: 0, 3: 3, 0: 0,
		envText{Text: "true"}: 2, envText{Text: "1"}: 1, envText{Text: " off "}: 0,
	} {
		got := Times(9)
		if err := got.set(raw); err != nil || got != want {
			t.Errorf("%v: %d, %v; want %d", raw, got, err, want)
		}
	}
	kept := Times(9)
	if err := kept.set("often"); err == nil || kept != 9 {
		t.Errorf("a bad value: %d, %v", kept, err)
	}
}
