package engine

// Racing tells the tests outside the package that the race detector runs.
const Racing = racing
