// Package devicebound has Chromium bind its sessions to a key (Device Bound Session Credentials),
// over https on names of their own, and work with them: what a browser does by itself is the
// browser's to show. Where there is none the tests skip, or fail if STAGEDOOR_REQUIRE contains
// "chromium".
package devicebound
