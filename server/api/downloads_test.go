package api_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

func TestAPictureIsShownSmallWithItsSizeKnownBefore(t *testing.T) {
	s := servertest.Start(t)
	kim, lee := s.Person("kim"), s.Person("lee")
	room := kim.Room("lee")
	id := kim.Upload(room, "사진.JPG", photo(t, 2400, 1200))
	if _, err := kim.SendFile(room, id, ""); err != nil {
		t.Fatal(err)
	}
	m := last(t, lee, room)
	if m.Type != protocol.Image || m.File.Width != 2400 || m.File.Height != 1200 || !m.File.Thumb || m.File.Kind != "image/jpeg" {
		t.Fatalf("%+v %+v", m, m.File)
	}
	for path, side := range map[string]int{"/thumb": 320, "/screen": 1600} {
		got := lee.Ask(http.MethodGet, "/files/"+string(id)+path, nil)
		c, kind, err := image.DecodeConfig(bytes.NewReader(got.Raw))
		if err != nil || kind != "jpeg" || c.Width != side || c.Height != side/2 || got.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%s: %v %s %+v %v", path, got.Header, kind, c, err)
		}
	}
}

func TestNothingThatWasUploadedRunsInOurOrigin(t *testing.T) {
	s := servertest.Start(t)
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	var bomb bytes.Buffer
	if err := png.Encode(&bomb, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	huge := bomb.Bytes()
	copy(huge[16:], []byte{0, 0, 0x60, 0, 0, 0, 0x60, 0}) // 24,576 by 24,576
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	for name, c := range map[string]struct {
		content string
		kind    string
	}{
		"page.png":  {"<!DOCTYPE html><script>alert(1)</script>", "text/html"},
		"arrow.jpg": {`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "image/svg+xml"},
		"real.html": {"<html><body onload=alert(1)>", "text/html"},
		"bomb.png":  {string(huge), "image/png"},
		"half.jpg":  {string(photo(t, 400, 400)[:3000]), "image/jpeg"},
		"many.gif":  {"PK\x03\x04 not a picture", "application/zip"},
	} {
		t.Run(name, func(t *testing.T) {
			id := kim.Upload(room, name, []byte(c.content))
			if _, err := kim.SendFile(room, id, ""); err != nil {
				t.Fatal(err)
			}
			m := last(t, kim, room)
			if m.Type != protocol.File || m.File.Thumb || m.File.Width != 0 || m.File.Kind != c.kind {
				t.Errorf("shown as %s %+v", m.Type, m.File)
			}
			got := kim.Ask(http.MethodGet, "/files/"+string(id), nil)
			if string(got.Raw) != c.content || got.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(got.Header.Get("Content-Security-Policy"), "sandbox;") {
				t.Errorf("%s %v", got.Status, got.Header)
			}
			if strings.HasPrefix(c.kind, "image/") && c.kind != "image/svg+xml" {
				return
			}
			if got.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment;") {
				t.Errorf("a browser would open it: %v", got.Header)
			}
		})
	}
}
