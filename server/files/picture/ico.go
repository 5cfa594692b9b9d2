package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"io"

	"golang.org/x/image/bmp" // and knows how to read those, too
)

// An icon file holds pictures of several sizes, each a PNG, or a BMP without its first head and of twice the height,
// because a mask follows the colours. The largest one is looked at.

func init() { image.RegisterFormat("ico", "\x00\x00\x01\x00", decodeIcon, iconConfig) }

// iconBytes is the largest icon file that is read.
const iconBytes = 8 << 20

// iconSide is the longest side of an icon that is read: what was looked at before were the first bytes alone.
const iconSide = 2048

func iconConfig(r io.Reader) (image.Config, error) {
	one, err := largest(r)
	if err != nil {
		return image.Config{}, err
	}
	return configOf(one)
}

func configOf(one []byte) (image.Config, error) {
	if c, err := png.DecodeConfig(bytes.NewReader(one)); err == nil {
		return c, nil
	}
	return bmp.DecodeConfig(bytes.NewReader(asBMP(one)))
}

func decodeIcon(r io.Reader) (image.Image, error) {
	one, err := largest(r)
	if err != nil {
		return nil, err
	}
	if c, err := configOf(one); err != nil || c.Width > iconSide || c.Height > iconSide {
		return nil, ErrLarge
	}
	if bytes.HasPrefix(one, []byte("\x89PNG")) {
		return png.Decode(bytes.NewReader(one))
	}
	return bmp.Decode(bytes.NewReader(asBMP(one)))
}

// largest returns the bytes of the picture with the most bytes.
func largest(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, iconBytes))
	if err != nil {
		return nil, err
	}
	var best []byte
	if len(raw) >= 6 {
		for i := range int(binary.LittleEndian.Uint16(raw[4:])) {
			entry := 6 + 16*i
			if entry+16 > len(raw) {
				break
			}
			size, at := int64(binary.LittleEndian.Uint32(raw[entry+8:])), int64(binary.LittleEndian.Uint32(raw[entry+12:]))
			if at+size <= int64(len(raw)) && size > int64(len(best)) {
				best = raw[at : at+size]
			}
		}
	}
	if len(best) < 40 {
		return nil, ErrKind
	}
	return best, nil
}

// asBMP gives one picture of an icon the head of a file, and its true height.
func asBMP(dib []byte) []byte {
	const fileHead = 14
	head, depth, used := binary.LittleEndian.Uint32(dib), binary.LittleEndian.Uint16(dib[14:]), binary.LittleEndian.Uint32(dib[32:])
	colours := uint32(0)
	if depth <= 8 {
		if colours = used; colours == 0 {
			colours = 1 << depth
		}
	}
	out := append([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00"), binary.LittleEndian.AppendUint32(nil, fileHead+head+4*colours)...)
	out = append(out, dib...)
	binary.LittleEndian.PutUint32(out[fileHead+8:], binary.LittleEndian.Uint32(dib[8:])/2)
	return out
}
