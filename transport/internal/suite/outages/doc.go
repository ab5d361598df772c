// Package outages breaks what a server stands on, one thing at a time and for real, while
// people use it, and holds what they see to figures. The README's table of faults is printed
// by its tests.
package outages
