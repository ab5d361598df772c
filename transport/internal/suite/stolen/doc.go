// Package stolen has a thief with a copy of what an owner's browser or app keeps, but for the
// key of the device: whatever he makes of it, he reads nothing and changes nothing of a session
// that is bound.
package stolen
