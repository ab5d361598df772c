// Package walk plays at random against a model of what a server must answer.
package walk
