package protocol

// Emoji is one picture character, with what belongs to it: skin tone, joined pictures, flag, keycap.
type Emoji string

// Valid reports whether e is one emoji: a short run of picture characters and their joiners, at least one of them a
// picture. It asks for ranges, not for the list of a Unicode version, so that next year's pictures pass.
func (e Emoji) Valid() bool {
	if e == "" || len(e) > Limits.EmojiBytes {
		return false
	}
	pictures, flags, keycap := 0, 0, false
	var last rune
	for _, r := range string(e) {
		switch {
		case r >= 0x1f1e6 && r <= 0x1f1ff: // regional indicators, two for a flag
			flags++
		case r >= 0x1f3fb && r <= 0x1f3ff, r == 0xfe0f, r == 0x200d, r >= 0xe0020 && r <= 0xe007f:
			if last == 0 {
				return false
			}
		case r == 0x20e3:
			if last != 0xfe0f {
				return false
			}
			keycap = true
		case r >= '0' && r <= '9', r == '#', r == '*':
			if last != 0 {
				return false
			}
		case picture(r):
			if last != 0 && last != 0x200d {
				return false
			}
			pictures++
		default:
			return false
		}
		last = r
	}
	switch {
	case last == 0x200d:
		return false
	case keycap:
		return pictures == 0 && flags == 0
	case flags > 0:
		return flags == 2 && pictures == 0
	}
	return pictures > 0
}

func picture(r rune) bool {
	switch r {
	case 0xa9, 0xae, 0x203c, 0x2049, 0x2122, 0x2139, 0x3030, 0x303d, 0x3297, 0x3299:
		return true
	}
	return r >= 0x2190 && r <= 0x2bff || r >= 0x1f000 && r <= 0x1faff
}
