package policy

import "testing"

func TestWhichServersAreNamed(t *testing.T) {
	all, err := hosts(" Talk.example.com, *.corp.example,, 10.0.0.7 ")
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{
		"talk.example.com": true, "TALK.example.com": true, "10.0.0.7": true, "a.corp.example": true, "b.a.corp.example": true,
		"corp.example": false, "evilcorp.example": false, "talk.example.com.evil.example": false, "example.com": false, "": false, ".corp.example": false,
	} {
		if all.Have(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
	if Hosts(nil).Have("talk.example.com") {
		t.Error("nobody is named, and somebody is")
	}
	for _, bad := range []string{"*", "*.", "*.*.example", "https://talk.example.com", "talk.example.com:443", "kim@talk.example.com", "a b"} {
		if _, err := hosts(bad); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
}
