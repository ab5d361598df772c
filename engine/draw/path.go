package draw

import "math"

// point is a place, in pixels from the upper left corner.
type point struct{ x, y float64 }

func at(x, y int) point { return point{float64(x), float64(y)} }

// segment is a piece of a path: M moves to the last of its points, L draws a line there,
// C a cubic curve by way of the other two, Z closes the path.
type segment struct {
	op  byte
	pts [3]point
}

// path is what is filled, or drawn along.
type path []segment

func (p path) move(to point) path { return append(p, segment{'M', [3]point{{}, {}, to}}) }
func (p path) line(to point) path { return append(p, segment{'L', [3]point{{}, {}, to}}) }
func (p path) close() path        { return append(p, segment{op: 'Z'}) }

// turn draws a quarter of a circle by way of a corner.
func (p path) turn(over, to point) path {
	// How far the handles of a cubic curve reach towards the corner to look like a circle.
	const reach = 0.5523
	from := p[len(p)-1].pts[2]
	toward := func(a point) point {
		return point{cents(a.x + float64((over.x-a.x)*reach)), cents(a.y + float64((over.y-a.y)*reach))}
	}
	return append(p, segment{'C', [3]point{toward(from), toward(to), to}})
}

// cents rounds to hundredths, which all machines agree on.
func cents(v float64) float64 { return math.Round(v*100) / 100 }

// roundRect is a rectangle with round corners.
func roundRect(x, y, w, h, r int) path {
	r = min(r, w/2, h/2)
	return path{}.
		move(at(x+r, y)).line(at(x+w-r, y)).turn(at(x+w, y), at(x+w, y+r)).
		line(at(x+w, y+h-r)).turn(at(x+w, y+h), at(x+w-r, y+h)).
		line(at(x+r, y+h)).turn(at(x, y+h), at(x, y+h-r)).
		line(at(x, y+r)).turn(at(x, y), at(x+r, y)).close()
}

// hexagon is a rectangle whose short sides are pointed.
func hexagon(x, y, w, h, c int) path {
	return path{}.move(at(x+c, y)).line(at(x+w-c, y)).line(at(x+w, y+h/2)).
		line(at(x+w-c, y+h)).line(at(x+c, y+h)).line(at(x, y+h/2)).close()
}

// elbows is a line along points, each straight below or beside the one before, with round
// corners. Points that are no corner are passed over.
func elbows(pts ...point) path {
	const radius = 9
	var way []point
	for _, pt := range pts {
		if n := len(way); n > 0 && way[n-1] == pt {
			continue
		}
		if n := len(way); n > 1 && (way[n-2].x == way[n-1].x && way[n-1].x == pt.x || way[n-2].y == way[n-1].y && way[n-1].y == pt.y) {
			way[n-1] = pt
			continue
		}
		way = append(way, pt)
	}
	p := path{}.move(way[0])
	for i := 1; i < len(way); i++ {
		if i == len(way)-1 {
			return p.line(way[i])
		}
		// Two corners share the way between them.
		r := min(radius, distance(way[i-1], way[i])/2, distance(way[i], way[i+1])/2)
		p = p.line(toward(way[i], way[i-1], r)).turn(way[i], toward(way[i], way[i+1], r))
	}
	return p
}

// distance is between two points beside or below each other.
func distance(a, b point) float64 { return math.Abs(a.x-b.x) + math.Abs(a.y-b.y) }

// toward is the point that lies r from a on the way to b.
func toward(a, b point, r float64) point {
	step := func(from, to float64) float64 {
		switch {
		case to > from:
			return from + r
		case to < from:
			return from - r
		}
		return from
	}
	return point{step(a.x, b.x), step(a.y, b.y)}
}

// Directions of arrow heads.
const (
	down = iota
	upward
	leftward
	rightward
)

// arrow is the head of an arrow with its point at a place.
func arrow(to point, direction int) path {
	const long, wide = 9, 4.5
	switch direction {
	case upward:
		return path{}.move(to).line(point{to.x - wide, to.y + long}).line(point{to.x + wide, to.y + long}).close()
	case leftward:
		return path{}.move(to).line(point{to.x + long, to.y - wide}).line(point{to.x + long, to.y + wide}).close()
	case rightward:
		return path{}.move(to).line(point{to.x - long, to.y - wide}).line(point{to.x - long, to.y + wide}).close()
	}
	return path{}.move(to).line(point{to.x - wide, to.y - long}).line(point{to.x + wide, to.y - long}).close()
}
