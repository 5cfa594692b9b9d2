package icon

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
)

// Size is what the tray shows: one pixmap that panels scale down.
const Size = 64

// PNG returns img as a PNG file.
func PNG(img image.Image) []byte {
	var b bytes.Buffer
	// Fast, because icons are drawn while a person waits and are thrown away soon.
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		panic("icon: a drawing that does not encode: " + err.Error())
	}
	return b.Bytes()
}

// SVG returns the plain mark for menus, pages and documents.
func SVG() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\"><title>Sendjay</title>\n", grid, grid)
	for _, f := range bird {
		fmt.Fprintf(&b, "  <path fill=\"#%02x%02x%02x\" d=\"M", f.shade.R, f.shade.G, f.shade.B)
		for _, p := range f.outline {
			fmt.Fprintf(&b, "%g %g ", p.x, p.y)
		}
		b.Truncate(b.Len() - 1)
		b.WriteString("z\"/>\n")
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// ICO returns the icon of s as a Windows icon file with the sizes of its task bar.
// The pictures inside are PNG, which Windows reads since Vista.
func ICO(s Status, sizes ...int) []byte {
	if len(sizes) == 0 {
		sizes = []int{16, 24, 32, 64}
	}
	var head, body bytes.Buffer
	put := func(v any) { _ = binary.Write(&head, binary.LittleEndian, v) } // a Buffer never fails
	put([3]uint16{0, 1, uint16(len(sizes))})
	start := 6 + 16*len(sizes)
	for _, size := range sizes {
		pic := PNG(Draw(s, size))
		put([4]uint8{uint8(size % 256), uint8(size % 256), 0, 0})
		put([2]uint16{1, 32})
		put([2]uint32{uint32(len(pic)), uint32(start + body.Len())})
		body.Write(pic)
	}
	return append(head.Bytes(), body.Bytes()...)
}
