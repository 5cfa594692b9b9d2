package download

import (
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SafeName makes of what a server calls a file a name that is one on every system: no folder, no hidden file, no
// device of Windows, nothing invisible that could hide what it ends in.
func SafeName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != '\u200d', r == '\u2028', r == '\u2029':
			return -1
		case strings.ContainsRune(`<>:"/\|?*`, r):
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	// Windows takes dots and spaces at the end away, and with them the question which file is meant.
	name = strings.TrimRight(strings.TrimLeft(name, ". "), ". ")
	stem, _, _ := strings.Cut(name, ".")
	if devices[strings.ToUpper(strings.TrimSpace(stem))] {
		name = "_" + name
	}
	if name == "" {
		return "download"
	}
	end := filepath.Ext(name)
	if len(end) > 20 {
		end = ""
	}
	const most = nameBytes - len(" (9999)")
	if len(name) > most {
		stem := name[:most-len(end)]
		for !utf8.ValidString(stem) {
			stem = stem[:len(stem)-1]
		}
		name = stem + end
	}
	return name
}

var devices = func() map[string]bool {
	out := map[string]bool{"CON": true, "PRN": true, "AUX": true, "NUL": true, "CONIN$": true, "CONOUT$": true}
	for _, n := range "123456789¹²³" {
		out["COM"+string(n)], out["LPT"+string(n)] = true, true
	}
	return out
}()

// shown are the endings of what merely shows something. A list of what runs would never be complete.
var shown = func() map[string]bool {
	out := map[string]bool{}
	for _, end := range strings.Fields(`
		txt md log csv tsv json xml yaml yml rtf pdf epub ics vcf eml html htm
		doc docx dot dotx xls xlsx ppt pptx pps ppsx odt ods odp hwp hwpx
		png jpg jpeg gif webp bmp tif tiff heic avif ico svg psd ai
		mp3 m4a wav ogg oga flac aac opus wma mp4 m4v mov webm mkv avi wmv
		zip 7z rar tar gz tgz bz2 xz egg alz`) {
		out["."+end] = true
	}
	return out
}()

// opens reports whether a file of this name may be opened by a press of a button.
func opens(name string) bool { return shown[strings.ToLower(filepath.Ext(name))] }
