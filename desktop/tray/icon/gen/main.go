// Command gen writes the mark as files: for the window, for menus and packages.
// It knows where they belong; what they look like is package icon's business.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"sendjay/desktop/tray/icon"
)

//go:generate go run .

func main() {
	root := filepath.Join("..", "..", "..", "..")
	plain := icon.Status{}
	files := map[string][]byte{
		"desktop/window/icon.png":                    icon.PNG(icon.Draw(plain, 128)),
		"packaging/linux/icons/scalable/sendjay.svg": icon.SVG(),
		"packaging/windows/sendjay.ico":              icon.ICO(plain, 16, 24, 32, 48, 64, 256),
	}
	for _, size := range []int{16, 24, 32, 48, 64, 128, 256} {
		files[fmt.Sprintf("packaging/linux/icons/%dx%d/sendjay.png", size, size)] = icon.PNG(icon.Draw(plain, size))
	}
	for name, data := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			fail(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "icon files:", err)
	os.Exit(1)
}
