package picture

import "image"

// shrink makes every stretch of n by n pixels one, their mean: fast, and good enough for all but the last step. What
// is left over at the right and at the bottom is fewer than n pixels wide.
func shrink(m image.Image, n int) image.Image {
	b := m.Bounds()
	if n < 2 || b.Dx() < n || b.Dy() < n {
		return m
	}
	out := image.Rect(0, 0, b.Dx()/n, b.Dy()/n)
	switch m := m.(type) {
	case *image.YCbCr:
		small := image.NewYCbCr(out, m.SubsampleRatio)
		mean(small.Y, small.YStride, out.Dx(), out.Dy(), m.Y[m.YOffset(b.Min.X, b.Min.Y):], m.YStride, b.Dx(), b.Dy(), 1, n)
		at := m.COffset(b.Min.X, b.Min.Y)
		width, height := chroma(m.SubsampleRatio, b.Dx(), b.Dy())
		w, h := chroma(m.SubsampleRatio, out.Dx(), out.Dy())
		mean(small.Cb, small.CStride, w, h, m.Cb[at:], m.CStride, width, height, 1, n)
		mean(small.Cr, small.CStride, w, h, m.Cr[at:], m.CStride, width, height, 1, n)
		return small
	case *image.Gray:
		small := image.NewGray(out)
		mean(small.Pix, small.Stride, out.Dx(), out.Dy(), m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, b.Dx(), b.Dy(), 1, n)
		return small
	case *image.RGBA:
		small := image.NewRGBA(out)
		mean(small.Pix, small.Stride, out.Dx(), out.Dy(), m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, b.Dx(), b.Dy(), 4, n)
		return small
	case *image.NRGBA:
		if !m.Opaque() {
			return m // colours that do not show would be mixed in
		}
		small := image.NewNRGBA(out)
		mean(small.Pix, small.Stride, out.Dx(), out.Dy(), m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, b.Dx(), b.Dy(), 4, n)
		return small
	}
	return m
}

// chroma returns the size of the colour planes of a picture.
func chroma(r image.YCbCrSubsampleRatio, width, height int) (w, h int) {
	across, down := 1, 1
	switch r {
	case image.YCbCrSubsampleRatio444:
	case image.YCbCrSubsampleRatio422:
		across = 2
	case image.YCbCrSubsampleRatio420:
		across, down = 2, 2
	case image.YCbCrSubsampleRatio440:
		down = 2
	case image.YCbCrSubsampleRatio411:
		across = 4
	case image.YCbCrSubsampleRatio410:
		across, down = 4, 2
	}
	return (width + across - 1) / across, (height + down - 1) / down
}

// mean fills a plane of width by height samples with the means of a larger one, whose last row and column stand for
// those that it does not have. A sample is of so many bytes.
func mean(to []byte, toStride, width, height int, from []byte, stride, fromWidth, fromHeight, bytes, n int) {
	sums := make([]uint32, width*bytes)
	half, all := uint32(n*n/2), uint32(n*n)
	for y := range height {
		clear(sums)
		for dy := range n {
			row := from[min(y*n+dy, fromHeight-1)*stride:][:fromWidth*bytes]
			if bytes == 1 && n == 2 && width*2 <= fromWidth {
				for x := range sums {
					sums[x] += uint32(row[2*x]) + uint32(row[2*x+1])
				}
				continue
			}
			for x := range width {
				for dx := range n {
					at := min(x*n+dx, fromWidth-1) * bytes
					for c := range bytes {
						sums[x*bytes+c] += uint32(row[at+c])
					}
				}
			}
		}
		line := to[y*toStride:][:width*bytes]
		for x, s := range sums {
			line[x] = byte((s + half) / all)
		}
	}
}
