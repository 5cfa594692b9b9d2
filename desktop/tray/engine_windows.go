package main

import (
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"sendjay/desktop/engine"
)

// evergreenKey is where the installer of the evergreen runtime leaves its folder, as Microsoft's loader reads it.
const evergreenKey = `SOFTWARE\Microsoft\EdgeUpdate\ClientState\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}`

// foundEngines returns the WebView2 runtimes of this computer: the evergreen one, what its updates have left beside it,
// and those in IT's folder, which is a runtime itself or holds some. A folder of the evergreen works like one of a fixed
// version as long as it is there (https://github.com/MicrosoftEdge/WebView2Feedback/issues/5070).
func foundEngines(folder string) []engine.Found {
	var all []engine.Found
	add := func(kind engine.Kind, dir string) bool {
		v, err := engineVersion(dir)
		if err != nil {
			return false
		}
		all = append(all, engine.Found{Kind: kind, Version: v, Folder: dir})
		return true
	}
	if now := evergreenFolder(); now != "" {
		add(engine.Evergreen, now)
		for _, dir := range foldersIn(filepath.Dir(now)) {
			if _, err := engine.ReadVersion(filepath.Base(dir)); err == nil && dir != now {
				add(engine.Left, dir)
			}
		}
	}
	if folder != "" && !add(engine.Fixed, folder) {
		for _, dir := range foldersIn(folder) {
			add(engine.Fixed, dir)
		}
	}
	return all
}

// evergreenFolder returns where the evergreen runtime lies, "" where there is none: that of the computer, else the person's.
func evergreenFolder() string {
	for _, root := range []registry.Key{registry.LOCAL_MACHINE, registry.CURRENT_USER} {
		key, err := registry.OpenKey(root, evergreenKey, registry.QUERY_VALUE|registry.WOW64_32KEY)
		if err != nil {
			continue
		}
		dir, _, err := key.GetStringValue("EBWebView")
		_ = key.Close()
		if err == nil && dir != "" {
			return filepath.Clean(dir)
		}
	}
	return ""
}

func foldersIn(dir string) []string {
	entries, _ := os.ReadDir(dir) // what cannot be read holds nothing for us
	var all []string
	for _, e := range entries {
		if e.IsDir() {
			all = append(all, filepath.Join(dir, e.Name()))
		}
	}
	return all
}

// engineVersion reads the version of a runtime from the library that the window loads of it. Without that it is none.
func engineVersion(dir string) (engine.Version, error) {
	file := filepath.Join(dir, "EBWebView", "x64", "EmbeddedBrowserWebView.dll")
	size, err := windows.GetFileVersionInfoSize(file, nil)
	if err != nil {
		return engine.Version{}, err
	}
	block := make([]byte, size)
	if err := windows.GetFileVersionInfo(file, 0, size, unsafe.Pointer(&block[0])); err != nil {
		return engine.Version{}, err
	}
	var fixed *windows.VS_FIXEDFILEINFO
	if err := windows.VerQueryValue(unsafe.Pointer(&block[0]), `\`, unsafe.Pointer(&fixed), &size); err != nil {
		return engine.Version{}, err
	}
	return engine.Version{fixed.FileVersionMS >> 16, fixed.FileVersionMS & 0xffff, fixed.FileVersionLS >> 16, fixed.FileVersionLS & 0xffff}, nil
}
