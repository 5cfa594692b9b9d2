package api

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sendjay/server/command"
	"sendjay/server/files"
	"sendjay/shared/protocol"
)

func TestOurFaults(t *testing.T) {
	var log bytes.Buffer
	fails := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret of the inside") })
	a, err := New(Config{Files: files.New(files.Config{}), Commands: command.New(command.Config{}), UI: fails, Socket: fails, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a panic is answered in our shape, without the inside, and logged with the place", func(t *testing.T) {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		var f protocol.Refused
		if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil || w.Code != 500 || f.Error.Code != protocol.Internal {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "inside") || !strings.Contains(log.String(), "fault_test.go") {
			t.Errorf("said %s, logged %s", w.Body, log.String())
		}
	})
	t.Run("an aborted request stays aborted", func(t *testing.T) {
		defer func() {
			if recover() != http.ErrAbortHandler {
				t.Error("swallowed")
			}
		}()
		a.UI = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		a.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	})
}
