// Package windows makes the package for Windows; only its test is Go.
package windows

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sendjay/desktop/caretaker"
)

// table returns the rows of a table of a package, cells by column, under the key of the first column.
func table(t *testing.T, msi, name string) map[string]map[string]string {
	t.Helper()
	out, err := exec.Command("msiinfo", "export", msi, name).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(string(out), "\r", ""), "\n"), "\n")
	columns := strings.Split(lines[0], "\t")
	rows := map[string]map[string]string{}
	for _, line := range lines[min(3, len(lines)):] {
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			row[columns[i]] = cell
		}
		rows[row[columns[0]]] = row
	}
	return rows
}

// pack makes a package of programs that are none.
func pack(t *testing.T, version string, programs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, p := range programs {
		if err := os.WriteFile(filepath.Join(dir, p), []byte(p), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	msi := filepath.Join(dir, "out", "sendjay.msi")
	if out, err := exec.Command("./msi.sh", version, dir, msi).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return msi
}

func TestThePackageSaysWhatWindowsIsToDo(t *testing.T) {
	msi := pack(t, "v1.4.2-3-gabcdef0", "sendjay.exe", "sendjay-window.exe")

	properties := table(t, msi, "Property")
	for name, want := range map[string]string{
		"ProductVersion": "1.4.2", "ALLUSERS": "1", "REINSTALLMODE": "amus",
		"UpgradeCode": "{7B0C2D1E-5A94-4C36-9E0B-51D3A86F4E27}", // for good: by it a newer one finds the older one
	} {
		if got := properties[name]["Value"]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	secure := strings.Split(properties["SecureCustomProperties"]["Value"], ";")
	for _, name := range []string{"SERVERURL", "STARTHIDDEN", "AUTOSTART", "START", "KEEPRUNNING", "WIX_UPGRADE_DETECTED", "WIX_DOWNGRADE_DETECTED"} {
		if !slices.Contains(secure, name) {
			t.Errorf("an elevated installation loses %s: %q", name, secure)
		}
	}

	components := table(t, msi, "Component")
	for name, want := range map[string]string{"Server": "SERVERURL", "Hidden": "STARTHIDDEN", "AtSignIn": `AUTOSTART<>"0"`, "Tray": "", "Window": ""} {
		if got, there := components[name]; !there || got["Condition"] != want {
			t.Errorf("component %s: %v, want its condition to be %q", name, got, want)
		}
	}

	values := map[string]string{}
	for _, row := range table(t, msi, "Registry") {
		if row["Root"] != "-1" {
			t.Errorf("not where the scope wants it: %v", row)
		}
		values[row["Key"]+"|"+row["Name"]] = row["Value"]
	}
	for at, want := range map[string]string{
		// desktop/policy reads these, desktop/startup those below.
		`Software\Sendjay\Defaults|Server`:                      "[SERVERURL]",
		`Software\Sendjay\Defaults|StartHidden`:                 "[STARTHIDDEN]",
		`Software\Sendjay|Program`:                              `[INSTALLDIR]sendjay.exe`,
		`Software\Sendjay|Product`:                              "[ProductCode]",
		`Software\Microsoft\Windows\CurrentVersion\Run|Sendjay`: `"[INSTALLDIR]sendjay.exe" --hidden --at-sign-in`,
		`Software\Classes\sendjay\shell\open\command|`:          `"[INSTALLDIR]sendjay.exe" "%1"`,
		`Software\Classes\sendjay|URL Protocol`:                 "",
	} {
		if got, there := values[at]; !there || got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}

	shortcut := table(t, msi, "MsiShortcutProperty")["MenuEntryId"]
	toasts, err := os.ReadFile("../../desktop/toast/winrt_windows.go")
	if err != nil {
		t.Fatal(err)
	}
	if id := shortcut["PropVariantValue"]; id == "" || !strings.Contains(string(toasts), `appID, group = "`+id+`"`) {
		t.Errorf("the shortcut is not that of the notifications: %v", shortcut)
	}

	steps := table(t, msi, "InstallExecuteSequence")
	service := table(t, msi, "ServiceInstall")["UpdateService"]
	if service["Name"] != caretaker.Service || service["Arguments"] != caretaker.Flag || service["StartType"] != "3" || service["StartName"] != "LocalSystem" || service["Component_"] != "Tray" {
		t.Errorf("the service: %v", service)
	}
	// Started and looked at (RP, CC, LC, LO, RC) by whoever sits there; not stopped, changed or removed.
	rights := table(t, msi, "MsiLockPermissionsEx")["UpdateService"]
	if rights["LockObject"] != "UpdateService" || rights["Table"] != "ServiceInstall" || !strings.HasSuffix(rights["SDDLText"], "(A;;CCLCRPLORC;;;IU)") || strings.Count(rights["SDDLText"], "(") != 3 {
		t.Errorf("the service is open to others: %v", rights)
	}
	if ends := table(t, msi, "ServiceControl")["UpdateServiceEnds"]; ends["Name"] != caretaker.Service || ends["Event"] != "162" { // stop, stop at removal, remove
		t.Errorf("the service would stay: %v", ends)
	}
	const forAll = "(ALLUSERS=1 OR (ALLUSERS=2 AND NOT MSIINSTALLPERUSER=1))"
	for step, want := range map[string]string{"StopServices": forAll, "DeleteServices": forAll, "InstallServices": forAll + " AND INSTALLDIR ~<< ProgramFiles64Folder"} {
		if got := steps[step]["Condition"]; got != want {
			t.Errorf("%s if %q, want %q", step, got, want)
		}
	}
	if folder := table(t, msi, "Directory")["UPDATEDIR"]; folder["Directory_Parent"] != "INSTALLDIR" || folder["DefaultDir"] != filepath.Base(caretaker.Folder("sendjay.exe")) {
		t.Errorf("the folder of the service would stay: %v", folder)
	}
	last := ""
	for _, step := range []string{"AppSearch", "ServerMachine", "AutostartPreset", "PersonsFolder", "CostFinalize", "Quit", "InstallValidate", "InstallInitialize", "RemoveExistingProducts", "InstallFiles", "InstallFinalize", "Start"} {
		at := steps[step]["Sequence"]
		if at = strings.Repeat("0", 5-len(at)) + at; at <= last {
			t.Errorf("%s comes too early, at %s", step, at)
		}
		last = at
	}
	if got := steps["Start"]["Condition"]; !strings.Contains(got, `NOT (UserSID="S-1-5-18")`) {
		t.Errorf("the system itself would get a tray: %s", got)
	}
	for _, row := range table(t, msi, "Upgrade") {
		if row["ActionProperty"] == "WIX_UPGRADE_DETECTED" && (row["Attributes"] != "513" || row["VersionMax"] != "1.4.2") {
			t.Errorf("another build of the same number would stay beside: %v", row)
		}
	}
}

func TestEveryVersionIsAProductOfItsOwnAndTheSameAgain(t *testing.T) {
	code := func(version string) string {
		return table(t, pack(t, version, "sendjay.exe"), "Property")["ProductCode"]["Value"]
	}
	one, again, other := code("v1.0.0"), code("v1.0.0"), code("v1.0.0-1-gabc")
	if one == "" || one != again || one == other {
		t.Errorf("%s, %s, %s", one, again, other)
	}
}

func TestWhereNoWindowWasBuiltThePackageHasNone(t *testing.T) {
	if files := table(t, pack(t, "dev", "sendjay.exe"), "File"); len(files) != 2 || files["TrayExe"] == nil {
		t.Errorf("%v", files)
	}
}
