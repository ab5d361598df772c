// Package faults has stores fail, input be bad and many clients come at once.
package faults
