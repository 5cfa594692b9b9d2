package api_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"sendjay/server/servertest"
	"sendjay/shared/protocol"
)

func TestAnUploadGoesOnAfterARestartWhereItWasCutOff(t *testing.T) {
	s := servertest.Start(t)
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	content := bytes.Repeat([]byte("0123456789"), 300_000)
	id := kim.Begun(room, "large.bin", int64(len(content)))
	if a := kim.Patch(id, 0, content[:1_000_000]); a.StatusCode != http.StatusNoContent {
		t.Fatal(a.Status, string(a.Raw))
	}
	if _, err := kim.SendFile(room, id, ""); err == nil || !strings.Contains(err.Error(), "conflict file") {
		t.Errorf("half a file was sent: %v", err)
	}
	s.Restart()
	head := kim.Ask(http.MethodHead, "/uploads/"+string(id), nil)
	if head.Header.Get("Upload-Offset") != "1000000" || head.Header.Get("Upload-Length") != "3000000" {
		t.Fatalf("%s %v", head.Status, head.Header)
	}
	if a := kim.Patch(id, 7, content[7:]); a.StatusCode != http.StatusConflict {
		t.Errorf("bytes from elsewhere: %s", a.Status)
	}
	if a := kim.Patch(id, 1_000_000, content[1_000_000:]); a.StatusCode != http.StatusNoContent || a.Header.Get("Upload-Offset") != "3000000" {
		t.Fatal(a.Status, string(a.Raw))
	}
	if head := kim.Ask(http.MethodHead, "/uploads/"+string(id), nil); head.Header.Get("Upload-Offset") != "3000000" {
		t.Errorf("whether it has arrived: %v", head.Header)
	}
	if _, err := kim.SendFile(room, id, ""); err != nil {
		t.Fatal(err)
	}
	if got := kim.Ask(http.MethodGet, "/files/"+string(id), nil); !bytes.Equal(got.Raw, content) {
		t.Errorf("%s, %d bytes", got.Status, len(got.Raw))
	}
}

func TestUploadsAreRefusedBeforeAByteIsKept(t *testing.T) {
	s := servertest.Start(t, "--max-file=1KB", "--live-files=2", "--person-space=1500", "--room-space=1600")
	kim, lee := s.Person("kim"), s.Person("lee")
	park := s.Person("park")
	room := kim.Room("park")
	refused := func(a servertest.Answer, status int, says string) {
		t.Helper()
		if a.StatusCode != status || !strings.Contains(string(a.Raw), says) {
			t.Errorf("%s %s, want %d %s", a.Status, a.Raw, status, says)
		}
	}
	refused(lee.Uploading(room, "a", 1), http.StatusNotFound, `"field":"room"`)
	refused(kim.Ask(http.MethodPost, "/uploads/", nil, "Tus-Resumable", "1.0.0", "Upload-Defer-Length", "1"), http.StatusBadRequest, "bad_request")
	refused(kim.Uploading("no-such-room", "a", 1), http.StatusNotFound, `"field":"room"`)
	refused(kim.Uploading(room, "a", 1025), http.StatusRequestEntityTooLarge, `"field":"size","most":1024`)
	refused(kim.Uploading(room, "..", 1), http.StatusBadRequest, `"field":"name"`)
	refused(kim.Ask(http.MethodPost, "/uploads/", nil, "Authorization", "Bearer x", "Upload-Length", "1"), http.StatusUnauthorized, "unauthenticated")
	refused(kim.Ask(http.MethodPut, "/uploads/", nil), http.StatusMethodNotAllowed, "method_not_allowed")
	refused(kim.Ask(http.MethodGet, "/uploads/x", nil), http.StatusMethodNotAllowed, "method_not_allowed")
	first := kim.Begun(room, "a", 1000)
	refused(kim.Uploading(room, "b", 501), http.StatusRequestEntityTooLarge, `"field":"space","most":1500`)
	second := kim.Begun(room, "b", 500)
	refused(kim.Uploading(room, "c", 0), http.StatusRequestEntityTooLarge, `"field":"files","most":2`)
	refused(park.Uploading(room, "d", 101), http.StatusRequestEntityTooLarge, `"field":"roomSpace","most":1600`)
	refused(lee.Patch(first, 0, []byte("x")), http.StatusNotFound, "not_found")
	refused(lee.Ask(http.MethodDelete, "/uploads/"+string(first), nil), http.StatusNotFound, "not_found")
	refused(kim.Patch(first, 0, make([]byte, 1001)), http.StatusRequestEntityTooLarge, "too_large")
	if a := kim.Ask(http.MethodDelete, "/uploads/"+string(second), nil); a.StatusCode != http.StatusNoContent {
		t.Errorf("given up: %s %s", a.Status, a.Raw)
	}
	kim.Begun(room, "c", 300)
}

func TestBytesThatChangedOnTheirWayAreNotKept(t *testing.T) {
	s := servertest.Start(t)
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	sum := func(b string) string {
		h := sha256.Sum256([]byte(b))
		return "sha256 " + base64.StdEncoding.EncodeToString(h[:])
	}
	id := kim.Begun(room, "a.txt", 8)
	if a := kim.Patch(id, 0, []byte("good"), "Upload-Checksum", sum("good")); a.StatusCode != http.StatusNoContent {
		t.Fatal(a.Status, string(a.Raw))
	}
	if a := kim.Patch(id, 4, []byte("baad"), "Upload-Checksum", sum("bad!")); a.StatusCode != 460 || !strings.Contains(string(a.Raw), `"field":"checksum"`) {
		t.Fatal(a.Status, string(a.Raw))
	}
	if head := kim.Ask(http.MethodHead, "/uploads/"+string(id), nil); head.Header.Get("Upload-Offset") != "4" {
		t.Fatalf("kept %v", head.Header)
	}
	if a := kim.Patch(id, 4, []byte("bad!"), "Upload-Checksum", sum("bad!")); a.StatusCode != http.StatusNoContent {
		t.Fatal(a.Status, string(a.Raw))
	}
	if _, err := kim.SendFile(room, id, ""); err != nil {
		t.Fatal(err)
	}
	if got := kim.Ask(http.MethodGet, "/files/"+string(id), nil); string(got.Raw) != "goodbad!" {
		t.Errorf("%q", got.Raw)
	}
}

func TestOtherPeoplesClientsFindTheProtocolAsItIsWritten(t *testing.T) {
	s := servertest.Start(t, "--person-space=100")
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	say := func(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) }
	about := "room " + say(string(room)) + ",filename " + say("clip.txt") + ",filetype " + say("text/plain")
	piece := "application/offset+octet-stream"

	a := kim.Ask(http.MethodOptions, "/uploads/", nil)
	if a.StatusCode != http.StatusOK || a.Header.Get("Tus-Version") != "1.0.0" || a.Header.Get("Tus-Extension") != "creation,creation-with-upload,termination,checksum" || a.Header.Get("Tus-Checksum-Algorithm") != "sha256" {
		t.Errorf("discovery: %s %v", a.Status, a.Header)
	}
	if a := kim.Ask(http.MethodPost, "/uploads/", nil, "Tus-Resumable", "0.2.2", "Upload-Length", "5", "Upload-Metadata", about); a.StatusCode != http.StatusPreconditionFailed || a.Header.Get("Tus-Version") != "1.0.0" {
		t.Errorf("another version: %s %v", a.Status, a.Header)
	}
	a = kim.Ask(http.MethodPost, "/uploads/", strings.NewReader("hel"), "Tus-Resumable", "1.0.0", "Upload-Length", "5", "Upload-Metadata", about, "Content-Type", piece)
	at := strings.TrimPrefix(a.Header.Get("Location"), "/api/v1")
	if a.StatusCode != http.StatusCreated || a.Header.Get("Upload-Offset") != "3" {
		t.Fatalf("begun with bytes: %s %v %s", a.Status, a.Header, a.Raw)
	}
	if a := kim.Ask(http.MethodPatch, at, strings.NewReader("lo"), "Tus-Resumable", "1.0.0", "Upload-Offset", "3", "Content-Type", "text/plain"); a.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("another type: %s", a.Status)
	}
	if a := kim.Ask(http.MethodPatch, at, strings.NewReader("lo"), "Tus-Resumable", "1.0.0", "Upload-Offset", "2", "Content-Type", piece); a.StatusCode != http.StatusConflict {
		t.Errorf("another place: %s", a.Status)
	}
	if a := kim.Ask(http.MethodPost, at, strings.NewReader("lo"), "X-HTTP-Method-Override", "PATCH", "Tus-Resumable", "1.0.0", "Upload-Offset", "3", "Content-Type", piece); a.StatusCode != http.StatusNoContent || a.Header.Get("Upload-Offset") != "5" {
		t.Errorf("through a proxy that knows no PATCH: %s %v", a.Status, a.Header)
	}
	if _, err := kim.SendFile(room, protocol.FileID(at[len("/uploads/"):]), ""); err != nil {
		t.Fatal(err)
	}
	if m := last(t, kim, room); m.File.Name != "clip.txt" || m.File.Size != 5 {
		t.Errorf("%+v", m.File)
	}
	// To the last byte of what is allowed, and not one more.
	if a := kim.Uploading(room, "b", 96); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("one byte more: %s", a.Status)
	}
	kim.Begun(room, "b", 95)
	if a := kim.Uploading(room, "c", 1); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("all is used: %s", a.Status)
	}
	if a := kim.Ask(http.MethodHead, "/uploads/nothing", nil, "Tus-Resumable", "1.0.0"); a.StatusCode != http.StatusNotFound || a.Header.Get("Sendjay-Refusal") != "not_found file" {
		t.Errorf("one that is not there: %s %v", a.Status, a.Header)
	}
}

func TestKindsAreCheckedByContent(t *testing.T) {
	s := servertest.Start(t, "--file-kinds=image/*,application/zip", "--file-blocked=application/jar,image/gif")
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	for name, c := range map[string]struct {
		content string
		status  int
	}{
		"a.gif": {"GIF89a", http.StatusForbidden},
		"a.txt": {string(photo(t, 8, 8)), http.StatusNoContent},
		"a.jpg": {"plain words", http.StatusForbidden},
		"a.zip": {"PK\x03\x04", http.StatusNoContent},
	} {
		id := kim.Begun(room, name, int64(len(c.content)))
		a := kim.Patch(id, 0, []byte(c.content))
		if a.StatusCode != c.status {
			t.Errorf("%s: %s %s", name, a.Status, a.Raw)
		}
		if c.status == http.StatusForbidden {
			if head := kim.Ask(http.MethodHead, "/uploads/"+string(id), nil); head.StatusCode != http.StatusNotFound {
				t.Errorf("%s is still there: %s", name, head.Status)
			}
		}
	}
}

func TestAPieceThatStaysOutIsAskedForAgainAndIsNobodysFault(t *testing.T) {
	s := servertest.Start(t)
	kim := s.Person("kim")
	s.Add("lee")
	room := kim.Room("lee")
	// half begins to send eight bytes and stops in the middle.
	half := func(id protocol.FileID, head string) *net.TCPConn {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, err = fmt.Fprintf(conn, "PATCH /api/v1/uploads/%s HTTP/1.1\r\nHost: sendjay\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\n"+
			"Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 8\r\n%s\r\nhalf", id, kim.AccessToken, head)
		if err != nil {
			t.Fatal(err)
		}
		return conn.(*net.TCPConn)
	}
	said := func(conn net.Conn) string {
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return err.Error()
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		return answer.Status + " " + string(body)
	}
	fits := func(answer string) bool {
		return strings.HasPrefix(answer, "503 ") && strings.Contains(answer, `"code":"unavailable"`)
	}

	sum := sha256.Sum256([]byte("halftext"))
	checked := "Upload-Checksum: sha256 " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n"
	for name, c := range map[string]struct {
		head string
		kept int
	}{"a piece": {"", 4}, "a piece with a sum": {checked, 0}} {
		broken := kim.Begun(room, "a.txt", 8)
		conn := half(broken, c.head)
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if a := said(conn); !fits(a) {
			t.Errorf("%s, the line broke: %s", name, a)
		}
		if a := kim.Patch(broken, int64(c.kept), []byte("halftext")[c.kept:]); a.StatusCode != http.StatusNoContent {
			t.Errorf("%s, what came before is not here: %s %s", name, a.Status, a.Raw)
		}

		taken := kim.Begun(room, "b.txt", 8)
		conn = half(taken, c.head)
		answer := make(chan string, 1)
		go func() { answer <- said(conn) }()
		for answered := false; !answered; {
			// Whoever asks takes the upload over, once the other one has it.
			if a := kim.Ask(http.MethodHead, "/uploads/"+string(taken), nil); a.StatusCode != http.StatusOK {
				t.Fatal(a.Status)
			}
			select {
			case a := <-answer:
				if answered = true; !fits(a) {
					t.Errorf("%s, another request went on: %s", name, a)
				}
			default:
			}
		}
	}
}
