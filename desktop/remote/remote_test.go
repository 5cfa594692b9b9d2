package remote

import "testing"

func TestARemoteSessionIsToldByItsEnvironment(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want bool
	}{
		{"a desk", map[string]string{"DISPLAY": ":0"}, false},
		{"a desk, by its socket", map[string]string{"DISPLAY": "unix:0"}, false},
		{"a desk on macOS", map[string]string{"DISPLAY": "/private/tmp/launch/org.xquartz:0"}, false},
		{"Wayland, whatever X says", map[string]string{"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": "localhost:10.0"}, false},
		{"nothing at all", nil, false},
		{"ssh -X", map[string]string{"DISPLAY": "localhost:10.0"}, true},
		{"a terminal", map[string]string{"DISPLAY": "thin17.corp.example:0"}, true},
		{"xrdp", map[string]string{"DISPLAY": ":10", "XRDP_SESSION": "1"}, true},
		{"NoMachine", map[string]string{"DISPLAY": ":1001", "NXSESSIONID": "A"}, true},
		{"VNC", map[string]string{"DISPLAY": ":2", "VNCDESKTOP": "talk:2 (kim)"}, true},
	} {
		if got := byEnvironment(func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
