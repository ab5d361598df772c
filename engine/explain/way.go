package explain

import "stagedoor/engine"

// Way is the run as a picture of its flow shows it: the node it stands at, the edges it
// took, in order, and for each node it came by why it left as it did, or what it waits for
// there, in lines. They are what draw.Options has by the names At, Path and Notes.
func (x Explanation) Way() (at engine.NodeID, path []engine.Edge, notes map[engine.NodeID]string) {
	notes = make(map[engine.NodeID]string)
	note := func(n engine.NodeID, text string) {
		if notes[n] != "" {
			text = notes[n] + "\n" + text
		}
		notes[n] = text
	}
	for _, s := range x.Steps {
		path = append(path, engine.Edge{Node: s.Node, Exit: s.Exit})
		note(s.Node, s.reason())
	}
	note(x.at, x.place())
	return x.at, path, notes
}
