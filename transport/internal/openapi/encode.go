package openapi

import (
	"bytes"
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// JSON writes the document, in its order.
func (d *Document) JSON() ([]byte, error) {
	versioned := *d
	versioned.OpenAPI = Version
	return json.Marshal(&versioned)
}

// YAML writes the document as YAML, in the same order as JSON.
func (d *Document) YAML() ([]byte, error) {
	doc, err := d.JSON()
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

// SortedYAML writes the document as YAML with every mapping sorted by its keys.
func (d *Document) SortedYAML() ([]byte, error) {
	doc, err := d.JSON()
	if err != nil {
		return nil, err
	}
	var tree any
	if err := yaml.Unmarshal(doc, &tree); err != nil {
		return nil, err
	}
	return yaml.Marshal(tree)
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
