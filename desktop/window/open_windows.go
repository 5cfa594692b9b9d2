package main

/*
#cgo LDFLAGS: -lgdi32
#include "native_windows.h"
*/
import "C"

import (
	"errors"
	"os"
	"strings"
	"unsafe"

	webview "github.com/webview/webview_go"
)

// shell is webview_go's own window with the manners of native_windows.c.
type shell struct {
	view webview.WebView
	hwnd unsafe.Pointer
}

func open(o options) (window, error) {
	// Without the runtime webview_go returns a wrapper around nothing, and the next call crashes.
	if C.sendjay_runtime() == 0 {
		return nil, errors.New("the WebView2 runtime is not installed")
	}
	if o.data != "" {
		// Its own choice would be the roaming profile, which travels over the network at sign-in.
		if err := os.Setenv("WEBVIEW2_USER_DATA_FOLDER", o.data); err != nil {
			return nil, err
		}
	}
	if o.accel == "off" {
		const arguments = "WEBVIEW2_ADDITIONAL_BROWSER_ARGUMENTS" // where the company's own may stand
		if err := os.Setenv(arguments, strings.TrimSpace(os.Getenv(arguments)+" --disable-gpu")); err != nil {
			return nil, err
		}
	}
	view := webview.New(false)
	s := shell{view, view.Window()}
	if s.hwnd == nil {
		return nil, errors.New("the web engine made no window")
	}
	view.SetTitle(o.title)
	p := native(o.place)
	dark := C.int(0)
	if o.theme == "dark" {
		dark = 1
	}
	stay := C.int(0)
	if o.stay {
		stay = 1
	}
	C.sendjay_dress(s.hwnd, &p, minWidth, minHeight, dark, stay)
	return s, nil
}

func native(p place) C.struct_sendjay_place {
	n := C.struct_sendjay_place{w: C.int(p.W), h: C.int(p.H), x: C.int(p.X), y: C.int(p.Y)}
	if p.Fixed {
		n.fixed = 1
	}
	if p.Max {
		n.max = 1
	}
	return n
}

func (s shell) load(url string)   { s.view.Dispatch(func() { s.view.Navigate(url) }) }
func (s shell) show(string)       { s.view.Dispatch(func() { C.sendjay_show(s.hwnd) }) }
func (s shell) hide()             { s.view.Dispatch(func() { C.sendjay_hide(s.hwnd) }) }
func (s shell) title(text string) { s.view.Dispatch(func() { s.view.SetTitle(text) }) }
func (s shell) quit()             { s.view.Terminate() }
func (s shell) run()              { s.view.Run() }

func (s shell) move(p place) {
	s.view.Dispatch(func() {
		n := native(p)
		C.sendjay_move(s.hwnd, &n)
	})
}
