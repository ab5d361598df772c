// Package journeys walks through both contracts: accounts from sign-up to sign-out, the OpenAPI documents
// that describe it, third parties and authenticators.
package journeys
