package picture

import (
	"encoding/binary"
	"errors"
	"image"
	"io"
)

// Most photographs are baseline JPEGs that are shown at half their size and less. Reading them at that size to begin
// with (ITU T.81; the smaller transforms take the low frequencies of each block alone) spares most of the work. What is
// not quite usual, progressive ones above all, is left to image/jpeg.

// errUnusual says that a JPEG has to be read by image/jpeg.
var errUnusual = errors.New("not a usual JPEG")

// component is one plane while it is read.
type component struct {
	id, across, down, quant byte
	dc, ac                  byte
	last                    int32 // the first coefficient of the block before
	pix                     []byte
	stride                  int
}

// baseline reads one JPEG.
type baseline struct {
	bitReader
	width, height int
	side          int // pixels of a block that are made, in each direction: 4, 2 or 1
	restart       int // units between two restart marks, 0 for none
	parts         []component
	quants        [4][64]int32
	codes         [2][4]*codes
	block         [64]int32
}

// reduced reads a baseline JPEG at an eighth, a quarter or half of its size, such that its longer side is at least
// least long. It returns errUnusual where image/jpeg has to do.
func reduced(r io.Reader, width, height, least int) (image.Image, error) {
	d := &baseline{bitReader: bitReader{r: r, buf: make([]byte, 64<<10)}}
	for side := 1; side <= 4; side *= 2 {
		if max(width, height)*side/8 >= least {
			d.side = side
			break
		}
	}
	if d.side == 0 {
		return nil, errUnusual
	}
	return d.read()
}

func (d *baseline) read() (image.Image, error) {
	if a, b := d.byte(), d.byte(); a != 0xff || b != 0xd8 {
		return nil, errUnusual
	}
	for d.err == nil {
		if d.byte() != 0xff {
			return nil, errUnusual
		}
		marker := d.byte()
		for marker == 0xff {
			marker = d.byte()
		}
		n := int(d.byte())<<8 | int(d.byte())
		if d.err != nil || n < 2 || marker == 0 || marker >= 0xd0 && marker <= 0xd9 {
			return nil, errUnusual
		}
		body := make([]byte, n-2)
		for i := range body {
			body[i] = d.byte()
		}
		var ok bool
		switch marker {
		case 0xc0, 0xc1:
			ok = d.frame(body)
		case 0xc4:
			ok = d.tables(body)
		case 0xdb:
			ok = d.quantities(body)
		case 0xdd:
			if ok = len(body) == 2; ok {
				d.restart = int(binary.BigEndian.Uint16(body))
			}
		case 0xda:
			if !d.scan(body) {
				return nil, errUnusual
			}
			if err := d.units(); err != nil {
				return nil, err
			}
			return d.picture(), nil
		case 0xee: // Adobe's: three colours that are not those of the JFIF
			ok = len(body) < 12 || string(body[:5]) != "Adobe" || len(d.parts) > 1 || body[11] == 1
		default:
			ok = marker >= 0xe0 // notes; other frames are not ours
		}
		if !ok {
			return nil, errUnusual
		}
	}
	return nil, errUnusual
}

// frame reads how large the picture is and which planes it has.
func (d *baseline) frame(b []byte) bool {
	if len(b) < 6 || b[0] != 8 || len(d.parts) > 0 || b[5] != 1 && b[5] != 3 || len(b) != 6+3*int(b[5]) {
		return false
	}
	d.height, d.width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	if d.width == 0 || d.height == 0 || int64(d.width)*int64(d.height)*3 > memory {
		return false
	}
	for i := range int(b[5]) {
		c := component{id: b[6+3*i], across: b[7+3*i] >> 4, down: b[7+3*i] & 15, quant: b[8+3*i]}
		if b[5] == 1 {
			c.across, c.down = 1, 1 // of a single plane every block is a unit
		}
		if c.quant > 3 || c.across < 1 || c.across > 2 || c.down < 1 || c.down > 2 {
			return false
		}
		d.parts = append(d.parts, c)
		// The first plane is whole and the others the same as each other, halved or not.
		if y, cb := d.parts[0], d.parts[min(i, 1)]; c.across > y.across || c.down > y.down || i > 0 && (c.across != cb.across || c.down != cb.down) {
			return false
		}
	}
	if b[5] == 3 && b[6] == 'R' && b[9] == 'G' && b[12] == 'B' {
		return false
	}
	across, down := d.units2()
	for i := range d.parts {
		c := &d.parts[i]
		c.stride = across * int(c.across) * d.side
		c.pix = make([]byte, c.stride*down*int(c.down)*d.side)
	}
	return true
}

// units2 is how many units stand side by side and below each other.
func (d *baseline) units2() (across, down int) {
	w, h := 8*int(d.parts[0].across), 8*int(d.parts[0].down)
	return (d.width + w - 1) / w, (d.height + h - 1) / h
}

func (d *baseline) quantities(b []byte) bool {
	for len(b) > 0 {
		wide, n := b[0]>>4, b[0]&15
		if b = b[1:]; wide != 0 || n > 3 || len(b) < 64 {
			return false
		}
		for i := range 64 {
			d.quants[n][i] = int32(b[i])
		}
		b = b[64:]
	}
	return true
}

func (d *baseline) tables(b []byte) bool {
	for len(b) > 0 {
		class, n := b[0]>>4, b[0]&15
		if len(b) < 17 || class > 1 || n > 3 {
			return false
		}
		c, used := codesOf(b[1:17], b[17:])
		if c == nil {
			return false
		}
		d.codes[class][n], b = c, b[17+used:]
	}
	return true
}

// scan reads which codes the planes have. All of them come together, as they do in what cameras write.
func (d *baseline) scan(b []byte) bool {
	n := len(d.parts)
	if n == 0 || len(b) != 4+2*n || int(b[0]) != n || b[1+2*n] != 0 || b[2+2*n] != 63 || b[3+2*n] != 0 {
		return false
	}
	for i := range d.parts {
		c := &d.parts[i]
		c.dc, c.ac = b[2+2*i]>>4, b[2+2*i]&15
		if b[1+2*i] != c.id || c.dc > 3 || c.ac > 3 || d.codes[0][c.dc] == nil || d.codes[1][c.ac] == nil {
			return false
		}
	}
	return true
}

// units reads all blocks. A file that ends early has fewer bits than are asked for.
func (d *baseline) units() error {
	across, down := d.units2()
	left := d.restart
	for y := range down {
		for x := range across {
			if d.restart > 0 {
				if left == 0 {
					if !d.restarted() {
						return errUnusual
					}
					left = d.restart
				}
				left--
			}
			for i := range d.parts {
				c := &d.parts[i]
				for v := range int(c.down) {
					for u := range int(c.across) {
						if !d.unit(c) {
							return errUnusual
						}
						d.draw(c.pix[(y*int(c.down)+v)*d.side*c.stride+(x*int(c.across)+u)*d.side:], c.stride)
					}
				}
			}
		}
		if d.short() {
			return errUnusual
		}
	}
	return nil
}

// unit reads a block: its coefficients below side, times what they were divided by.
func (d *baseline) unit(c *component) bool {
	clear(d.block[:])
	quant := &d.quants[c.quant]
	n := d.next(d.codes[0][c.dc])
	if n > 11 {
		return false
	}
	c.last += d.signed(n)
	d.block[0] = c.last * quant[0]
	ac := d.codes[1][c.ac]
	for k := 1; k < 64; k++ {
		said := d.next(ac)
		zeros, size := said>>4, said&15
		if size == 0 {
			if zeros != 15 {
				break
			}
			k += 15
			continue
		}
		k += int(zeros)
		value := d.signed(size)
		if k > 63 {
			return false
		}
		if at := zigzag[k]; int(at&7) < d.side && int(at>>3) < d.side {
			d.block[at] = value * quant[k]
		}
	}
	return true
}

// The cosines of the transform of four, with 13 bits behind the point, halved.
const (
	cos4 = 2896 // 1/√2
	cos2 = 3784 // cos π/8
	cos6 = 1567 // cos 3π/8
)

// draw makes side by side pixels of the block.
func (d *baseline) draw(to []byte, stride int) {
	b := &d.block
	switch d.side {
	case 1:
		to[0] = level(b[0], 3)
	case 2:
		p, q, r, s := b[0]+b[1], b[0]-b[1], b[8]+b[9], b[8]-b[9]
		to[0], to[1] = level(p+r, 3), level(q+s, 3)
		to[stride], to[stride+1] = level(p-r, 3), level(q-s, 3)
	default:
		for x := range 4 {
			e0, e1 := (b[x]+b[16+x])*cos4, (b[x]-b[16+x])*cos4
			o0, o1 := b[8+x]*cos2+b[24+x]*cos6, b[8+x]*cos6-b[24+x]*cos2
			b[x], b[8+x], b[16+x], b[24+x] = (e0+o0)>>11, (e1+o1)>>11, (e1-o1)>>11, (e0-o0)>>11
		}
		for y := range 4 {
			r := b[8*y : 8*y+4 : 8*y+4]
			e0, e1 := (r[0]+r[2])*cos4, (r[0]-r[2])*cos4
			o0, o1 := r[1]*cos2+r[3]*cos6, r[1]*cos6-r[3]*cos2
			line := to[y*stride:][:4]
			line[0], line[1], line[2], line[3] = level(e0+o0, 15), level(e1+o1, 15), level(e1-o1, 15), level(e0-o0, 15)
		}
	}
}

// level rounds away the bits behind the point and makes a sample of what is left.
func level(v int32, behind uint) byte {
	v = (v+1<<(behind-1))>>behind + 128
	if uint32(v) > 255 {
		return byte(^(v >> 31))
	}
	return byte(v)
}

// picture is what was read, without the margin that fills the last blocks.
func (d *baseline) picture() image.Image {
	w, h := (d.width*d.side+7)/8, (d.height*d.side+7)/8
	rect := image.Rect(0, 0, w, h)
	y := d.parts[0]
	if len(d.parts) == 1 {
		return &image.Gray{Pix: y.pix, Stride: y.stride, Rect: rect}
	}
	ratio := map[[2]byte]image.YCbCrSubsampleRatio{
		{1, 1}: image.YCbCrSubsampleRatio444, {2, 1}: image.YCbCrSubsampleRatio422, {2, 2}: image.YCbCrSubsampleRatio420, {1, 2}: image.YCbCrSubsampleRatio440,
	}[[2]byte{y.across / d.parts[1].across, y.down / d.parts[1].down}]
	return &image.YCbCr{Y: y.pix, Cb: d.parts[1].pix, Cr: d.parts[2].pix, YStride: y.stride, CStride: d.parts[1].stride, SubsampleRatio: ratio, Rect: rect}
}

// zigzag is where the coefficients stand in a block, in the order in which they come.
var zigzag = [64]byte{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// codes is a Huffman table. Short codes, which are nearly all, are found by their first bits.
type codes struct {
	short  [1 << shortBits]uint16 // length<<8 | value, 0 for a longer one
	most   [17]int32              // the largest code of each length, -1 for none
	first  [17]int32              // what to add to a code of a length for the place of its value
	values []byte
}

const shortBits = 9

// codesOf makes a table of how many codes of each length there are, and of their values; nil where that cannot be.
func codesOf(counts, values []byte) (*codes, int) {
	n := 0
	for _, c := range counts {
		n += int(c)
	}
	if n == 0 || n > 256 || n > len(values) {
		return nil, 0
	}
	c := &codes{values: values[:n]}
	code, at := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		many := int32(counts[length-1])
		c.first[length], c.most[length] = at-code, code+many-1
		if many == 0 {
			c.most[length] = -1
		}
		for range many {
			if length <= shortBits {
				from := code << (shortBits - length)
				for i := range int32(1) << (shortBits - length) {
					if int(from+i) >= len(c.short) {
						return nil, 0
					}
					c.short[from+i] = uint16(length)<<8 | uint16(values[at]) //nolint:gosec // at most 9
				}
			}
			code, at = code+1, at+1
		}
		if code > 1<<length {
			return nil, 0
		}
		code <<= 1
	}
	return c, n
}

// bitReader reads bytes, and the bits between marks.
type bitReader struct {
	r       io.Reader
	buf     []byte
	at, end int
	err     error // nothing more comes

	acc  uint64 // the next bits, the first one highest
	n    uint   // how many
	past uint   // how many of them are made up, behind the end of what there is
	mark byte   // the mark that ended the bits
}

func (b *bitReader) byte() byte {
	if b.at == b.end {
		if b.err != nil {
			return 0
		}
		b.at = 0
		if b.end, b.err = io.ReadAtLeast(b.r, b.buf, 1); b.err != nil {
			b.end = 0
			return 0
		}
	}
	x := b.buf[b.at]
	b.at++
	return x
}

// fill sees to it that there are 32 bits at least; zeros stand for those behind the end.
func (b *bitReader) fill() {
	for b.n <= 56 {
		var x byte
		if b.mark == 0 {
			if x = b.byte(); x == 0xff {
				m := b.byte()
				for m == 0xff {
					m = b.byte()
				}
				if m != 0 {
					b.mark, x = m, 0
				}
			}
			if b.err != nil {
				b.mark, x = 0xd9, 0
			}
		}
		if b.mark != 0 {
			b.past += 8
		}
		b.acc |= uint64(x) << (56 - b.n)
		b.n += 8
	}
}

// short reports whether bits were read that are not there.
func (b *bitReader) short() bool { return b.n < b.past }

// next reads a code.
func (b *bitReader) next(c *codes) byte {
	if b.n < 32 {
		b.fill()
	}
	if x := c.short[b.acc>>(64-shortBits)]; x != 0 {
		b.acc, b.n = b.acc<<(x>>8), b.n-uint(x>>8)
		return byte(x)
	}
	for length := shortBits + 1; length <= 16; length++ {
		code := int32(b.acc >> (64 - length)) //nolint:gosec // 16 bits
		if code <= c.most[length] {
			b.acc, b.n = b.acc<<length, b.n-uint(length)
			return c.values[code+c.first[length]]
		}
	}
	b.past = 1 << 20 // no such code: as if the end had come
	return 0
}

// signed reads a number of so many bits; those that begin with a zero are negative. A code of at most 16 bits was read
// since there were 32.
func (b *bitReader) signed(size byte) int32 {
	if size == 0 {
		return 0
	}
	v := int32(b.acc >> (64 - size)) //nolint:gosec // 15 bits
	b.acc, b.n = b.acc<<size, b.n-uint(size)
	if v < 1<<(size-1) {
		v += -1<<size + 1
	}
	return v
}

// restarted goes on behind a restart mark.
func (d *baseline) restarted() bool {
	d.fill()
	if d.short() || d.mark < 0xd0 || d.mark > 0xd7 || d.n-d.past >= 8 {
		return false
	}
	d.acc, d.n, d.past, d.mark = 0, 0, 0, 0
	for i := range d.parts {
		d.parts[i].last = 0
	}
	return true
}
