package api_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

func TestSettings(t *testing.T) {
	s := servertest.Start(t)
	kim, lee := s.Person("kim"), s.Person("lee")
	put := func(p *servertest.Person, body string) call {
		return call{method: "PUT", path: "/api/v1/me/settings", body: body, head: bearer(p.AccessToken)}
	}
	t.Run("what is not named stays", func(t *testing.T) {
		put(kim, `{"hideBody":true,"quietHours":[{"days":[1,5],"from":"22:00","to":"07:00"}]}`).to(t, s).ok(t, nil)
		var got protocol.NotifySettings
		put(kim, `{"notifyOff":true,"unknown":1}`).to(t, s).ok(t, &got)
		want := protocol.NotifySettings{NotifyOff: true, HideBody: true, QuietHours: []protocol.QuietHours{{Days: []int{1, 5}, From: "22:00", To: "07:00"}}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("answered %+v, want %+v", got, want)
		}
		get(kim, "/me/settings").to(t, s).ok(t, &got)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("kept %+v, want %+v", got, want)
		}
		get(lee, "/me/settings").to(t, s).ok(t, &got)
		if got.NotifyOff || got.HideBody {
			t.Errorf("another person has %+v", got)
		}
	})
	t.Run("nonsense is refused and changes nothing", func(t *testing.T) {
		for _, bad := range []string{
			`{"quietHours":[{"days":[8],"from":"22:00","to":"07:00"}]}`, `{"quietHours":[{"days":[],"from":"22:00","to":"07:00"}]}`, `{"quietHours":[{"days":[1],"from":"24:00","to":"07:00"}]}`,
			`{"quietHours":[{"days":[1],"from":"2:00","to":"07:00"}]}`, `{"quietHours":[{"days":[1],"from":"22:00","to":""}]}`, `{"awayAfter":90}`, `{"notifyOff":"yes"}`, `[]`, `{`,
		} {
			put(lee, bad).to(t, s).refused(t, 400, protocol.BadRequest)
		}
		var got protocol.NotifySettings
		get(lee, "/me/settings").to(t, s).ok(t, &got)
		if len(got.QuietHours) > 0 {
			t.Errorf("kept %+v", got)
		}
	})
	t.Run("my devices hear of it, nobody else's do", func(t *testing.T) {
		mine, theirs := dialled(t, s, kim), dialled(t, s, lee)
		put(kim, `{"hideSender":true}`).to(t, s).ok(t, nil)
		put(lee, `{"hideSender":false}`).to(t, s).ok(t, nil)
		if raw := next(t, mine, protocol.EvSettings); !raw.HideSender || !raw.NotifyOff {
			t.Errorf("heard %+v", raw)
		}
		if raw := next(t, theirs, protocol.EvSettings); raw.NotifyOff || raw.HideSender {
			t.Errorf("heard somebody else's %+v", raw)
		}
	})
}

func dialled(t *testing.T, s *servertest.Server, p *servertest.Person) *websocket.Conn {
	t.Helper()
	return dial(t, s, http.Header{"Authorization": {"Bearer " + p.AccessToken}})
}

// next reads on to the next event of this name.
func next(t *testing.T, ws *websocket.Conn, name protocol.EventName) (s protocol.NotifySettings) {
	t.Helper()
	nextOf(t, ws, name, &s)
	return s
}

func nextOf(t *testing.T, ws *websocket.Conn, name protocol.EventName, into any) {
	t.Helper()
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		var frame struct {
			Ev   protocol.EventName
			Data json.RawMessage
		}
		if err := ws.ReadJSON(&frame); err != nil {
			t.Fatal(err)
		}
		if frame.Ev == name {
			if err := json.Unmarshal(frame.Data, into); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}
