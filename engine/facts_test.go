package engine

import (
	"reflect"
	"slices"
	"testing"
)

func countValuations(t *testing.T, reads, own []string) int {
	t.Helper()
	seen := make(map[Facts]bool)
	n := 0
	err := Valuations(reads, own, func(f Facts) bool {
		n++
		seen[f] = true
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != n {
		t.Errorf("%v: %d valuations, only %d of them different", reads, n, len(seen))
	}
	return n
}

func TestValuationsAreAllCombinations(t *testing.T) {
	for _, c := range []struct {
		reads, own []string
		want       int
	}{
		{nil, nil, 1},
		{[]string{"Active"}, nil, 2},
		{[]string{"Email"}, nil, 3},
		{[]string{"VerifyEmail"}, nil, 3},
		{[]string{"Active", "Email", "VerifyEmail"}, nil, 18},
		{[]string{"Own"}, []string{"a", "b", "c", "d"}, 4},
		{[]string{"Own", "Signup"}, []string{"a", "b"}, 4},
		{[]string{"Signup"}, []string{"a", "b"}, 2},
		{[]string{"Own"}, nil, 0},
	} {
		if got := countValuations(t, c.reads, c.own); got != c.want {
			t.Errorf("%v with %d own values: %d valuations, want %d", c.reads, len(c.own), got, c.want)
		}
	}
}

// TestEveryFactIsFinite keeps Facts such that every field can be gone through.
func TestEveryFactIsFinite(t *testing.T) {
	facts := reflect.TypeFor[Facts]()
	for i := range facts.NumField() {
		f := facts.Field(i)
		want := map[reflect.Kind]int{reflect.Bool: 2, reflect.Uint8: 3, reflect.String: 2}[f.Type.Kind()]
		if got := countValuations(t, []string{f.Name}, []string{"a", "b"}); got != want {
			t.Errorf("%s takes %d values, want %d", f.Name, got, want)
		}
	}
	if _, err := valuesOf(reflect.TypeFor[int]()); err == nil {
		t.Error("a number was gone through")
	}
}

func TestValuationsLeaveTheRestZero(t *testing.T) {
	err := Valuations([]string{"Email"}, nil, func(f Facts) bool {
		if want := (Facts{Email: f.Email}); f != want {
			t.Errorf("%+v has more set than Email", f)
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestValuationsStop(t *testing.T) {
	n := 0
	err := Valuations([]string{"Active", "Email"}, nil, func(Facts) bool {
		n++
		return n < 4
	})
	if err != nil || n != 4 {
		t.Errorf("asked to stop at the fourth: %d calls, %v", n, err)
	}
}

func TestValuationsRefuseWhatIsNoFact(t *testing.T) {
	for _, name := range []string{"Mood", "", "active", "own"} {
		called := false
		err := Valuations([]string{"Active", name}, nil, func(Facts) bool {
			called = true
			return true
		})
		if err == nil || called {
			t.Errorf("%q: error %v, called %v", name, err, called)
		}
	}
}

func TestValuationsComeInOrder(t *testing.T) {
	var got []Verified
	_ = Valuations([]string{"Email"}, nil, func(f Facts) bool {
		got = append(got, f.Email)
		return true
	})
	if want := []Verified{Missing, Unverified, IsVerified}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
