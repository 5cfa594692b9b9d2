package main

/*
#cgo pkg-config: gtk+-3.0 webkit2gtk-4.1
#include <stdlib.h>
#include "native_linux.h"
*/
import "C"

import (
	_ "embed"
	"errors"
	"os"
	"path/filepath"
	"unsafe"

	webview "github.com/webview/webview_go"
)

//go:embed icon.png
var icon []byte

// shell is the GTK window with webview_go's view in it. The native side is in native_linux.c.
type shell struct{ view webview.WebView }

// renderers are the devices that draw for programs. A machine without one (a VM, a terminal server) would draw by
// software that pretends to be one: measured, 90 MB more for each window and a later first picture.
const renderers = "/dev/dri/renderD*"

func open(o options) (window, error) {
	if found, _ := filepath.Glob(renderers); o.accel == "auto" && len(found) == 0 {
		o.accel = "off"
	}
	if o.accel == "off" {
		drawPlainly()
	}
	native := C.struct_sendjay_options{
		// These strings live as long as the process.
		data: C.CString(o.data), theme: C.CString(o.theme), accel: C.CString(o.accel),
		w: C.int(o.place.W), h: C.int(o.place.H), x: C.int(o.place.X), y: C.int(o.place.Y),
		fixed: flagOf(o.place.Fixed), max: flagOf(o.place.Max), sandbox: flagOf(o.sandbox), minimise: flagOf(o.stay),
		fleeting: flagOf(o.fleeting), zoom: C.int(o.zoom), min_zoom: minZoom, max_zoom: maxZoom,
		min_w: minWidth, min_h: minHeight,
		icon: (*C.uchar)(C.CBytes(icon)), icon_len: C.ulong(len(icon)),
	}
	w := C.sendjay_window(&native)
	if w == nil {
		return nil, errors.New("no display to show a window on")
	}
	// The window is ours, so that nothing appears before it is asked for.
	s := shell{webview.NewWindow(false, w)}
	if C.sendjay_dress(w) == 0 {
		return nil, errors.New("the web engine made no view")
	}
	s.view.SetTitle(o.title)
	return s, nil
}

// drawPlainly keeps engine and toolkit from looking for a graphics card that nothing will use: before the engine's first
// view for one to share buffers with, with its first page for one to name to that page's process, and, as the first
// program of a session, for what a window could be drawn with. Where there is none, each would load what pretends to be
// one: measured, 0.2 and 0.14 s of the start, and 29 of this process's 77 MiB. Who has set a variable has a reason.
func drawPlainly() {
	for name, value := range map[string]string{
		"WEBKIT_DISABLE_DMABUF_RENDERER": "1",
		"WEBKIT_WEB_RENDER_DEVICE_FILE":  os.DevNull,
		"GDK_GL":                         "disable",
	} {
		if _, set := os.LookupEnv(name); !set {
			_ = os.Setenv(name, value) // fails for names that no system takes
		}
	}
}

func (s shell) load(url string) {
	s.view.Dispatch(func() {
		c := C.CString(url)
		defer C.free(unsafe.Pointer(c))
		C.sendjay_load(c)
	})
}

func (s shell) show(token string) {
	s.view.Dispatch(func() {
		c := C.CString(token)
		defer C.free(unsafe.Pointer(c))
		C.sendjay_show(c)
	})
}

func (s shell) hide()             { s.view.Dispatch(func() { C.sendjay_hide() }) }
func (s shell) title(text string) { s.view.Dispatch(func() { s.view.SetTitle(text) }) }
func (s shell) quit()             { s.view.Terminate() }
func (s shell) run()              { s.view.Run() }

func (s shell) move(p place) {
	s.view.Dispatch(func() {
		C.sendjay_move(C.int(p.W), C.int(p.H), C.int(p.X), C.int(p.Y), flagOf(p.Fixed), flagOf(p.Max))
	})
}

func flagOf(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
