package download_test

import (
	"os"
	"path/filepath"
	"testing"

	"sendjay/desktop/download"
)

func TestTheFolderIsTheOneOfTheDesktop(t *testing.T) {
	home, config := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", config)
	for content, want := range map[string]string{
		"": "Downloads", "# nothing\n": "Downloads", "XDG_DOWNLOAD_DIR=\"$HOME/다운로드\"\n": "다운로드",
		"XDG_DOWNLOAD_DIR=\"$HOME/\"\n": "Downloads", "XDG_DOWNLOAD_DIR=\"relative\"\n": "Downloads",
	} {
		if err := os.WriteFile(filepath.Join(config, "user-dirs.dirs"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := download.Folder()
		if err != nil || got != filepath.Join(home, want) {
			t.Errorf("%q: %s %v", content, got, err)
		}
	}
}
