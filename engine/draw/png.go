package draw

import (
	"image"
	colors "image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// scale is how many pixels of a PNG stand for one of the scene, in each direction.
const scale = 2

// canvas is a PNG on the way.
type canvas struct {
	image *image.RGBA
	dark  bool
	faces map[fontSize]font.Face
}

type fontSize struct {
	font *sfnt.Font
	size int
}

// writePNG draws a scene and writes it.
func writePNG(w io.Writer, s *scene, dark bool) error {
	c := &canvas{image: image.NewRGBA(image.Rect(0, 0, s.w*scale, s.h*scale)), dark: dark, faces: make(map[fontSize]font.Face)}
	for _, i := range s.items {
		style := styleOf(i.class)
		switch {
		case i.path != nil:
			c.fill(i.path.flat(), style.fill, i.faint)
			c.fill(i.path.outlines(style), style.stroke, i.faint)
		case i.text != "":
			if err := c.write(i, style); err != nil {
				return err
			}
		}
	}
	encoder := png.Encoder{CompressionLevel: png.DefaultCompression}
	return encoder.Encode(w, c.image)
}

// ink is the colour to paint with, see-through where it is faint; nil for none.
func (c *canvas) ink(of color, faint bool) image.Image {
	rgb, err := strconv.ParseUint(of.on(c.dark)[min(1, len(of.light)):], 16, 32)
	if err != nil {
		return nil
	}
	alpha := 255.0
	if faint {
		alpha *= faintness
	}
	return image.NewUniform(colors.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: uint8(alpha)})
}

// fill paints the area of polygons, which may overlap where all run the same way round.
func (c *canvas) fill(polygons [][]point, with color, faint bool) {
	ink := c.ink(with, faint)
	if ink == nil || len(polygons) == 0 {
		return
	}
	bounds := bounds(polygons).Intersect(c.image.Bounds())
	r := vector.NewRasterizer(bounds.Dx(), bounds.Dy())
	for _, polygon := range polygons {
		for i, pt := range polygon {
			x, y := float32(pt.x*scale)-float32(bounds.Min.X), float32(pt.y*scale)-float32(bounds.Min.Y)
			if i == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	r.DrawOp = draw.Over
	r.Draw(c.image, bounds, ink, image.Point{})
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
	key := fontSize{f, s.size}
	if c.faces[key] == nil {
		if c.faces[key], err = opentype.NewFace(f, &opentype.FaceOptions{Size: float64(s.size * scale), DPI: 72, Hinting: font.HintingNone}); err != nil {
			return err
		}
	}
	d := font.Drawer{Dst: c.image, Src: c.ink(s.fill, i.faint), Face: c.faces[key]}
	d.Dot = fixed.P(int(i.where.x*scale), int(i.where.y*scale))
	if i.anchor == centred {
		d.Dot.X -= d.MeasureString(i.text) / 2
	}
	d.DrawString(i.text)
	return nil
}
