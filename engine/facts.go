package engine

import (
	"fmt"
	"reflect"
)

// Verified tells what is known of an address or a number.
type Verified uint8

// What is known of an address or a number.
const (
	Missing Verified = iota
	Unverified
	IsVerified
)

// Demand tells how much a setting asks for.
type Demand uint8

// How much a setting asks for.
const (
	Off Demand = iota
	Optional
	Mandatory
)

// Facts are all that a decision may look at: flat, finite, and without a name in them,
// so that truth tables, proofs and what-if matrices can go through all of them. Of the
// subject they are what is true once the turn's own writes are stored.
type Facts struct {
	// Active: the account may sign in.
	Active bool
	// Email is of the address that matters here: the one signed in with, else the
	// primary one. Phone is of the account's number.
	Email Verified
	Phone Verified
	// SecondFactor: the account has TOTP or a WebAuthn credential.
	SecondFactor bool

	// TrustsCode and TrustsSecond: the client showed a trust cookie that is good for
	// this account, and that was earned by what it is to waive.
	TrustsCode   bool
	TrustsSecond bool
	// Browser: the client is a browser and can keep such a cookie. Binds: it is one that has
	// bound a session to a key of its device before, as it can only after a sign-in.
	Browser bool
	Binds   bool

	// Bound: the client has shown that it holds the key of a device, which its session is bound
	// to or will be: Client.Key. A browser's session is bound only after the sign-in.
	Bound bool

	// Signup: the account was made by this run.
	Signup bool
	// Asked: the client asked for the code it was sent.
	Asked bool
	// ProvedCode, ProvedSecond, ProvedAssertion: this run has shown it already. The
	// engine sets these from the trail.
	ProvedCode      bool
	ProvedSecond    bool
	ProvedAssertion bool

	// VerifyEmail, VerifyPhone, RequirePhone, RequireCode, OfferTrust, TrustCode, TrustBound,
	// Presence, LoginOnReset are settings: how far addresses are verified; whether numbers are;
	// whether a signup needs a number; whether this way in needs a code; whether a browser can be
	// trusted after a second factor, and after a code, and only where its sessions are bound;
	// whether a passkey without user verification is second factor enough; whether a
	// password reset signs in.
	VerifyEmail  Demand
	VerifyPhone  bool
	RequirePhone bool
	RequireCode  bool
	OfferTrust   bool
	TrustCode    bool
	TrustBound   bool
	Presence     bool
	LoginOnReset bool

	// Own is the value of the custom fact of the decision that is asked; see FactLoader.
	Own string
}

// valuesOf lists the values a field of Facts can take: two for a bool, three for the
// small enums. Own takes what its stage's decider names.
func valuesOf(t reflect.Type) ([]reflect.Value, error) {
	switch t {
	case reflect.TypeFor[bool]():
		return []reflect.Value{reflect.ValueOf(false), reflect.ValueOf(true)}, nil
	case reflect.TypeFor[Verified]():
		return []reflect.Value{reflect.ValueOf(Missing), reflect.ValueOf(Unverified), reflect.ValueOf(IsVerified)}, nil
	case reflect.TypeFor[Demand]():
		return []reflect.Value{reflect.ValueOf(Off), reflect.ValueOf(Optional), reflect.ValueOf(Mandatory)}, nil
	}
	return nil, fmt.Errorf("facts: a field of type %s has no finite set of values", t)
}

// Valuations calls yield with every combination of values of the named fields of
// Facts, all other fields zero, until yield returns false. own lists the values of the
// custom fact and counts only where reads names Own. It fails where a name is no field
// of Facts.
func Valuations(reads []string, own []string, yield func(Facts) bool) error {
	t := reflect.TypeFor[Facts]()
	index := make([][]int, len(reads))
	values := make([][]reflect.Value, len(reads))
	for i, name := range reads {
		f, ok := t.FieldByName(name)
		if !ok {
			return fmt.Errorf("facts: there is no fact %q", name)
		}
		index[i] = f.Index
		if name == "Own" {
			for _, v := range own {
				values[i] = append(values[i], reflect.ValueOf(v))
			}
			continue
		}
		vs, err := valuesOf(f.Type)
		if err != nil {
			return err
		}
		values[i] = vs
	}
	var facts Facts
	v := reflect.ValueOf(&facts).Elem()
	var walk func(i int) bool
	walk = func(i int) bool {
		if i == len(reads) {
			return yield(facts)
		}
		for _, x := range values[i] {
			v.FieldByIndex(index[i]).Set(x)
			if !walk(i + 1) {
				return false
			}
		}
		return true
	}
	walk(0)
	return nil
}
