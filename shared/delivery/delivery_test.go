package delivery

import (
	"encoding/json"
	"os"
	"testing"

	"sendjay/shared/protocol"
)

func TestEachItemMeetsItsFate(t *testing.T) {
	raw, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Op   protocol.Op
		Type protocol.MessageType
		Rule Rule
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	seen := map[protocol.Op]bool{}
	for _, c := range cases {
		seen[c.Op] = true
		if got := Of(c.Op, c.Type); got != c.Rule {
			t.Errorf("%s %q: %+v, want %+v", c.Op, c.Type, got, c.Rule)
		}
	}
	for _, line := range protocol.Commands {
		if !seen[line.Op] {
			t.Errorf("testdata/cases.json has no case of %s", line.Op)
		}
		if _, ok := Rules[line.Class]; !ok {
			t.Errorf("%s has the class %q, which has no rule", line.Op, line.Class)
		}
	}
}
