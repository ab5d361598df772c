// Package compact writes and reads what lies in the store of records: CBOR (RFC 8949) of
// maps with small integers for keys, in which a field that is empty is left out.
//
// It knows what those need and no more: integers, text, bytes, booleans, arrays and maps of
// a known length. A float, a tag, a null or a length that is not known (section 3.2) is an
// error. What it writes is deterministic (section 4.2.1) as long as fields come by rising
// key.
//
// A [Reader] reads a string and hands out parts of it: what it reads allocates nothing. It
// keeps its first error, as a [Writer] would have no use for one; a loop over a map ends with
// the bytes, whatever they are.
package compact
