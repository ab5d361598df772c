package openapi

import (
	"bytes"
	"encoding/json"
)

// Ordered is a JSON object whose members keep their order.
type Ordered[T any] []Member[T]

// Member is a member of an Ordered.
type Member[T any] struct {
	Name  string
	Value T
}

// Put sets a member, in its old place if it is there.
func (o *Ordered[T]) Put(name string, value T) {
	for i := range *o {
		if (*o)[i].Name == name {
			(*o)[i].Value = value
			return
		}
	}
	*o = append(*o, Member[T]{name, value})
}

// Get returns the member with the name.
func (o Ordered[T]) Get(name string) (value T, found bool) {
	for _, m := range o {
		if m.Name == name {
			return m.Value, true
		}
	}
	return value, false
}

// MarshalJSON writes the members in their order.
func (o Ordered[T]) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
