package server

// Raced says that the race detector is on.
const Raced = raced
