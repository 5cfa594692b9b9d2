package xsync

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// listed makes an answer to the question for the counters, as a server does.
func listed(counters ...string) []byte {
	raw := make([]byte, 32)
	binary.LittleEndian.PutUint32(raw[8:], uint32(len(counters)))
	for n, name := range counters {
		raw = append(raw, words(uint32(n+1), 0, 4)...)
		raw = binary.LittleEndian.AppendUint16(raw, uint16(len(name)))
		raw = append(raw, name...)
		raw = append(raw, make([]byte, -len(raw)&3)...)
	}
	return raw
}

func TestACounterIsFoundByItsName(t *testing.T) {
	raw := listed("SERVERTIME", "IDLETIME", "DEVICEIDLETIME 2", "X")
	for name, want := range map[string]Counter{"SERVERTIME": 1, "IDLETIME": 2, "DEVICEIDLETIME 2": 3, "X": 4, "": 0, "IDLE": 0} {
		if got, err := find(raw, name); got != want || err != nil {
			t.Errorf("%q: %d, %v", name, got, err)
		}
	}
}

func TestValuesHaveTheirUpperHalfFirst(t *testing.T) {
	const value = -3 * (1 << 33)
	if got := wide(words(high(value), uint32(value&0xffffffff))); got != value {
		t.Errorf("%d", got)
	}
	e, ok := readAlarmNotify(append([]byte{84, 1, 0, 0}, words(7, 1, 2, 0, 0, 0, 0)...)).(AlarmNotify)
	if !ok || e.Alarm != 7 || e.Value != 1<<32+2 {
		t.Errorf("%+v", e)
	}
}

func TestARequestTellsItsLengthInWords(t *testing.T) {
	s := &Sync{opcode: 134}
	if got := s.request(queryCounter, words(9)); !bytes.Equal(got, []byte{134, 5, 2, 0, 9, 0, 0, 0}) {
		t.Errorf("%v", got)
	}
}

func FuzzTheListOfCountersIsReadWithinItsBounds(f *testing.F) {
	f.Add(listed("SERVERTIME", "IDLETIME"))
	f.Add(listed("IDLETIME")[:40])
	f.Fuzz(func(t *testing.T, raw []byte) {
		if c, err := find(raw, "IDLETIME"); c != 0 && err != nil {
			t.Errorf("%d and %v", c, err)
		}
	})
}
