// Package headless speaks the contract of django-allauth's headless API: JSON under
// /_allauth/{browser|app}/v1/..., with cookies and CSRF protection for browsers and the
// header X-Session-Token for apps.
//
// It holds no flow logic. A route says which flow it starts, or which pending stage it
// submits to, and what the contract answers to each outcome; the engine does the rest.
//
// The map: routes.go lists the contract, api.go is what every request passes first, call.go
// is one request on its way, in the five pieces of [contract.Call]; answer.go and
// authentication.go have the shapes.
package headless
