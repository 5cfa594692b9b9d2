package webui

import "embed"

// built is what `npm run build` left in dist; only .gitkeep while nothing is built.
//
//go:embed all:dist
var built embed.FS
