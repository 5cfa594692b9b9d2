package main

/*
#cgo LDFLAGS: -lgdi32 -lole32
#include "native_windows.h"
#include "loader_windows.h"
*/
import "C"

import (
	"errors"
	"os"
	"strings"
	"unsafe"

	webview "github.com/webview/webview_go"
	"golang.org/x/sys/windows"
)

// shell is webview_go's own window with the manners of native_windows.c.
type shell struct {
	view webview.WebView
	hwnd unsafe.Pointer
}

func open(o options) (window, error) {
	// Without the runtime webview_go returns a wrapper around nothing, and the next call crashes.
	there, err := engineAt(o.engine, o.data)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, errors.New(strings.TrimSpace("the WebView2 runtime is not installed " + o.engine))
	}
	if o.accel == "off" {
		const arguments = "WEBVIEW2_ADDITIONAL_BROWSER_ARGUMENTS" // where the company's own may stand
		if err := os.Setenv(arguments, strings.TrimSpace(os.Getenv(arguments)+" --disable-gpu")); err != nil {
			return nil, err
		}
	}
	view := webview.New(false)
	if C.sendjay_asked() == 0 {
		return nil, errors.New("built without -DWEBVIEW_MSWEBVIEW2_BUILTIN_IMPL=0: the engine cannot be chosen")
	}
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

// engineAt tells the loader which engine to take and where it keeps its storage, and reports whether it is there. webview_go's
// own choice of the storage would be the roaming profile, which travels over the network at sign-in.
func engineAt(folder, data string) (bool, error) {
	var wide [2]*C.wchar_t
	for i, text := range []string{folder, data} {
		if text == "" {
			continue
		}
		p, err := windows.UTF16PtrFromString(text)
		if err != nil {
			return false, err
		}
		wide[i] = (*C.wchar_t)(unsafe.Pointer(p))
	}
	return C.sendjay_engine(wide[0], wide[1]) != 0, nil
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
