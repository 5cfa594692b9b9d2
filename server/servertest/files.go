package servertest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"sendjay/shared/protocol"
)

// Answer is what came back of one request, read to its end.
type Answer struct {
	*http.Response
	Raw []byte
}

// Uploading asks for a place for a file.
func (p *Person) Uploading(room protocol.RoomID, name string, size int64) Answer {
	p.server.t.Helper()
	said := func(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) }
	return p.Ask(http.MethodPost, "/uploads/", nil, "Upload-Length", strconv.FormatInt(size, 10), "Upload-Metadata", "room "+said(string(room))+",name "+said(name))
}

// Ask makes any request under /api/v1 with pairs of header names and values.
func (p *Person) Ask(method, path string, body io.Reader, head ...string) Answer {
	t := p.server.t
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.server.URL+"/api/v1"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.AccessToken)
	r.Header.Set("Tus-Resumable", "1.0.0")
	if method == http.MethodPatch {
		r.Header.Set("Content-Type", "application/offset+octet-stream")
	}
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{answer, raw}
}

// Patch sends bytes of an upload.
func (p *Person) Patch(id protocol.FileID, at int64, content []byte, head ...string) Answer {
	p.server.t.Helper()
	return p.Ask(http.MethodPatch, "/uploads/"+string(id), bytes.NewReader(content), append([]string{"Upload-Offset", strconv.FormatInt(at, 10)}, head...)...)
}

// Begun begins an upload that must be let in.
func (p *Person) Begun(room protocol.RoomID, name string, size int64) protocol.FileID {
	p.server.t.Helper()
	made := p.Uploading(room, name, size)
	id, ok := strings.CutPrefix(made.Header.Get("Location"), "/api/v1/uploads/")
	if made.StatusCode != http.StatusCreated || !ok {
		p.server.t.Fatalf("upload of %q: %s %s", name, made.Status, made.Raw)
	}
	return protocol.FileID(id)
}

// Upload uploads a file in one piece.
func (p *Person) Upload(room protocol.RoomID, name string, content []byte) protocol.FileID {
	p.server.t.Helper()
	id := p.Begun(room, name, int64(len(content)))
	if done := p.Patch(id, 0, content); done.StatusCode != http.StatusNoContent {
		p.server.t.Fatalf("bytes of %q: %s %s", name, done.Status, done.Raw)
	}
	return id
}

// SendFile sends a file and returns the id of the message.
func (p *Person) SendFile(room protocol.RoomID, file protocol.FileID, body string) (protocol.MessageID, error) {
	p.server.t.Helper()
	id := protocol.MessageID(uuid.Must(uuid.NewV7()).String())
	var refused protocol.Refused
	if status := p.Do(protocol.OpMessageSend, protocol.SendMessage{ID: id, Room: room, Type: protocol.File, Body: protocol.Text(body), File: file}, &refused); status != http.StatusOK {
		return id, fmt.Errorf("%d %s %s", status, refused.Error.Code, refused.Error.Field)
	}
	return id, nil
}

// Room makes a room with others.
func (p *Person) Room(others ...protocol.UserID) protocol.RoomID {
	p.server.t.Helper()
	var made protocol.RoomCreated
	if status := p.Do(protocol.OpRoomCreate, protocol.CreateRoom{Members: others}, &made); status != http.StatusOK {
		p.server.t.Fatalf("no room: %d", status)
	}
	return made.Room.ID
}
