package engine

import "fmt"

// known reports whether a field can be read and cleaned by its type.
func (t FieldType) known() bool {
	switch t {
	case Text, Secret, EmailIn, PhoneIn, CodeIn, Bool, Number, IDList, JSONIn, Username:
		return true
	}
	return false
}

// checkFields refuses fields that nobody would read as their stage means them: a secret
// of a misspelt type would be shown and recorded like any text. where is "" for the fields
// of a submission, or names the action they belong to.
func (c *checker) checkFields(id NodeID, where string, fields []Field) {
	seen := make(map[string]bool)
	for _, f := range fields {
		name := fmt.Sprintf("the field %q%s", f.Name, where)
		switch {
		case f.Name == "":
			c.fault(id, "", "has a field without a name"+where, "a client sends it by its name")
		case seen[f.Name]:
			c.fault(id, "", name+" is declared twice", "leave one out")
		}
		seen[f.Name] = true
		if f.Type != "" && !f.Type.known() {
			c.fault(id, "", fmt.Sprintf("%s is of the unknown type %q", name, string(f.Type)), "types are the constants of FieldType: text, secret, code, ...")
		}
		if f.MinLength < 0 || f.MaxLength < 0 || f.MaxLength > 0 && f.MinLength > f.MaxLength {
			c.fault(id, "", name+" has lengths that no text has", "0 is no limit")
		}
	}
}
