package openapi

import (
	"bytes"
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// JSON writes the document in a version of the specification, in its order.
func (d *Document) JSON(version string) ([]byte, error) { return json.Marshal(d.Spelled(version)) }

// YAML writes the document as YAML, in the same order as JSON.
func (d *Document) YAML(version string) ([]byte, error) {
	doc, err := d.JSON(version)
	if err != nil {
		return nil, err
	}
	var n yaml.Node
	if err := yaml.Unmarshal(doc, &n); err != nil {
		return nil, err
	}
	block(&n)
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(&n); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

// block takes the style of JSON from a node: text is quoted only where it must be.
func block(n *yaml.Node) {
	n.Style = 0
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" && bytes.ContainsRune([]byte(n.Value), '\n') {
		n.Style = yaml.LiteralStyle
	}
	for _, c := range n.Content {
		block(c)
	}
}
