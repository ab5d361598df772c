package draw

import (
	"image"
	colors "image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"strconv"
)

// scale is how many pixels of a PNG stand for one of the scene, in each direction.
const scale = 2

// canvas is a PNG on the way.
type canvas struct {
	image *image.RGBA
	dark  bool
}

// writePNG draws a scene and writes it.
func writePNG(w io.Writer, s *scene, dark bool) error {
	c := &canvas{image: image.NewRGBA(image.Rect(0, 0, s.w*scale, s.h*scale)), dark: dark}
	for _, i := range s.items {
		style := i.style()
		switch {
		case i.path != nil:
			c.fill(i.path.flat(), style.fill, i.opacity())
			c.fill(i.path.outlines(style), style.stroke, i.opacity())
		case i.text != "":
			if err := c.write(i, style); err != nil {
				return err
			}
		}
	}
	encoder := png.Encoder{CompressionLevel: png.DefaultCompression}
	return encoder.Encode(w, c.image)
}

// ink is the colour to paint with, as see-through as its opacity says; nil for none.
func (c *canvas) ink(of color, opacity float64) image.Image {
	rgb, err := strconv.ParseUint(of.on(c.dark)[min(1, len(of.light)):], 16, 32)
	if err != nil {
		return nil
	}
	return image.NewUniform(colors.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: uint8(255 * opacity)})
}

// fill paints the area of polygons, which may overlap where all run the same way round.
func (c *canvas) fill(polygons [][]point, with color, opacity float64) {
	ink := c.ink(with, opacity)
	if ink == nil || len(polygons) == 0 {
		return
	}
	bounds := bounds(polygons).Intersect(c.image.Bounds())
	r := newRaster(bounds.Dx(), bounds.Dy())
	for _, polygon := range polygons {
		onImage := make([]point, len(polygon))
		for i, pt := range polygon {
			onImage[i] = point{pt.x*scale - float64(bounds.Min.X), pt.y*scale - float64(bounds.Min.Y)}
		}
		r.polygon(onImage)
	}
	draw.DrawMask(c.image, bounds, ink, image.Point{}, r.mask(), image.Point{}, draw.Over)
}

// bounds are the pixels of the image that polygons touch.
func bounds(polygons [][]point) image.Rectangle {
	var out image.Rectangle
	for _, polygon := range polygons {
		for _, pt := range polygon {
			x, y := int(math.Floor(pt.x*scale)), int(math.Floor(pt.y*scale))
			out = out.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return out
}

// write writes a text.
func (c *canvas) write(i item, s style) error {
	f, err := s.face()
	if err != nil {
		return err
	}
	from := i.where
	if i.anchor == centred {
		_, width := f.written(i.text, s.size*scale, from)
		from.x -= width / scale / 2
	}
	// Letters are placed as their size on the image has it, then brought back to the scene.
	polygons, _ := f.written(i.text, s.size*scale, point{})
	for _, polygon := range polygons {
		for n, pt := range polygon {
			polygon[n] = point{from.x + pt.x/scale, from.y + pt.y/scale}
		}
	}
	c.fill(polygons, s.fill, i.opacity())
	return nil
}
