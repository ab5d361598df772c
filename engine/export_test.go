package engine

// Racing tells the tests outside the package that the race detector runs.
const Racing = racing

// Words are what records are made of most.
var Words = words()
