// Package draw makes pictures of flows: as SVG and PNG, laid out here, and as text for
// Graphviz and Mermaid, which lay out for themselves. It is for programs that document or
// show the flows they serve.
//
//	err := draw.SVG(w, flow.Graph, draw.Options{})
//
// A picture is made of the graph alone, so that stages of outside packages are drawn like
// the shipped ones. It reads from the top: the longest way to what the flow is for is a
// straight column, whatever leads past a stage or away from it runs beside. Stages that
// ask, decide and end differ in shape and colour, an edge carries the exits that lead
// along it, and a badge says what an exit proves, needs or waives. Edges that no run can
// take ([engine.Report] names them) are faint. A picture may be of a run: then the path it
// took is drawn through ([Options.Path]) and the rest steps back.
//
// The same graph gives the same bytes: everything is placed in whole pixels and nothing
// depends on the order of a map, on the clock, or on the fonts of a machine.
//
// How a picture comes about: newPicture (picture.go) takes the graph apart and bundles
// what leads from one node to another; layers and lanes (lanes.go) say how far down each
// node stands and what shares a vertical line; order.go finds the order of lanes with the
// fewest crossings; place.go turns both into pixels; paint.go turns pixels into a scene of
// paths and texts, which svg.go and png.go write. Narrow pictures have all nodes in one
// column instead, which column.go orders and narrow.go places and paints. run.go has what
// is of a run, style.go and sheet.go how everything looks.
package draw
