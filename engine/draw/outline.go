package draw

import "math"

// How lines are broken, in pixels.
const (
	dashLong  = 4
	dashApart = 3
)

// flat is the path with its curves as short lines, one polygon or line to each move.
func (p path) flat() [][]point {
	// A quarter of a corner's circle is never longer than this many pixels are apart.
	const steps = 12
	var out [][]point
	for _, s := range p {
		last := len(out) - 1
		to := s.pts[2]
		switch s.op {
		case 'M':
			out = append(out, []point{to})
		case 'L':
			out[last] = append(out[last], to)
		case 'C':
			from := out[last][len(out[last])-1]
			for i := 1; i <= steps; i++ {
				out[last] = append(out[last], cubic(from, s.pts[0], s.pts[1], to, float64(i)/steps))
			}
		case 'Z':
			out[last] = append(out[last], out[last][0])
		}
	}
	return out
}

// cubic is the point of a cubic Bézier curve at t, from 0 to 1.
func cubic(a, b, c, d point, t float64) point {
	u := 1 - t
	mix := func(a, b, c, d float64) float64 { return u*u*u*a + 3*u*u*t*b + 3*u*t*t*c + t*t*t*d }
	return point{mix(a.x, b.x, c.x, d.x), mix(a.y, b.y, c.y, d.y)}
}

// quadratic is the point of a quadratic Bézier curve at t, from 0 to 1.
func quadratic(a, b, c point, t float64) point {
	u := 1 - t
	mix := func(a, b, c float64) float64 { return u*u*a + 2*u*t*b + t*t*c }
	return point{mix(a.x, b.x, c.x), mix(a.y, b.y, c.y)}
}

// outlines are the polygons that a pen of the style's width covers along the path. All
// run the same way round.
func (p path) outlines(s style) [][]point {
	if s.width == 0 {
		return nil
	}
	half := float64(s.width) / 20
	var out [][]point
	for _, line := range p.flat() {
		pieces := [][]point{line}
		if s.dashed {
			pieces = dashes(line)
		}
		for _, piece := range pieces {
			for i := 1; i < len(piece); i++ {
				if piece[i] != piece[i-1] {
					out = append(out, bar(piece[i-1], piece[i], half))
				}
			}
			for i := 1; i < len(piece)-1; i++ {
				out = append(out, dot(piece[i], half))
			}
			if n := len(piece) - 1; n > 1 && piece[0] == piece[n] {
				out = append(out, dot(piece[0], half))
			}
		}
	}
	return out
}

// bar is a line of some width.
func bar(a, b point, half float64) []point {
	length := math.Hypot(b.x-a.x, b.y-a.y)
	x, y := (b.y-a.y)/length*half, (a.x-b.x)/length*half
	return []point{{a.x + x, a.y + y}, {b.x + x, b.y + y}, {b.x - x, b.y - y}, {a.x - x, a.y - y}}
}

// dot is round, and fills the joint of two bars.
func dot(at point, half float64) []point {
	const corners = 12
	out := make([]point, corners)
	for i := range out {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		out[i] = point{at.x + half*cos, at.y + half*sin}
	}
	return out
}

// dashes breaks a line.
func dashes(line []point) [][]point {
	var out [][]point
	piece, left, drawn := []point{line[0]}, float64(dashLong), true
	for i := 1; i < len(line); i++ {
		from, to := line[i-1], line[i]
		for length := math.Hypot(to.x-from.x, to.y-from.y); length > 0; length = math.Hypot(to.x-from.x, to.y-from.y) {
			if length <= left {
				left -= length
				piece = append(piece, to)
				break
			}
			from = point{from.x + (to.x-from.x)*left/length, from.y + (to.y-from.y)*left/length}
			piece = append(piece, from)
			if drawn {
				out = append(out, piece)
			}
			piece, drawn, left = []point{from}, !drawn, dashLong
			if !drawn {
				left = dashApart
			}
		}
	}
	if drawn && len(piece) > 1 {
		out = append(out, piece)
	}
	return out
}
