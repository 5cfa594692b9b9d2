package picture

import (
	"bytes"
	"encoding/binary"
)

// orientation reads from the first bytes of a JPEG how the camera was held: 1 for upright, up to 8 as EXIF
// numbers them. What cannot be understood is upright.
func orientation(first []byte) int {
	for at := 2; at+4 <= len(first) && first[at] == 0xff; {
		marker, length := first[at+1], int(binary.BigEndian.Uint16(first[at+2:]))
		end := at + 2 + length
		if length < 2 || end > len(first) || marker == 0xda {
			return 1
		}
		if body, ours := bytes.CutPrefix(first[at+4:end], []byte("Exif\x00\x00")); marker == 0xe1 && ours {
			return fromTIFF(body)
		}
		at = end
	}
	return 1
}

// orientationPNG reads the same from the first bytes of a PNG. Browsers turn these too, and leave a WebP as it lies.
func orientationPNG(first []byte) int {
	for at := 8; at+8 <= len(first); {
		length, kind := int64(binary.BigEndian.Uint32(first[at:])), string(first[at+4:at+8])
		end := int64(at) + 12 + length
		if kind == "IDAT" || end > int64(len(first)) {
			return 1
		}
		if kind == "eXIf" {
			return fromTIFF(first[at+8 : end-4])
		}
		at = int(end)
	}
	return 1
}

// fromTIFF finds the tag 0x0112 in the first directory.
func fromTIFF(b []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	switch {
	case bytes.HasPrefix(b, []byte("II*\x00")):
		order = binary.LittleEndian
	case !bytes.HasPrefix(b, []byte("MM\x00*")):
		return 1
	}
	if len(b) < 8 {
		return 1
	}
	at := int(order.Uint32(b[4:]))
	if at < 8 || at+2 > len(b) {
		return 1
	}
	for n := int(order.Uint16(b[at:])); n > 0; n-- {
		at += 12
		if at+2 > len(b) {
			return 1
		}
		entry := b[at-10 : at+2]
		if order.Uint16(entry) != 0x0112 {
			continue
		}
		if turn := int(order.Uint16(entry[8:])); turn >= 1 && turn <= 8 {
			return turn
		}
		return 1
	}
	return 1
}
