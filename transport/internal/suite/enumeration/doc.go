// Package enumeration looks for what a stranger can learn about who has an account, by answers and by time.
package enumeration
