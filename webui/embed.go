package webui

import "embed"

// built is what `npm run build` left in dist; only .gitkeep while nothing is built.
//
//go:embed all:dist
var built embed.FS

// unbuilt holds the page that stands in while dist is empty, as after a plain `go build`.
//
//go:embed unbuilt.html
var unbuilt embed.FS

const unbuiltName = "unbuilt.html"

func unbuiltText() []byte {
	text, err := unbuilt.ReadFile(unbuiltName)
	if err != nil {
		panic("webui: " + err.Error()) // it is part of the program
	}
	return text
}
