// Package stand starts a server of its own in this process for every play of a story.
//
// Nothing in it is left to chance: the clock stands at noon of 17 May 2031 and moves ten
// milliseconds with every request, and else only when the story says so, in Redis and the
// database as in the server; everything random comes from a reader that is seeded with the
// story's name; what the server sends is waited for, not slept for. So plays can go on
// beside each other, and twice the same stories say the same.
package stand
