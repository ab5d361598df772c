// Package bindings holds the client library's package to what it promises: what is packed, its
// types and its README; and has its examples walked with by a person: plain HTML with Chromium
// alone, node with node alone, the others with what testdata/bindings pins, where
// STAGEDOOR_REQUIRE asks for it.
package bindings
