package notify

import (
	"encoding/json"
	"os"
	"testing"
)

func TestCases(t *testing.T) {
	raw, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Row       int       `json:"row"`
		Name      string    `json:"name"`
		Situation Situation `json:"situation"`
		Want      Verdict   `json:"want"`
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	decided := map[string]bool{}
	rows := map[int]bool{}
	for _, c := range cases {
		got := Decide(c.Situation)
		if got != c.Want {
			t.Errorf("row %d, %s: %+v, want %+v", c.Row, c.Name, got, c.Want)
		}
		decided[got.Why], rows[c.Row] = true, true
	}
	for _, l := range Lines {
		if !decided[l.Why] {
			t.Errorf("no case is decided by %q", l.Why)
		}
	}
	for _, row := range []int{1, 2, 3, 4, 5, 6, 7, 10, 11, 16} {
		if !rows[row] {
			t.Errorf("no case for row %d", row)
		}
	}
}

func TestExactlyOneDeviceSpeaksAtOnce(t *testing.T) {
	raw, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name      string    `json:"name"`
		Situation Situation `json:"situation"`
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		speaking := 0
		for me := range c.Situation.Devices {
			s := c.Situation
			s.Devices = append([]Device(nil), s.Devices...)
			for i := range s.Devices {
				s.Devices[i].Self = i == me
			}
			if Decide(s).Then == Speak {
				speaking++
			}
		}
		if speaking > 1 {
			t.Errorf("%s: %d devices speak", c.Name, speaking)
		}
	}
}
