// Package bound has tests of a whole server whose sessions browsers bind to keys of their devices
// (Device Bound Session Credentials): a browser in this process, made as Chromium is, and who has
// copied its cookies.
package bound
