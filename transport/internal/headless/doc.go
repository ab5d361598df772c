// Package headless speaks the contract of django-allauth's headless API: JSON under
// /_allauth/{browser|app}/v1/..., with cookies and CSRF protection for browsers and the
// header X-Session-Token for apps.
//
// It holds no flow logic. A route says which flow it starts, or which pending stage it
// submits to, and what the contract answers to each outcome; the engine does the rest.
package headless
