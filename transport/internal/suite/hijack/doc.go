// Package hijack has an owner and a stranger meet in every order of moves: once an account is the
// owner's, no move of the stranger's opens it.
package hijack
