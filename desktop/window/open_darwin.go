package main

/*
#cgo CFLAGS: -x objective-c -fobjc-arc
#cgo LDFLAGS: -framework Cocoa
#include "native_darwin.h"
*/
import "C"

import (
	"errors"
	"unsafe"

	webview "github.com/webview/webview_go"
)

// shell is webview_go's own window with the manners of native_darwin.m.
type shell struct {
	view webview.WebView
	ns   unsafe.Pointer
}

func open(o options) (window, error) {
	view := webview.New(false)
	s := shell{view, view.Window()}
	if s.ns == nil {
		return nil, errors.New("the web engine made no window")
	}
	view.SetTitle(o.title)
	p := native(o.place)
	C.sendjay_dress(s.ns, &p, minWidth, minHeight)
	return s, nil
}

func native(p place) C.struct_sendjay_place {
	n := C.struct_sendjay_place{w: C.int(p.W), h: C.int(p.H), x: C.int(p.X), y: C.int(p.Y)}
	if p.Fixed {
		n.fixed = 1
	}
	return n
}

func (s shell) load(url string)   { s.view.Dispatch(func() { s.view.Navigate(url) }) }
func (s shell) show(string)       { s.view.Dispatch(func() { C.sendjay_show(s.ns) }) }
func (s shell) hide()             { s.view.Dispatch(func() { C.sendjay_hide(s.ns) }) }
func (s shell) title(text string) { s.view.Dispatch(func() { s.view.SetTitle(text) }) }
func (s shell) quit()             { s.view.Terminate() }
func (s shell) run()              { s.view.Run() }

func (s shell) move(p place) {
	s.view.Dispatch(func() {
		n := native(p)
		C.sendjay_move(s.ns, &n)
	})
}
