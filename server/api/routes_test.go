package api

import (
	"testing"

	"sendjay/shared/protocol"
)

func TestTheTableOfPathsIsWhatIsServed(t *testing.T) {
	served := map[string]bool{}
	for path, methods := range (&API{}).allRoutes() {
		for method := range methods {
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
