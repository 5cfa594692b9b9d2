package api_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

func put(p *servertest.Person, path, body string) call {
	return call{method: "PUT", path: "/api/v1" + path, body: body, head: bearer(p.AccessToken)}
}

func TestProfile(t *testing.T) {
	s := servertest.Start(t)
	kim, lee, park := s.Person("kim"), s.Person("lee"), s.Person("park")
	if status := kim.Do(protocol.OpRoomCreate, protocol.CreateRoom{Members: []protocol.UserID{"lee"}}, nil); status != 200 {
		t.Fatal(status)
	}
	hears := func(p *servertest.Person) *websocket.Conn {
		t.Helper()
		ws, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/ws", http.Header{"Authorization": {"Bearer " + p.AccessToken}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ws.Close() })
		return ws
	}
	next := func(ws *websocket.Conn) protocol.User {
		t.Helper()
		_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
		for {
			var f struct {
				Ev   protocol.EventName
				Data protocol.User
			}
			if err := ws.ReadJSON(&f); err != nil {
				t.Fatal(err)
			}
			if f.Ev == protocol.EvUser {
				return f.Data
			}
		}
	}
	leeHears := hears(lee)
	t.Run("what is not named stays, and who shares a room hears of it", func(t *testing.T) {
		put(kim, "/me/profile", `{"nick":"봄까지 재택","phone":"010-1234-5678"}`).to(t, s).ok(t, nil)
		if u := next(leeHears); u.ID != "kim" || u.Nick != "봄까지 재택" || u.Phone != "010-1234-5678" {
			t.Errorf("%+v", u)
		}
		var p protocol.Profile
		put(kim, "/me/profile", `{"absence":{"code":"dayoff","name":"연차","from":"2020-01-01","to":"2999-12-31"}}`).to(t, s).ok(t, &p)
		if p.Nick != "봄까지 재택" || p.Absence == nil {
			t.Errorf("%+v", p)
		}
		if u := next(leeHears); u.Absence == nil || u.Absence.Name != "연차" {
			t.Errorf("%+v", u)
		}
		var c protocol.Card
		get(park, "/users/kim").to(t, s).ok(t, &c)
		if c.Absence == nil || c.Absence.To != "2999-12-31" || c.Nick != "봄까지 재택" {
			t.Errorf("%+v", c)
		}
		put(kim, "/me/profile", `{"absence":null}`).to(t, s).ok(t, nil)
		var after protocol.Card
		if get(park, "/users/kim").to(t, s).ok(t, &after); after.Absence != nil {
			t.Errorf("%+v", after)
		}
	})
	t.Run("what is too long, no phone number or no day is refused", func(t *testing.T) {
		for body, field := range map[string]string{
			`{"nick":"` + strings.Repeat("가", 101) + `"}`:                      "nick",
			`{"phone":"call me"}`:                                              "phone",
			`{"absence":{"name":"연차","from":"tomorrow"}}`:                      "from",
			`{"absence":{"name":"연차","from":"2026-01-02","to":"2026-01-01"}}`:  "to",
			`{"absence":{"name":"","from":"2026-01-02"}}`:                      "name",
			`{"absence":{"name":"x","code":"` + strings.Repeat("c", 8) + `"}}`: "code",
			`{"absence":{"name":"` + strings.Repeat("연", 51) + `","from":""}}`: "name",
		} {
			r := put(kim, "/me/profile", body).to(t, s)
			if r.StatusCode/100 != 4 || !strings.Contains(r.raw, `"field":"`+field+`"`) {
				t.Errorf("%s: %d %s", body, r.StatusCode, r.raw)
			}
		}
	})
	t.Run("a picture is made square and small, kept for good under its version, and taken away", func(t *testing.T) {
		img := image.NewNRGBA(image.Rect(0, 0, 900, 600))
		for i := range img.Pix {
			img.Pix[i] = 255
		}
		img.Set(1, 1, color.NRGBA{200, 0, 0, 255})
		var raw bytes.Buffer
		if err := png.Encode(&raw, img); err != nil {
			t.Fatal(err)
		}
		var u protocol.User
		put(kim, "/me/picture", raw.String()).to(t, s).ok(t, &u)
		if u.Picture == "" {
			t.Fatalf("%+v", u)
		}
		r := get(lee, "/users/kim/picture?v="+u.Picture).to(t, s)
		got, _, err := image.Decode(strings.NewReader(r.raw))
		if err != nil || got.Bounds().Dx() != 256 || got.Bounds().Dy() != 256 {
			t.Fatalf("%v, %d bytes", err, len(r.raw))
		}
		if !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || r.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%v", r.Header)
		}
		for _, bad := range []string{"<svg xmlns='http://www.w3.org/2000/svg'/>", "\x89PNG\r\n\x1a\n", ""} {
			put(kim, "/me/picture", bad).to(t, s).refused(t, 400, protocol.BadRequest)
		}
		put(kim, "/me/picture", strings.Repeat("x", protocol.Limits.PictureBytes+1)).to(t, s).refused(t, 413, protocol.TooLarge)
		call{method: "DELETE", path: "/api/v1/me/picture", head: bearer(kim.AccessToken)}.to(t, s).ok(t, nil)
		get(lee, "/users/kim/picture").to(t, s).refused(t, 404, protocol.NotFound)
	})
}

func TestLooksAreKeptWithTheOtherSettings(t *testing.T) {
	s := servertest.Start(t)
	kim := s.Person("kim")
	put(kim, "/me/settings", `{"looks":{"theme":"dark","lang":"ko","text":"large","silent":false}}`).to(t, s).ok(t, nil)
	var got protocol.NotifySettings
	put(kim, "/me/settings", `{"hideBody":true}`).to(t, s).ok(t, &got)
	if got.Looks == nil || got.Looks.Text != "large" || !got.HideBody {
		t.Errorf("%+v", got)
	}
	put(kim, "/me/settings", `{"looks":{"theme":"pink"}}`).to(t, s).refused(t, 400, protocol.BadRequest)
}
