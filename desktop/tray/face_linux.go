package main

import (
	"fyne.io/systray"
	"github.com/godbus/dbus/v5"

	"sendjay/desktop/tray/icon"
)

// Where the library has put the icon on the bus.
const (
	itemPath = dbus.ObjectPath("/StatusNotifierItem")
	itemName = "org.kde.StatusNotifierItem"
)

// sizes are those in which panels show icons; one of them is as large as is asked for, or nearly. The largest comes first, for
// a panel that takes the first one.
var sizes = []int{icon.Size, 48, 32, 24, 22, 16}

// pixmap is a picture as panels want it, with the four bytes of each pixel in the order of the network.
type pixmap struct {
	W, H int32
	ARGB []byte
}

// setIcon shows the icon of s in all sizes, drawn for each: a number that a panel has scaled down is a blur. The library knows
// one picture and not the half-transparent, so the property is set past it on the connection that they share; where that
// fails it sets what it can.
func setIcon(s icon.Status) {
	conn, err := dbus.SessionBus()
	if err == nil {
		err = conn.Object(conn.Names()[0], itemPath).SetProperty(itemName+".IconPixmap", pixmaps(s))
	}
	if err == nil {
		err = conn.Emit(itemPath, itemName+".NewIcon")
	}
	if err != nil {
		systray.SetIcon(icon.PNG(icon.Hard(s)))
	}
}

func pixmaps(s icon.Status) (all []pixmap) {
	for _, size := range sizes {
		img := icon.Draw(s, size)
		argb := make([]byte, len(img.Pix))
		for i := 0; i < len(argb); i += 4 {
			copy(argb[i:], []byte{img.Pix[i+3], img.Pix[i], img.Pix[i+1], img.Pix[i+2]})
		}
		all = append(all, pixmap{int32(size), int32(size), argb})
	}
	return all
}
