package api

import (
	"testing"

	"sendjay/server/files"
	"sendjay/shared/protocol"
)

func TestTheTableOfPathsIsWhatIsServed(t *testing.T) {
	served := map[string]bool{}
	for path, methods := range (&API{}).allRoutes() {
		for method := range methods {
			served[method+" "+path] = true
		}
	}
	streams, err := (&API{Config: Config{Files: files.New(files.Config{})}}).streams()
	if err != nil {
		t.Fatal(err)
	}
	for path, s := range streams {
		for _, method := range s.methods {
			served[method+" "+path] = true
		}
	}
	for _, r := range protocol.AllRoutes() {
		if name := r.Method + " " + r.Path; !served[name] {
			t.Errorf("%s stands in the table and is not served", name)
		} else {
			delete(served, name)
		}
	}
	for name := range served {
		t.Errorf("%s is served and does not stand in the table", name)
	}
}
