package draw

import (
	"image"
	"math"
)

// raster finds how much of each pixel lies inside of polygons. Every line adds, to the
// pixels it crosses, the part of them to its right, and to the one after, what is left of
// its height there; going down counts against going up. The sum of a row from its
// left end to a pixel is then what is covered of that pixel.
type raster struct {
	w, h int
	// sums has w+1 values for each row: what lies right of the last pixel goes there.
	sums []float64
}

func newRaster(w, h int) *raster { return &raster{w, h, make([]float64, (w+1)*h)} }

// polygon adds a polygon, which closes itself. Its points are in pixels of the raster.
func (r *raster) polygon(pts []point) {
	for i, to := range pts {
		r.line(pts[(i+len(pts)-1)%len(pts)], to)
	}
}

func (r *raster) line(a, b point) {
	turn := 1.0
	switch {
	case a.y == b.y:
		return
	case a.y > b.y:
		a, b, turn = b, a, -1
	}
	slope := (b.x - a.x) / (b.y - a.y)
	for row := max(0, int(a.y)); row < r.h && float64(row) < b.y; row++ {
		top, bottom := max(a.y, float64(row)), min(b.y, float64(row+1))
		from, to := a.x+(top-a.y)*slope, a.x+(bottom-a.y)*slope
		r.cross(row, min(from, to), max(from, to), turn*(bottom-top))
	}
}

// cross adds a piece of a line that lies in one row, and is so high.
func (r *raster) cross(row int, from, to, height float64) {
	from, to = min(max(from, 0), float64(r.w)), min(max(to, 0), float64(r.w))
	sums := r.sums[row*(r.w+1) : (row+1)*(r.w+1)]
	for x := int(from); ; x++ {
		left, right := max(from, float64(x)), min(to, float64(x+1))
		part := height
		if to > from {
			part *= (right - left) / (to - from)
		}
		inside := (left+right)/2 - float64(x)
		sums[x] += part * (1 - inside)
		if x == r.w {
			return
		}
		sums[x+1] += part * inside
		if float64(x+1) >= to {
			return
		}
	}
}

// mask is how much of each pixel is covered. Polygons that overlap cover no more than
// all where they run the same way round.
func (r *raster) mask() *image.Alpha {
	out := image.NewAlpha(image.Rect(0, 0, r.w, r.h))
	for y := range r.h {
		sum := 0.0
		for x := range r.w {
			sum += r.sums[y*(r.w+1)+x]
			out.Pix[y*out.Stride+x] = uint8(math.Round(255 * min(1, math.Abs(sum))))
		}
	}
	return out
}
