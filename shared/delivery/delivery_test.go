package delivery

import (
	"encoding/json"
	"os"
	"testing"

	"sendjay/shared/protocol"
)

func TestCases(t *testing.T) {
	raw, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name string               `json:"name"`
		Op   protocol.Op          `json:"op"`
		Type protocol.MessageType `json:"type"`
		Want Rule                 `json:"want"`
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	seen := map[protocol.Op]bool{}
	for _, c := range cases {
		seen[c.Op] = true
		if got := Of(c.Op, c.Type); got != c.Want {
			t.Errorf("%s: %+v, want %+v", c.Name, got, c.Want)
		}
	}
	for _, c := range protocol.Commands {
		if !seen[c.Op] {
			t.Errorf("no case for %s", c.Op)
		}
	}
}
